// The loop around the core, for whoever runs it in a process of his own.

import * as given from "./arguments.js";
import { fresh } from "./entropy.js";
import { closed } from "./error.js";
import { Call, type Surroundings, failure, hex } from "./gate/call.js";
import { type Clock, systemClock } from "./gate/clock.js";
import { toConsole } from "./gate/console.js";
import { Ledger, type Settled } from "./gate/ledger.js";
import { harmless } from "./gate/observe.js";
import { Owed } from "./gate/owed.js";
import { type Perform, perform } from "./gate/perform.js";
import { type About, NOBODY, type Observer, aboutAssignment, why } from "./gate/step.js";
import { Watch } from "./gate/watch.js";
import type { Seller, SellerDescription } from "./seller.js";
import type { Store } from "./store/contract.js";
import type { Answer, Assignment, CloudEvent, Outcome, Request } from "./types.js";

export { type Perform, type Sending, Refusal, accepted } from "./gate/perform.js";
export type { Clock } from "./gate/clock.js";
export type { About, Observer, Step } from "./gate/step.js";

/** What a gate needs beside the seller. */
export interface GateOptions {
  seller: Seller;
  store: Store;
  /** The seller's application: carries out effects and answers questions. */
  perform: Perform;
  /**
   * Is told of every step. Without it the console hears of what was refused and what failed, one call of it for each, and
   * never of a secret, a query or the data of a person.
   */
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
  readonly #methods: readonly string[];
  readonly #surroundings: Surroundings;
  readonly #running = new Set<Promise<unknown>>();
  /** Why the last send of an effect that is owed did not end it. */
  readonly #last = new Map<string, string>();
  #closed = false;

  /** Throws for options that are of the wrong kind, and `unknown-seller` for a seller that was closed. */
  constructor(options: GateOptions) {
    const { seller, store, perform: run, observe = toConsole, clock = systemClock } = given.object(options, "options");
    given.able(seller, "seller", "admit", "decide", "settle");
    given.able(store, "store", "load", "commit", "scan", "purge");
    given.able(run, "perform");
    given.able(observe, "observe");
    given.able(clock, "clock", "now", "sleepUntil");
    if (options.entropy !== undefined) given.able(options.entropy, "entropy");
    this.description = seller.describe();
    this.#methods = [...new Set(this.description.routes.map(({ method }) => method))];
    this.#seller = seller;
    this.#ledger = new Ledger(store, new Watch());
    this.#clock = clock;
    this.#entropy = options.entropy ?? ((): Uint8Array => fresh(32));
    this.#observe = harmless(observe);
    this.#surroundings = {
      seller,
      ledger: this.#ledger,
      clock,
      entropy: this.#entropy,
      send: (assignment, name, question = false) => this.#send(run, assignment, name, question),
      detach: (work) => this.#track(work),
      finish: (assignment, outcome, name) => this.#finish(assignment, outcome, name),
      note: this.#observe,
      settled: (name, about, effect, outcome, settled) => this.#settled(name, about, effect, outcome, settled),
    };
    this.#owed = new Owed(this.#surroundings, this.description.products.length);
  }

  /** Takes up unfinished work, now and whenever some is due. Call it once, before the first request. */
  start(): this {
    if (this.#closed) throw closed();
    this.#owed.look();
    return this;
  }

  /**
   * Answers one call. Never rejects: what goes wrong is an answer that makes the platform call again, as is everything after
   * {@link Gate.close}. `peer` is where the connection came from, for the steps.
   */
  handle(request: Request, options: { requestId?: Uint8Array; peer?: string } = {}): Promise<Answer> {
    const { requestId = fresh(16), peer = null } = options;
    const call = new Call(this.#surroundings, requestId, peer);
    return this.#closed ? call.decline(request, closed()) : this.#track(call.run(request));
  }

  /** @internal How much of a body is of any use, bytes: nothing where no route takes the call. */
  bodyLimit(method: string, target: string): number {
    return this.#seller.bodyLimit(method, target) ?? 0;
  }

  /** @internal Whether a route has the path of this target, whatever its method. */
  knows(target: string): boolean {
    return this.#methods.some((method) => this.#seller.bodyLimit(method, target) !== null);
  }

  /** @internal Says of a call that it failed before it reached the gate. */
  fail(error: unknown): void {
    this.#observe(hex(fresh(16)), { step: "failed", ...NOBODY, ...failure(error), error });
  }

  /** The application says by itself how an effect ended. Throws the code of a report that cannot be taken. */
  async report(effectId: string, outcome: Outcome): Promise<Reported> {
    if (this.#closed) throw closed();
    given.object(outcome, "outcome");
    const settled = await this.#ledger.settle((rows) =>
      this.#seller.report(effectId, rows, outcome, { now: this.#clock.now(), entropy: this.#entropy() }),
    );
    this.#settled("report", NOBODY, effectId, outcome, settled);
    const { settling } = settled;
    if (settling === "unknown") return "unknown";
    return settling === "ended" || settling === "repeated" ? "taken" : "superseded";
  }

  /** Takes up nothing more, and resolves when every call and every send has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#owed.stop();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #send(run: Perform, assignment: Assignment, name: string, question: boolean): Promise<Outcome> {
    const { effect, attempt, give_up_at } = assignment;
    const event = JSON.parse(effect.body) as CloudEvent;
    const sent = { ...aboutAssignment(assignment), effect: effect.id, event: event.type, attempt };
    if (question) this.#observe(name, { step: "asked", ...sent });
    else this.#observe(name, { step: "performed", ...sent, last: this.#last.get(effect.id) ?? null });

    const over = new AbortController();
    const answered = new AbortController();
    const late = this.#clock.sleepUntil(give_up_at, answered.signal).then((): Outcome => {
      if (!answered.signal.aborted) this.#observe(name, { step: "gave-up", ...sent });
      return { kind: "failed" };
    });
    const sending = {
      effectId: effect.id,
      fencingToken: event.fencingtoken,
      giveUpAt: give_up_at,
      signal: over.signal,
      effect,
    };
    const performed = perform(run, event, sending, (what) => this.#observe(name, { step: "threw", ...sent, ...what }));
    const outcome = await Promise.race([performed, late]);
    answered.abort();
    over.abort();
    return outcome;
  }

  async #finish(assignment: Assignment, outcome: Outcome, name: string): Promise<void> {
    const about = aboutAssignment(assignment);
    try {
      const settled = await this.#ledger.settle((rows) =>
        this.#seller.settle(assignment.work, null, rows, outcome, { now: this.#clock.now(), entropy: this.#entropy() }),
      );
      this.#settled(name, about, assignment.effect.id, outcome, settled);
    } catch (error) {
      // The lease runs out and the same effect is sent again: nothing is lost.
      this.#observe(name, { step: "failed", ...about, ...failure(error), error });
    }
  }

  #settled(name: string, about: About, effect: string, { kind }: Outcome, settled: Settled): void {
    const { instance, settling, promoted, reason, alarms } = settled;
    if (settling !== "owed") this.#last.delete(effect);
    else if (kind !== "running") this.#last.set(effect, reason?.code ?? kind);
    if (promoted) this.#owed.look();
    const whose = { ...about, instance: instance ?? about.instance };
    for (const alarm of alarms) this.#observe(name, { step: "alarm", ...whose, ...alarm });
    this.#observe(name, { step: "settled", ...whose, effect, outcome: kind, ...why(reason) });
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const ended = work.finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    return ended;
  }
}
