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
  override readonly name = "CountersignError";
  readonly code: string;
  readonly number: number;
  /** The mistakes of a configuration, all of them; with `invalid-configuration` only. */
  readonly problems: readonly Problem[] | undefined;

  constructor(code: string, number: number, message: string, problems?: readonly Problem[]) {
    super(message);
    this.code = code;
    this.number = number;
    this.problems = problems;
  }

  /** The one shape that an error has in every language. */
  toJSON(): { code: string; number: number; message: string; problems?: readonly Problem[] } {
    const { code, number, message, problems } = this;
    return problems === undefined ? { code, number, message } : { code, number, message, problems };
  }
}

/** What was passed cannot be written into a frame: a number out of range, a text with characters that HTTP has not. */
export function malformed(what: string): CountersignError {
  return new CountersignError("malformed-frame", 602, `the request cannot be read: \`${what}\``);
}

/** A seller that was closed, or never opened. */
export function unknownSeller(): CountersignError {
  return new CountersignError("unknown-seller", 604, "no seller with this handle is open");
}

/** A defect of the core or of this package. The call is lost, the next one is served. */
export function internal(cause: string): CountersignError {
  return new CountersignError("internal", 510, `the call could not be carried out: ${cause}`);
}
