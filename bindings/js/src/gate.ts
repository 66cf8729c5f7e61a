// The loop around the core, for whoever runs it in a process of his own.

import { fresh } from "./entropy.js";
import { Call, type Surroundings } from "./gate/call.js";
import { type Clock, systemClock } from "./gate/clock.js";
import { Ledger } from "./gate/ledger.js";
import { Owed } from "./gate/owed.js";
import { type Perform, perform } from "./gate/perform.js";
import { type Observer, type Step, codeOf } from "./gate/step.js";
import { Watch } from "./gate/watch.js";
import type { Seller, SellerDescription } from "./seller.js";
import type { Store } from "./store/contract.js";
import type { Answer, Assignment, Outcome, Request, Settlement } from "./types.js";

export { type Perform, type Sending, Refusal, accepted } from "./gate/perform.js";
export type { Clock } from "./gate/clock.js";
export type { Observer, Step } from "./gate/step.js";

/** What a gate needs beside the seller. */
export interface GateOptions {
  seller: Seller;
  store: Store;
  /** The seller's application: carries out effects and answers questions. */
  perform: Perform;
  /** Is told of every step. */
  observe?: Observer;
  clock?: Clock;
  /** 32 fresh bytes for each call; another source than the runtime's is for runs that are to be repeated. */
  entropy?: () => Uint8Array;
}

/** What a report of finished work did. */
export type Reported = "taken" | "superseded" | "unknown";

/** Answers calls over a store. Several gates, in several processes, may share one. */
export class Gate {
  /** Times, limits, products and routes. */
  readonly description: SellerDescription;
  readonly #seller: Seller;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #entropy: () => Uint8Array;
  readonly #observe: Observer;
  readonly #owed: Owed;
  readonly #surroundings: Surroundings;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: GateOptions) {
    const { seller, store, perform: run, observe = () => {}, clock = systemClock } = options;
    this.description = seller.describe();
    this.#seller = seller;
    this.#ledger = new Ledger(store, new Watch());
    this.#clock = clock;
    this.#entropy = options.entropy ?? ((): Uint8Array => fresh(32));
    this.#observe = observe;
    this.#surroundings = {
      seller,
      ledger: this.#ledger,
      clock,
      entropy: this.#entropy,
      send: (assignment) => this.#send(run, assignment),
      detach: (work) => this.#track(work),
      finish: (work, outcome, name) => this.#finish(work, outcome, name),
      note: observe,
      promoted: () => this.#owed.look(),
    };
    this.#owed = new Owed(this.#surroundings);
  }

  /** Takes up unfinished work, now and whenever some is due. Call it once, before the first request. */
  start(): this {
    this.#owed.look();
    return this;
  }

  /** Answers one call. Never rejects: what goes wrong is an answer that makes the platform call again. */
  handle(request: Request, options: { requestId?: Uint8Array } = {}): Promise<Answer> {
    return this.#track(new Call(this.#surroundings, options.requestId ?? fresh(16)).run(request));
  }

  /** The application says by itself how an effect ended. Throws the code of a report that cannot be taken. */
  async report(effectId: string, outcome: Outcome): Promise<Reported> {
    const settled = await this.#settle("report", outcome.kind, (rows) =>
      this.#seller.report(effectId, rows, outcome, { now: this.#clock.now(), entropy: this.#entropy() }),
    );
    if (settled === "unknown") return "unknown";
    return settled === "ended" || settled === "repeated" ? "taken" : "superseded";
  }

  /** Takes up nothing owed any more, and resolves when every call and every send has ended. */
  async close(): Promise<void> {
    await this.#owed.stop();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #send(run: Perform, { effect, give_up_at }: Assignment): Promise<Outcome> {
    const over = new AbortController();
    const answered = new AbortController();
    const late = this.#clock.sleepUntil(give_up_at, answered.signal).then((): Outcome => ({ kind: "failed" }));
    const outcome = await Promise.race([perform(run, effect, give_up_at, over.signal), late]);
    answered.abort();
    over.abort();
    return outcome;
  }

  async #finish(work: Uint8Array, outcome: Outcome, name: string): Promise<void> {
    try {
      await this.#settle(name, outcome.kind, (rows) =>
        this.#seller.settle(work, null, rows, outcome, { now: this.#clock.now(), entropy: this.#entropy() }),
      );
    } catch (error) {
      // The lease runs out and the same effect is sent again: nothing is lost.
      this.#observe(name, { step: "failed", reason: codeOf(error) });
    }
  }

  async #settle(name: string, outcome: string, ask: Parameters<Ledger["settle"]>[0]): Promise<Settling> {
    const settled = await this.#ledger.settle(ask);
    if (settled.promoted) this.#owed.look();
    const steps: Step[] = settled.alarms.map((alarm) => ({ step: "alarm", ...alarm }));
    for (const step of steps) this.#observe(name, step);
    this.#observe(name, { step: "settled", outcome, reason: settled.reason?.code ?? null });
    return settled.settling;
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const ended = work.finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    return ended;
  }
}

type Settling = Extract<Settlement, { settlement: "settled" }>["settling"];
