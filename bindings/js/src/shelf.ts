// Where answers are kept that are read later. One allocation serves many: making a buffer costs more than filling it.

import { viewed } from "./frame.js";

const SIZE = 65_536;
let shelf = viewed(new ArrayBuffer(0));
let used = 0;

/** Bytes that are nobody else's, somewhere in a larger buffer. Never handed out whole. */
export interface Kept {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Copies `length` bytes from `start`. */
export function keep(memory: Uint8Array, start: number, length: number): Kept {
  if (used + length > shelf.length) {
    shelf = viewed(new ArrayBuffer(Math.max(SIZE, length)));
    used = 0;
  }
  const kept = { bytes: shelf, start: used };
  shelf.set(memory.subarray(start, start + length), used);
  used += length;
  return kept;
}
