// What callers pass, on its way into a frame: looked at, measured, and written. JSON is printed once, and its length is
// known before anything is reserved.

import * as given from "./arguments.js";
import { READ_HEADERS } from "./constants.js";
import { malformed, misused } from "./error.js";
import type { FrameReader, FrameWriter } from "./frame.js";
import type { ChangeRequest, FlowInput, Outcome, Request, Row } from "./types.js";

/** What will be written, and at most how many bytes it takes. */
export interface Printed {
  readonly bound: number;
  write(frame: FrameWriter): void;
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** At most so many bytes, with the length before them. */
export const textBound = (value: string, what: string): number => 4 + given.text(value, what).length * 3;

export const bytesBound = (value: Uint8Array, what: string): number => 4 + given.bytes(value, what).length;

export const octetsBound = (value: string | Uint8Array, what: string): number => 4 + octets(value, what).length * 3;

/** What HTTP carries: bytes, or a text with one character for each. */
function octets(value: string | Uint8Array, what: string): string | Uint8Array {
  if (typeof value !== "string" && !given.isBytes(value)) throw misused(what, "a text or bytes");
  return value;
}

export const optionalBytesBound = (value: Uint8Array | null, what: string): number => bytesBound(value ?? EMPTY, what);

export function writeOptionalBytes(frame: FrameWriter, value: Uint8Array | null): void {
  frame.bytes(value ?? EMPTY);
}

/** So many bytes without their length: those that were passed, or fresh ones. */
export function writeFresh(frame: FrameWriter, value: Uint8Array | undefined, length: number, what: string): void {
  if (value === undefined) frame.fresh(length);
  else if (given.bytes(value, what).length !== length) throw malformed(what);
  else frame.raw(value);
}

/** A text is JSON already. */
export function printJson(value: object | string, what: string): Printed {
  return printTexts([typeof value === "string" ? value : given.exact(value, what)], what);
}

function printTexts(texts: readonly string[], what: string): Printed {
  const bound = texts.reduce((sum, text) => sum + textBound(text, what), 0);
  return { bound, write: (frame) => texts.forEach((text) => frame.text(text)) };
}

export function printRequest(request: Request, what: string): Printed {
  const { method, target, body = EMPTY } = given.object(request, what);
  const headers = request.headers === undefined ? NONE : listed(request.headers);
  let bound = 17 + textBound(method, "method") + octetsBound(target, "target");
  if (body !== null) bound += octets(body, "body").length * 3;
  let [read, withheldBytes] = [0, 0];
  for (const [name, value] of headers) {
    const length = given.text(name, "headers").length + octets(value, "headers").length;
    if (isRead(name)) {
      read++;
      bound += 8 + length * 3;
    } else if (typeof value === "string" && BEYOND_OCTETS.test(value)) throw malformed("headers");
    else withheldBytes += length;
  }
  return {
    bound,
    write: (frame) => {
      frame.text(method).octets(target, "target").u32(read);
      if (read > 0) {
        for (const [name, value] of headers) if (isRead(name)) frame.text(name).octets(value, "headers");
      }
      frame.u32(headers.length - read).u32(withheldBytes);
      if (body === null) frame.u8(1).u32(0);
      else if (typeof body === "string") frame.u8(0).text(body);
      else frame.u8(0).bytes(body);
    },
  };
}

type Headers = readonly (readonly [name: string, value: string | Uint8Array])[];

const NONE: Headers = [];
/** What stands for no byte: a mistake of whoever made the text, and named also where nobody reads it. */
const BEYOND_OCTETS = /[^\0-\xff]/;
const READ_LENGTHS = new Set(READ_HEADERS.map((name) => name.length));

/** Whether the core reads this field. Handing one over costs more than counting it. */
const isRead = (name: string): boolean => READ_LENGTHS.has(name.length) && READ_HEADERS.includes(name.toLowerCase());

function listed(headers: Iterable<Headers[number]>): Headers {
  if (Array.isArray(headers) && headers.every(Array.isArray)) return headers as unknown as Headers;
  if (!Array.isArray(headers) && typeof headers?.[Symbol.iterator] === "function") return listed(collected(headers));
  throw misused("headers", "pairs of a name and a value");
}

function collected(headers: Iterable<Headers[number]>): Headers {
  try {
    return [...headers];
  } catch (error) {
    throw malformed("headers", error);
  }
}

export function printRowList(rows: readonly Row[], what: string): Printed {
  const bound = given.list(rows, what).reduce((sum, row) => sum + rowBound(row, what), 4);
  return {
    bound,
    write: (frame) => {
      frame.u32(rows.length);
      for (const row of rows) writeRow(frame, row, what);
    },
  };
}

export function printRow(row: Row, what: string): Printed {
  return { bound: rowBound(row, what), write: (frame) => writeRow(frame, row, what) };
}

function rowBound(row: Row, what: string): number {
  const { key, value } = given.object(row, what);
  const bound = 1 + textBound(key, what);
  return value === null ? bound : bound + 8 + bytesBound(given.object(value, what).bytes, what);
}

function writeRow(frame: FrameWriter, { key, value }: Row, what: string): void {
  frame.text(key);
  if (value === null) frame.u8(0);
  else frame.u8(1).bytes(value.bytes).u64(value.version, what);
}

export function printOutcome(outcome: Outcome, what: string): Printed {
  given.object(outcome, what);
  switch (outcome.kind) {
    case "done": {
      const answer = outcome.answer === undefined ? EMPTY : encoder.encode(given.printed(outcome.answer, what));
      return { bound: 5 + answer.length, write: (frame) => void frame.u8(1).bytes(answer) };
    }
    case "accepted":
      return variant(2);
    case "refused":
      return variant(3, printTexts([outcome.code, outcome.message ?? ""], what));
    case "failed":
      return variant(4);
    case "running":
      return variant(5);
    default:
      throw malformed(what);
  }
}

/** The number of a variant, and what stands behind it. */
function variant(number: number, content?: Printed): Printed {
  if (content === undefined) return { bound: 1, write: (frame) => void frame.u8(number) };
  return { bound: 1 + content.bound, write: (frame) => content.write(frame.u8(number)) };
}

export function printFlowInput(input: FlowInput, what: string): Printed {
  given.object(input, what);
  switch (input.input) {
    case "loaded":
      return variant(1, printRowList(input.rows, "rows"));
    case "committed":
      return variant(2);
    case "conflicted":
      return variant(3);
    case "uncertain":
      return variant(4, printTexts([input.code], what));
    case "failed":
      return variant(5, printTexts([input.code], what));
    case "late":
      return variant(6);
    case "sent":
      return variant(7, printOutcome(input.outcome, "outcome"));
    case "woken":
      return variant(8);
    default:
      throw malformed(what);
  }
}

export function printChangeRequest(request: ChangeRequest, what: string): Printed {
  given.object(request, what);
  switch (request.change) {
    case "report":
      return variant(1, pair(printTexts([request.effect], "effect"), printOutcome(request.outcome, "outcome")));
    case "access": {
      const [product, instance] = [given.text(request.product, "product"), given.text(request.instance, "instance")];
      return variant(2, printTexts([product, instance, given.exact(request.access, "access")], what));
    }
    case "import": {
      const { product = "", line } = request;
      return variant(3, pair(printTexts([product], "product"), printJson(line, "line")));
    }
    default:
      throw malformed(what);
  }
}

const pair = (first: Printed, second: Printed): Printed => ({
  bound: first.bound + second.bound,
  write: (frame) => {
    first.write(frame);
    second.write(frame);
  },
});

export const readJson = <T>(frame: FrameReader): T => JSON.parse(frame.text()) as T;

/** An instance as the line that imports it elsewhere; `null` for one that is not open yet. */
export interface Exported {
  instance: string | null;
  /** Effects that stay behind. */
  owed: number;
}

export const readExport = (frame: FrameReader): Exported =>
  frame.u8() === 1 ? { instance: frame.text(), owed: frame.u64() } : { instance: null, owed: 0 };
