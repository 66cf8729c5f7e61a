// Fresh bytes from the runtime's cryptographic generator, drawn in larger pieces: one small draw costs as much as a
// whole verdict. Every byte is given once and overwritten.

const POOL = 4096;
let pool = new Uint8Array(POOL);
let used = POOL;

/** So many fresh bytes, at most 4 096. */
export function fresh(length: number): Uint8Array {
  if (used + length > POOL) {
    globalThis.crypto.getRandomValues(pool);
    used = 0;
  }
  const drawn = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return drawn;
}
