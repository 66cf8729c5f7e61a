// What callers pass, looked at before it is used: a mistake of theirs is named, and is an error with a code like any other.

import { malformed, misused } from "./error.js";

/** Bytes of whichever realm: a test runner has a `Uint8Array` of its own. */
export const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && (value as Uint8Array).BYTES_PER_ELEMENT === 1;

export function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw misused(what, "a text");
  return value;
}

export function bytes(value: unknown, what: string): Uint8Array {
  if (!isBytes(value)) throw misused(what, "bytes");
  return value;
}

export function object<T extends object>(value: T, what: string): T {
  if (typeof value !== "object" || value === null) throw misused(what, "an object");
  return value;
}

export function list<T>(value: readonly T[], what: string): readonly T[] {
  if (!Array.isArray(value)) throw misused(what, "an array");
  return value;
}

/** A function, or an object with these functions. */
export function able(value: unknown, what: string, ...methods: readonly string[]): void {
  if (methods.length === 0 && typeof value !== "function") throw misused(what, "a function");
  const owner = value as Record<string, unknown> | null | undefined;
  const missing = methods.find((method) => typeof owner?.[method] !== "function");
  if (missing !== undefined) throw misused(what, `an object with the function \`${missing}\``);
}

/** As JSON text. */
export function printed(value: unknown, what: string): string {
  return print(value, what);
}

/** As JSON text in which every number stands: JSON would turn what is not finite into `null`, which means something else. */
export function exact(value: unknown, what: string): string {
  return print(value, what, (_, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member)) throw new RangeError(`JSON has no ${member}`);
    return member;
  });
}

function print(value: unknown, what: string, replace?: (name: string, member: unknown) => unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replace);
  } catch (error) {
    throw malformed(what, error); // it contains itself, or a BigInt, or a number that JSON has not
  }
  if (text === undefined) throw misused(what, "what JSON can hold");
  return text;
}
