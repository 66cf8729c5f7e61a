// What `admit` finds. An admitted call is read out of its answer field by field, when it is asked for: a host that only
// verifies pays for no more.

import { ADMITTED, readAnswer, seekAdmitted } from "./codec.js";
import { FrameReader } from "./frame.js";
import { ANSWER_HEAD, lastAnswer } from "./module.js";
import { readReason } from "./reason.js";
import { type ArenaBytes, copyToArena } from "./arena.js";
import type { AdmittedEvent, Answer, Reason } from "./types.js";

/** Genuine and understood, or to be answered at once; `verdict` tells which. */
export type Verdict = Admitted | Refused;

/** A genuine call: load the rows of `keys`, then `decide`. */
export class Admitted {
  readonly verdict = "admitted";
  readonly #answer: ArenaBytes;
  #event: AdmittedEvent | undefined;
  #keys: string[] | undefined;
  #admission: Uint8Array | undefined;

  /** @internal */
  constructor(answer: ArenaBytes) {
    this.#answer = answer;
  }

  /** `saas-v2`. */
  get dialect(): string {
    return this.#field(ADMITTED.dialect).text();
  }

  /** The product of the route. */
  get product(): string {
    return this.#field(ADMITTED.product).text();
  }

  /** Test traffic. */
  get test(): boolean {
    return this.#field(ADMITTED.test).u8() === 1;
  }

  /** What the call means. Holds contact data in plain text. */
  get event(): AdmittedEvent {
    return (this.#event ??= JSON.parse(this.eventJson) as AdmittedEvent);
  }

  /** The same as the core printed it: numbers keep their digits. */
  get eventJson(): string {
    return this.#field(ADMITTED.event).text();
  }

  /** The rows to load before `decide`. */
  get keys(): string[] {
    return (this.#keys ??= this.#field(ADMITTED.keys).list((key) => key.text()));
  }

  /** Opaque, bound to this configuration; goes to `decide`, `settle` and `decline`. Holds contact data in plain text. */
  get admission(): Uint8Array {
    return (this.#admission ??= this.#field(ADMITTED.admission).bytes());
  }

  /** When the answer must have left, milliseconds, UTC. */
  get answer_by(): number {
    return this.#field(ADMITTED.answer_by).u64();
  }

  /** A reader before this field. */
  #field(number: number): FrameReader {
    return seekAdmitted(new FrameReader(this.#answer.bytes, this.#answer.start + ANSWER_HEAD + 1), number);
  }
}

/** Answer it; nothing was read or written, and nothing else is to be done. */
export interface Refused {
  readonly verdict: "refused";
  /** For the operator; the answer does not tell it. */
  reason: Reason;
  /** The dialect of the route, where one was found. */
  dialect: string | null;
  /** The product of the route, where one was found. */
  product: string | null;
  /** Constant for each result code; echoes nothing of the call. */
  answer: Answer;
  /** A key of the route signed the call: it is the platform's own, not a stranger's. */
  authenticated: boolean;
}

/** @internal */
export function readVerdict(frame: FrameReader): Verdict {
  if (frame.u8() === 1) {
    const { memory, start, length } = lastAnswer();
    return new Admitted(copyToArena(memory, start, length));
  }
  const [reason, product] = [readReason(frame), frame.optional((text) => text.text())];
  const [answer, authenticated] = [readAnswer(frame), frame.u8() === 1];
  return { verdict: "refused", reason, dialect: frame.optional((text) => text.text()), product, answer, authenticated };
}
