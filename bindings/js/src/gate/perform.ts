// From the seller's own function to an outcome.

import * as given from "../arguments.js";
import { CountersignError } from "../error.js";
import type { AnswerTo, EventAnswer, EventType } from "../events.js";
import type { CloudEvent, CloudEventOf, Effect, Outcome } from "../types.js";
import { type FlowTime, OVER } from "./clock.js";
import type { Told } from "./notes.js";
import { thrown } from "./thrown.js";

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
export type Perform = (event: CloudEvent, sending: Sending) => Performed<EventAnswer>;

/** An answer, {@link accepted}, or nothing; at once or later. */
export type Performed<Answer> = Answer | Accepted | void | Promise<Answer | Accepted | void>;

/** The type of {@link accepted}, which is the one value that has it. */
export interface Accepted {
  readonly [isAccepted]: true;
}

declare const isAccepted: unique symbol;

/** Taken in, not finished: the same effect comes again until it is, or is reported. */
export const accepted = Object.freeze({}) as Accepted;

/** One function for each type of event, each with the event and the answer of that type. */
export type Handlers = {
  [T in EventType]?: (event: CloudEventOf<T>, sending: Sending) => Performed<AnswerTo<T>>;
};

/**
 * A {@link Perform} out of one function for each type. An event that none of them is for fails, and comes again: nothing is lost
 * until there is one. `otherwise` takes those instead.
 */
export function handlers(each: Handlers, otherwise?: Perform): Perform {
  return async (event, sending) => {
    const type = event.type.slice("countersign.".length);
    const own = Object.hasOwn(each, type) ? each[type as EventType] : undefined;
    const handle = (own as Perform | undefined) ?? otherwise;
    if (handle === undefined) throw new Error(`no handler for ${event.type}`);
    return await handle(event, sending);
  };
}

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

/** Runs the application's function until nobody waits for it any more; never rejects. `tell` hears what it throws, however late. */
export async function perform(
  run: Perform,
  effect: Effect,
  giveUpAt: number,
  time: FlowTime,
  tell: (what: Told) => void,
): Promise<Outcome> {
  const event = JSON.parse(effect.body) as CloudEvent;
  const over = new AbortController();
  const waiting = new AbortController();
  const late = time.sleepUntil(giveUpAt, waiting.signal).then((): Outcome => {
    if (!waiting.signal.aborted) tell({ step: "gave-up" });
    return { kind: "failed" };
  });
  const sending = { effectId: effect.id, fencingToken: event.fencingtoken, giveUpAt, signal: over.signal, effect };
  const outcome = await Promise.race([outcomeOf(run, event, sending, tell), late]);
  waiting.abort(OVER);
  over.abort();
  return outcome;
}

async function outcomeOf(
  run: Perform,
  event: CloudEvent,
  sending: Sending,
  tell: (what: Told) => void,
): Promise<Outcome> {
  try {
    const answer = await run(event, sending);
    if (answer === accepted) return { kind: "accepted" };
    return { kind: "done", answer: answered(answer ?? {}) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", code: String(error.code), message: String(error.message) };
    if (!isEcho(error, sending.signal)) tell({ step: "threw", ...thrown(error, event) });
    return { kind: "failed" };
  }
}

/** Whoever passes the signal on rejects when it fires: that the time was over is known already. */
const isEcho = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || (error as { name?: unknown } | null)?.name === "AbortError");

/** Whether it is right the core says; here it must be something that can be told to the core. */
function answered(answer: object): object {
  if (typeof answer !== "object") throw noAnswer();
  try {
    given.exact(answer, "perform");
  } catch (error) {
    throw noAnswer(error);
  }
  return answer;
}

function noAnswer(cause?: unknown): CountersignError {
  const message = "`perform` must return an object that JSON can hold, or nothing";
  return new CountersignError("backend-answer-invalid", 506, message, undefined, { cause });
}
