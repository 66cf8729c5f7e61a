// An arena for answers that are read later. One allocation serves many: making a buffer costs more than filling it.

import { viewed } from "./frame.js";

const SIZE = 65_536;
let arena = viewed(new ArrayBuffer(0));
let used = 0;

/** Bytes that are nobody else's, somewhere in a larger buffer. Never handed out whole. */
export interface ArenaBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Copies `length` bytes from `start`. */
export function copyToArena(memory: Uint8Array, start: number, length: number): ArenaBytes {
  if (used + length > arena.length) {
    arena = viewed(new ArrayBuffer(Math.max(SIZE, length)));
    used = 0;
  }
  const copied = { bytes: arena, start: used };
  arena.set(memory.subarray(start, start + length), used);
  used += length;
  return copied;
}
