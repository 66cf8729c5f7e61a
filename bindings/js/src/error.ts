import { REASONS } from "./reasons.js";

/** One mistake in a configuration. */
export interface Problem {
  /** Where: `routes[0].keys[1]`. */
  path: string;
  /** `missing`, `unknown-field`, `unknown-value`, `wrong-type`, `malformed`, `out-of-range`, `stray-character`, `duplicate`, `conflict`. */
  code: string;
  /** A sentence; never holds a value that may be secret. */
  message: string;
}

/** Everything that this package throws. Match on `code` or `number`, which never change their meaning; not on `message`. */
export class CountersignError extends Error {
  override readonly name: string = "CountersignError";
  readonly code: string;
  readonly number: number;
  /** The mistakes of a configuration, all of them; with `invalid-configuration` only. */
  readonly problems: readonly Problem[] | undefined;
  readonly #summary: string;

  /** `summary` is the first line of `message`; each problem has a line of its own after it. */
  constructor(
    code: string,
    number: number,
    summary: string,
    problems?: readonly Problem[],
    options?: { cause?: unknown },
  ) {
    super([summary, ...(problems ?? []).map(({ path, message }) => `${path}: ${message}`)].join("\n  "), options);
    this.code = code;
    this.number = number;
    this.problems = problems;
    this.#summary = summary;
  }

  /** The one shape that an error has in every language; the problems stand beside the message. */
  toJSON(): { code: string; number: number; message: string; problems?: readonly Problem[] } {
    const { code, number, problems } = this;
    const message = this.#summary;
    return problems === undefined ? { code, number, message } : { code, number, message, problems };
  }
}

/** What was passed cannot be written into a frame: a number out of range, a text with characters that HTTP has not. */
export function malformed(what: string, cause?: unknown): CountersignError {
  const options = cause === undefined ? undefined : { cause };
  return new CountersignError("malformed-frame", 602, `the request cannot be read: \`${what}\``, undefined, options);
}

/** What was passed is of the wrong kind; `expected` says what it must be. */
export function misused(what: string, expected: string): CountersignError {
  return new CountersignError("malformed-frame", 602, `\`${what}\` must be ${expected}`);
}

/** A seller that was closed, or never opened. */
export function unknownSeller(): CountersignError {
  return new CountersignError("unknown-seller", 604, "no seller with this handle is open");
}

/** A gate that takes up nothing any more. */
export function closed(): CountersignError {
  return new CountersignError("overloaded", 509, "the gate is closed");
}

/** The error that has this code, in the words of the core. */
export function coded(code: string): CountersignError {
  const found = Object.entries(REASONS).find(([, [known]]) => known === code);
  return found === undefined
    ? new CountersignError(code, 510, "an error of a later release")
    : new CountersignError(code, Number(found[0]), found[1][1]);
}

/** A defect of the core or of this package. The call is lost, the next one is served. */
export function internal(reason: string, cause?: unknown): CountersignError {
  const options = cause === undefined ? undefined : { cause };
  const message = `the call could not be carried out: ${reason}`;
  return new CountersignError("internal", 510, message, undefined, options);
}
