// The loop around the core, for whoever runs it in a process of his own.

import * as given from "./arguments.js";
import { fresh } from "./entropy.js";
import { CountersignError, closed, internal } from "./error.js";
import { type Clock, systemClock } from "./gate/clock.js";
import { toConsole } from "./gate/console.js";
import { Flow, type Surroundings } from "./gate/flow.js";
import { type Arrived, type Causes, Notes, hex } from "./gate/notes.js";
import { harmless } from "./gate/observe.js";
import { Owed } from "./gate/owed.js";
import { type Perform, perform } from "./gate/perform.js";
import type { Observer } from "./gate/step.js";
import { Watch } from "./gate/watch.js";
import type { Seller } from "./seller.js";
import { CodedStore } from "./store/coded.js";
import type { Store } from "./store/contract.js";
import type { Answer, Outcome, Request, SellerDescription, Settling } from "./types.js";

export {
  type Accepted,
  type Handlers,
  type Perform,
  type Performed,
  type Sending,
  Refusal,
  accepted,
  handlers,
} from "./gate/perform.js";
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

/** When not even an answer can be built: the platform counts anything but 200 as an outage and calls again. */
const unavailable = (): Answer => ({ status: 503, headers: [], body: new Uint8Array(0) });

/** Answers calls over a store. Several gates, in several processes, may share one. */
export class Gate {
  /** Times, limits, products and routes. */
  readonly description: SellerDescription;
  readonly #seller: Seller;
  readonly #observe: Observer;
  readonly #owed: Owed;
  readonly #methods: readonly string[];
  readonly #surroundings: Surroundings;
  readonly #running = new Set<Promise<unknown>>();
  readonly #causes: Causes = new Map();
  #closed = false;

  /** Throws for options that are of the wrong kind, and `unknown-seller` for a seller that was closed. */
  constructor(options: GateOptions) {
    const { seller, store, perform: run, observe = toConsole, clock = systemClock } = given.object(options, "options");
    given.able(seller, "seller", "begin", "advance", "takeUp", "change");
    given.able(store, "store", "load", "commit", "scan", "purge");
    given.able(run, "perform");
    given.able(observe, "observe");
    given.able(clock, "clock", "now", "sleepUntil", ...(clock?.monotonic === undefined ? [] : ["monotonic"]));
    if (options.entropy !== undefined) given.able(options.entropy, "entropy");
    this.description = seller.describe();
    this.#methods = [...new Set(this.description.routes.map(({ method }) => method))];
    this.#seller = seller;
    this.#observe = harmless(observe);
    this.#surroundings = {
      seller,
      store: new CodedStore(store),
      watch: new Watch(),
      clock,
      entropy: options.entropy ?? ((): Uint8Array => fresh(32)),
      send: (effect, giveUpAt, time, tell) => perform(run, effect, giveUpAt, time, tell),
      detach: (work) => void this.#track(work),
      look: () => this.#owed.look(),
    };
    const products = this.description.products.length;
    this.#owed = new Owed(this.#surroundings, products, () => this.#notes("owed"));
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
    return this.#track(this.#handle(request, requestId, peer));
  }

  async #handle(request: Request, requestId: Uint8Array, peer: string | null): Promise<Answer> {
    const notes = this.#notes(hex(requestId), { request, peer });
    try {
      const flow = new Flow(this.#surroundings, notes);
      const begun = flow.take(this.#seller.begin(request, { now: flow.time.now(), requestId }));
      const end = this.#closed ? flow.fail(begun, closed()) : await flow.run(begun);
      if (end.step === "answer") return end.answer;
      throw internal("a call ended without an answer");
    } catch (error) {
      notes.tellFailure(error);
      return unavailable();
    }
  }

  #notes(name: string, arrived?: Arrived): Notes {
    return new Notes(this.#observe, name, this.#causes, arrived);
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
    this.#notes(hex(fresh(16))).tellFailure(error);
  }

  /** The application says by itself how an effect ended. Throws the code of a report that cannot be taken. */
  async report(effectId: string, outcome: Outcome): Promise<Reported> {
    if (this.#closed) throw closed();
    const settling = await this.#track(this.#report(effectId, outcome));
    if (settling === "unknown") return "unknown";
    return settling === "ended" || settling === "repeated" ? "taken" : "superseded";
  }

  async #report(effect: string, outcome: Outcome): Promise<Settling> {
    const flow = new Flow(this.#surroundings, this.#notes("report"));
    const begun = flow.take(this.#seller.change({ change: "report", effect, outcome }, flow.moment()));
    const end = await flow.run(begun);
    const changed = end.step === "done" ? end.changed : null;
    switch (changed?.changed) {
      case "reported":
        return changed.settling;
      case "failed":
        throw flow.notes.error(changed.code);
      case "invalid": {
        const { code, number, message } = changed.reason;
        throw new CountersignError(code, number, message);
      }
      default:
        throw internal("a report ended as another change");
    }
  }

  /** Takes up nothing more, and resolves when every call and every send has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#owed.stop();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const ended = work.finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    return ended;
  }
}
