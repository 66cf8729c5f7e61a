// From the seller's own function to an outcome.

import type { CloudEvent, Effect, Outcome } from "../types.js";

/** What the application is told beside the event. */
export interface Sending {
  /** The same for every send of one effect: keep it, and answer the second one as the first. */
  effectId: string;
  /** Never goes down within an instance: refuse what comes with a lower one than you have seen. */
  fencingToken: number | undefined;
  /** Nobody waits for the answer after this time, milliseconds, UTC. */
  giveUpAt: number;
  /** Fires then. */
  signal: AbortSignal;
  effect: Effect;
}

/**
 * Carries out one effect, or answers a question. What it returns is the answer (`front_end_url` at least for
 * `subscribe`, nothing where nothing is needed), or {@link accepted}. It refuses by throwing a {@link Refusal}; anything
 * else that it throws is a failure, and the same effect comes again.
 */
export type Perform = (event: CloudEvent, sending: Sending) => object | void | Promise<object | void>;

/** Taken in, not finished: the same effect comes again until it is, or is reported. */
export const accepted: object = Object.freeze({});

/** A refusal for a reason of the seller's own: sold out, not for this buyer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** `000100` and up, by the dialect's table. */
  readonly code: string;

  constructor(code: string, message = "") {
    super(message);
    this.code = code;
  }
}

/** Runs the application's function; never rejects. */
export async function perform(run: Perform, effect: Effect, giveUpAt: number, signal: AbortSignal): Promise<Outcome> {
  try {
    const event = JSON.parse(effect.body) as CloudEvent;
    const sending = { effectId: effect.id, fencingToken: event.fencingtoken, giveUpAt, signal, effect };
    const answer = await run(event, sending);
    if (answer === accepted) return { kind: "accepted" };
    return { kind: "done", answer: answer ?? {} };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", code: error.code, message: error.message };
    return { kind: "failed" };
  }
}
