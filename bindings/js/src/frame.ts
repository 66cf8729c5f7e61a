// Length-prefixed fields, little-endian: how operations and their answers travel through the module's memory.

import { malformed } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const HIGH = 0x1_0000_0000;

/** Writes one request into bytes that were reserved for it; whoever reserves them knows how long it can become. */
export class FrameWriter {
  #bytes = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /** The head of a request: version 1, and the seller's handle (0: none). */
  begin(memory: Uint8Array<ArrayBuffer>, pointer: number, seller: number): this {
    this.#bytes = memory;
    this.#start = this.#at = pointer;
    return this.u32(1).u32(seller);
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

  optionalU64(value: number | null | undefined, what: string): this {
    return value === null || value === undefined ? this.u8(0) : this.u8(1).u64(value, what);
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

  /** What HTTP carries: bytes, or a text with one character for each byte, as Node and `fetch` give it. */
  octets(value: string | Uint8Array, what: string): this {
    if (typeof value !== "string") return this.bytes(value);
    this.u32(value.length);
    const bytes = this.#bytes;
    let at = this.#at;
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

  constructor(bytes: Uint8Array, start = 0) {
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

  /** A copy: the memory that it stood in belongs to the next call. */
  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.u32();
    const at = this.#at;
    this.#at = at + length;
    return this.#bytes.slice(at, at + length);
  }

  text(): string {
    const length = this.u32();
    const at = this.#at;
    this.#at = at + length;
    return decodeText(this.#bytes, at, at + length);
  }

  list<T>(item: (reader: this) => T): T[] {
    return Array.from({ length: this.u32() }, () => item(this));
  }

  optional<T>(item: (reader: this) => T): T | null {
    return this.u8() === 0 ? null : item(this);
  }
}

/** Up to so many bytes a loop beats the decoder. */
const SHORT = 24;

function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}
