// Fresh bytes from the runtime's cryptographic generator, drawn in larger pieces: one small draw costs as much as a
// whole verdict. Every byte is given once and overwritten.

const POOL = 8192;
const pool = new Uint8Array(POOL);
let used = POOL;

/** Puts `length` fresh bytes, at most 8 192, into `bytes` from `at` on. */
export function fillRandom(bytes: Uint8Array, at: number, length: number): void {
  if (used + length > POOL) {
    globalThis.crypto.getRandomValues(pool);
    used = 0;
  }
  for (let index = 0; index < length; index++) {
    bytes[at + index] = pool[used] as number;
    pool[used++] = 0;
  }
}

/** So many fresh bytes, at most 8 192. */
export function fresh(length: number): Uint8Array {
  const drawn = new Uint8Array(length);
  fillRandom(drawn, 0, length);
  return drawn;
}
