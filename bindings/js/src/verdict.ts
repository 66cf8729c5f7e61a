// What `admit` finds. An admitted call is read out of its answer field by field, when it is asked for: a host that only
// verifies pays for no more.

import { readAnswer, readReason } from "./codec.js";
import { FrameReader } from "./frame.js";
import { ANSWER_HEAD, copyOfAnswer } from "./module.js";
import type { Answer, Event, Reason } from "./types.js";

/** Genuine and understood, or to be answered at once; `verdict` tells which. */
export type Verdict = Admitted | Refused;

/** A genuine call: load the rows of `keys`, then `decide`. */
export class Admitted {
  readonly verdict = "admitted";
  readonly #answer: Uint8Array;
  #fields: Fields | undefined;
  #event: Event | undefined;

  /** @internal */
  constructor(answer: Uint8Array) {
    this.#answer = answer;
  }

  /** `saas-v2`. */
  get dialect(): string {
    return this.#read().dialect;
  }

  /** The product of the route. */
  get product(): string {
    return this.#read().product;
  }

  /** Test traffic. */
  get test(): boolean {
    return this.#read().test;
  }

  /** What the call means. Holds contact data in plain text. */
  get event(): Event {
    return (this.#event ??= JSON.parse(this.#read().event) as Event);
  }

  /** The same as the core printed it: numbers keep their digits. */
  get eventJson(): string {
    return this.#read().event;
  }

  /** The rows to load before `decide`. */
  get keys(): string[] {
    return this.#read().keys;
  }

  /** Opaque, bound to this configuration; goes to `decide`, `settle` and `decline`. Holds contact data in plain text. */
  get admission(): Uint8Array {
    return this.#read().admission;
  }

  /** When the answer must have left, milliseconds, UTC. */
  get answer_by(): number {
    return this.#read().answer_by;
  }

  #read(): Fields {
    return (this.#fields ??= readFields(this.#answer));
  }
}

interface Fields {
  dialect: string;
  product: string;
  test: boolean;
  event: string;
  keys: string[];
  admission: Uint8Array;
  answer_by: number;
}

function readFields(answer: Uint8Array): Fields {
  const frame = new FrameReader(answer, ANSWER_HEAD + 1);
  return {
    dialect: frame.text(),
    product: frame.text(),
    test: frame.u8() === 1,
    event: frame.text(),
    keys: frame.list((key) => key.text()),
    admission: frame.bytes(),
    answer_by: frame.u64(),
  };
}

/** Answer it; nothing was read or written, and nothing else is to be done. */
export interface Refused {
  readonly verdict: "refused";
  /** For the operator; the answer does not tell it. */
  reason: Reason;
  /** The product of the route, where one was found. */
  product: string | null;
  /** Constant for each result code; echoes nothing of the call. */
  answer: Answer;
}

/** @internal */
export function readVerdict(frame: FrameReader): Verdict {
  if (frame.u8() === 1) return new Admitted(copyOfAnswer());
  const reason = readReason(frame);
  return { verdict: "refused", reason, product: frame.optional((text) => text.text()), answer: readAnswer(frame) };
}
