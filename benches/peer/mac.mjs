// HMAC-SHA256 with `node:crypto`, in the two ways that are worth comparing with.

import { createHmac, hash } from 'node:crypto';

const BLOCK = 64;

/** As every example does it. Faster than with a `KeyObject`, and than copies of a keyed `Hash`. */
export class PlainMac {
  #key;

  /** @param {Buffer} key */
  constructor(key) {
    this.#key = key;
  }

  /** The MAC of a text or of bytes, as a Buffer or in an encoding. */
  digest(payload, encoding) {
    return createHmac('sha256', this.#key).update(payload).digest(encoding);
  }
}

/**
 * HMAC written out (RFC 2104) over the one-shot `hash` of Node 20.12: no object is made for OpenSSL, and the padded key
 * stands ready in front of the room for the message. The fastest that `node:crypto` offers; few would write it.
 */
export class FastMac {
  #inner;
  #outer;

  /** @param {Buffer} key */
  constructor(key) {
    const block = Buffer.alloc(BLOCK);
    (key.length > BLOCK ? hash('sha256', key, 'buffer') : key).copy(block);
    this.#inner = Buffer.concat([block.map((byte) => byte ^ 0x36), Buffer.alloc(4_096)]);
    this.#outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  }

  /** The MAC of a text or of bytes, as a Buffer or in an encoding. */
  digest(payload, encoding = 'buffer') {
    const most = typeof payload === 'string' ? payload.length * 3 : payload.length;
    if (this.#inner.length < BLOCK + most) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK), Buffer.alloc(most)]);
    }
    const length = typeof payload === 'string' ? this.#inner.utf8Write(payload, BLOCK) : payload.copy(this.#inner, BLOCK);
    hash('sha256', this.#inner.subarray(0, BLOCK + length), 'buffer').copy(this.#outer, BLOCK);
    return hash('sha256', this.#outer, encoding);
  }
}
