// Carries out what a flow asks for: loads, commits, sends, waits. It knows no rule and no order of steps; the core does.

import type { CountersignError } from "../error.js";
import type { Seller } from "../seller.js";
import { type Store, StoreError } from "../store/contract.js";
import type { Advance, Effect, FlowInput, FlowStep, Outcome, Write } from "../types.js";
import { type Clock, FlowTime, OVER } from "./clock.js";
import { type Failure, type Notes, type Told, failure } from "./notes.js";
import type { Subscription, Watch } from "./watch.js";

/** What a flow needs of its gate. */
export interface Surroundings {
  readonly seller: Seller;
  /** Whatever it throws has a code. */
  readonly store: Store;
  readonly watch: Watch;
  readonly clock: Clock;
  /** 32 fresh bytes. */
  entropy(): Uint8Array;
  /** Has the application carry it out, or answer a question; never rejects. */
  send(effect: Effect, giveUpAt: number, time: FlowTime, tell: (what: Told) => void): Promise<Outcome>;
  /** Goes on without the call that began it. */
  detach(work: Promise<unknown>): void;
  /** Looks for what is owed. */
  look(): void;
}

/** The last step of a flow. */
export type End = Extract<FlowStep, { step: "answer" | "done" }>;

/** What became of a step, and what went wrong with it. */
interface Result {
  readonly input: FlowInput;
  readonly failed?: Failure;
}

/** A step that is being carried out, or was at once. */
type UnderWay = Result | Promise<Result>;

const LATE: FlowInput = { input: "late" };

export class Flow {
  readonly notes: Notes;
  readonly time: FlowTime;
  readonly #gate: Surroundings;
  #watching: Subscription | undefined;

  constructor(gate: Surroundings, notes: Notes) {
    this.#gate = gate;
    this.notes = notes;
    this.time = new FlowTime(gate.clock);
  }

  /** What every operation that begins or continues a flow is asked with. */
  moment(): { now: number; entropy: Uint8Array } {
    return { now: this.time.now(), entropy: this.#gate.entropy() };
  }

  /** Takes notice of a step that the core gave. */
  take(advance: Advance): Advance {
    for (const note of advance.notes) this.notes.note(note, advance.step);
    if (advance.promoted) this.#gate.look();
    return advance;
  }

  /** Carries out step after step, to the end. */
  async run(advance: Advance): Promise<End> {
    try {
      while (!isEnd(advance.step)) advance = await this.turn(advance);
      return advance.step;
    } finally {
      this.#watching?.close();
    }
  }

  /** Carries out one step, and asks for the next. */
  async turn({ flow, step }: Advance): Promise<Advance> {
    const underWay = this.#carryOut(step);
    const next = this.#advance(flow, await this.#inTime(underWay, step));
    if (next.detached !== null) this.#gate.detach(this.#goOn(next.detached, underWay));
    return next;
  }

  /** Ends a flow for a reason of the host's. */
  fail({ flow, step }: Advance, error: CountersignError): End {
    if (isEnd(step)) return step;
    const failed = failure(error);
    const next = this.#advance(flow, { input: { input: "failed", code: failed.reason }, failed });
    if (isEnd(next.step)) return next.step;
    throw error;
  }

  /** What the core cannot take it can still decline. */
  #advance(flow: Uint8Array, { input, failed }: Result): Advance {
    const { seller } = this.#gate;
    if (failed !== undefined) this.notes.keep(failed);
    let next: Advance;
    try {
      next = seller.advance(flow, input, this.moment());
    } catch (error) {
      const failed = failure(error);
      this.notes.keep(failed);
      next = seller.advance(flow, { input: "failed", code: failed.reason }, { now: this.time.now() });
    }
    return this.take(next);
  }

  /** Goes on with a step that its flow did not wait for. */
  async #goOn(flow: Uint8Array, underWay: UnderWay): Promise<void> {
    const result = await underWay;
    const rest = new Flow(this.#gate, this.notes.fork());
    try {
      await rest.run(rest.#advance(flow, result));
    } catch (error) {
      rest.notes.tellFailure(error); // The lease runs out and the same effect is sent again: nothing is lost.
    }
  }

  #carryOut(step: FlowStep): UnderWay {
    switch (step.step) {
      case "load":
        return this.#load(step.keys, step.watch);
      case "commit":
        return this.#commit(step.writes);
      case "send":
        return this.#send(step.effect, step.give_up_at);
      default:
        return this.#wait(step.step === "wait" ? step.until : 0);
    }
  }

  /** What is there at once is not timed: a timer costs more than a load from memory. */
  async #inTime(underWay: UnderWay, step: FlowStep): Promise<Result> {
    if (!(underWay instanceof Promise) || step.step === "wait" || !("until" in step)) return underWay;
    if (step.until === Infinity) return underWay;
    const waiting = new AbortController();
    const late = this.time.sleepUntil(step.until, waiting.signal).then((): Result => {
      if (step.step === "send") return { input: LATE };
      const error = new StoreError("store-unavailable", "the store did not answer in time");
      return { input: LATE, failed: failure(error) };
    });
    const result = await Promise.race([underWay, late]);
    waiting.abort(OVER);
    return result;
  }

  #load(keys: readonly string[], watch: readonly string[]): UnderWay {
    if (watch.length > 0) {
      this.#watching?.close();
      this.#watching = this.#gate.watch.subscribe(watch);
    }
    return asked(
      () => this.#gate.store.load(keys),
      (rows) => ({ input: { input: "loaded", rows } }),
      (error) => failedBy(failure(error)),
    );
  }

  #commit(writes: readonly Write[]): UnderWay {
    const { store, watch } = this.#gate;
    const changed = writes.filter(({ change }) => change !== "check").map(({ key }) => key);
    return asked(
      () => store.commit(writes),
      (committed) => {
        if (committed !== "committed") return { input: { input: "conflicted" } };
        watch.notify(changed);
        return { input: { input: "committed" } };
      },
      (error) => {
        if (!(error instanceof StoreError) || error.code !== "commit-unknown") return failedBy(failure(error));
        watch.notify(changed);
        const failed = failure(new StoreError("store-unavailable", error.message, { cause: error }));
        return { input: { input: "uncertain", code: failed.reason }, failed };
      },
    );
  }

  async #send(effect: Effect, giveUpAt: number): Promise<Result> {
    const outcome = await this.#gate.send(effect, giveUpAt, this.time, this.notes.teller());
    return { input: { input: "sent", outcome } };
  }

  async #wait(until: number): Promise<Result> {
    const watching = this.#watching;
    this.#watching = undefined;
    const waiting = new AbortController();
    const slept = this.time.sleepUntil(until, waiting.signal);
    await Promise.race(watching === undefined ? [slept] : [watching.changed, slept]);
    waiting.abort(OVER);
    watching?.close();
    return { input: { input: "woken" } };
  }
}

/** Asks a store, which may answer at once. */
function asked<T>(
  ask: () => T | Promise<T>,
  answered: (value: T) => Result,
  failed: (error: unknown) => Result,
): UnderWay {
  let answer: T | Promise<T>;
  try {
    answer = ask();
  } catch (error) {
    return failed(error);
  }
  return answer instanceof Promise ? answer.then(answered, failed) : answered(answer);
}

export const isEnd = (step: FlowStep): step is End => step.step === "answer" || step.step === "done";

const failedBy = (failed: Failure): Result => ({ input: { input: "failed", code: failed.reason }, failed });
