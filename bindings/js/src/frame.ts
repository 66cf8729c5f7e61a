// Length-prefixed fields, little-endian: how operations and their answers travel through the module's memory.

import { FRAME_VERSION } from "./constants.js";
import { fillRandom } from "./entropy.js";
import { malformed } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const HIGH = 0x1_0000_0000;

/** Up to so many characters a loop beats a call into the runtime. */
const SHORT = 32;

/** Writes one request into bytes that were reserved for it; whoever reserves them knows how long it can become. */
export class FrameWriter {
  #bytes = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /** The head of a request: the version, and the seller's handle (0: none). */
  begin(memory: Uint8Array<ArrayBuffer>, pointer: number, seller: number): this {
    this.#bytes = memory;
    this.#start = this.#at = pointer;
    return this.u32(FRAME_VERSION).u32(seller);
  }

  get length(): number {
    return this.#at - this.#start;
  }

  u8(value: number): this {
    this.#bytes[this.#at++] = value;
    return this;
  }

  u32(value: number): this {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.#at = at + 4;
    return this;
  }

  /** A whole number from 0 to `Number.MAX_SAFE_INTEGER`; `what` names it where it is none. */
  u64(value: number, what: string): this {
    if (!Number.isSafeInteger(value) || value < 0) throw malformed(what);
    return this.u32(value >>> 0).u32(Math.floor(value / HIGH));
  }

  /** Bytes whose length the reader knows. */
  raw(value: Uint8Array): this {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  /** So many fresh bytes. */
  fresh(length: number): this {
    fillRandom(this.#bytes, this.#at, length);
    this.#at += length;
    return this;
  }

  /** A text as UTF-8. Texts here are short: a loop beats the encoder as long as they are ASCII. */
  text(value: string): this {
    const bytes = this.#bytes;
    const start = this.#at + 4;
    let at = start;
    let index = 0;
    for (; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) break;
      bytes[at++] = unit;
    }
    if (index < value.length) at += encoder.encodeInto(value.slice(index), bytes.subarray(at)).written;
    this.u32(at - start);
    this.#at = at;
    return this;
  }

  /**
   * What HTTP carries: bytes, or a text with one character for each byte, as Node and `fetch` give it. Room for three bytes
   * a character must have been reserved.
   */
  octets(value: string | Uint8Array, what: string): this {
    if (typeof value !== "string") return this.bytes(value);
    this.u32(value.length);
    const bytes = this.#bytes;
    let at = this.#at;
    // As many bytes as characters: all of them were ASCII, and the bytes are right already.
    if (value.length > SHORT && "utf8Write" in bytes && (bytes as NativeBytes).utf8Write(value, at) === value.length) {
      this.#at = at + value.length;
      return this;
    }
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0xff) throw malformed(what);
      bytes[at++] = unit;
    }
    this.#at = at;
    return this;
  }
}

/** Reads an answer, field by field in the order in which they were written. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  u8(): number {
    return this.#bytes[this.#at++] as number;
  }

  u16(): number {
    const at = (this.#at += 2);
    return (this.#bytes[at - 2] as number) | ((this.#bytes[at - 1] as number) << 8);
  }

  u32(): number {
    const low = this.u16();
    return (low | (this.u16() << 16)) >>> 0;
  }

  u64(): number {
    const low = this.u32();
    return this.u32() * HIGH + low;
  }

  /** Milliseconds; no bound at all is the largest number of 64 bits. */
  deadline(): number {
    const time = this.u64();
    return Number.isSafeInteger(time) ? time : Infinity;
  }

  /** A copy: the memory that it stood in belongs to the next call. */
  bytes(): Uint8Array<ArrayBuffer> {
    const start = this.skip();
    const copy = new Uint8Array(this.#at - start);
    copy.set(this.#bytes.subarray(start, this.#at));
    return copy;
  }

  text(): string {
    const start = this.skip();
    return decodeText(this.#bytes, start, this.#at);
  }

  /** Passes over bytes or a text, and says where they began. */
  skip(): number {
    const length = this.u32();
    const start = this.#at;
    this.#at = start + length;
    return start;
  }

  list<T>(item: (reader: this) => T): T[] {
    const items: T[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(item(this));
    return items;
  }

  optional<T>(item: (reader: this) => T): T | null {
    return this.u8() === 0 ? null : item(this);
  }
}

/** Node's, Deno's and Bun's own bytes, which become texts without a view in between. */
interface NativeBytes extends Uint8Array {
  utf8Write(text: string, at: number): number;
  utf8Slice(start: number, end: number): string;
}

interface NativeBuffer {
  from(buffer: ArrayBufferLike): NativeBytes;
}

const native = (globalThis as unknown as { Buffer?: NativeBuffer }).Buffer;

/** The same memory, as whatever this runtime turns into texts fastest. */
export function viewed(buffer: ArrayBufferLike): Uint8Array<ArrayBuffer> {
  return (native === undefined ? new Uint8Array(buffer) : native.from(buffer)) as Uint8Array<ArrayBuffer>;
}

function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return "utf8Slice" in bytes
    ? (bytes as NativeBytes).utf8Slice(start, end)
    : decoder.decode(bytes.subarray(start, end));
}
