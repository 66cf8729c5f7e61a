// One call on its way: load, decide, commit, perform, settle. It knows no rule; whatever it does the core said.

import { fresh } from "../entropy.js";
import { CountersignError } from "../error.js";
import type { Seller } from "../seller.js";
import type { Alarm, Answer, Assignment, Outcome, Request, Row } from "../types.js";
import type { Refused } from "../verdict.js";
import type { Clock } from "./clock.js";
import { type Ledger, type Settled, conflicts } from "./ledger.js";
import { pathOf } from "./path.js";
import { type About, NOBODY, type Step, aboutAssignment, why } from "./step.js";
import type { Subscription } from "./watch.js";

/** What a call needs of its gate. */
export interface Surroundings {
  readonly seller: Seller;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** 32 fresh bytes. */
  entropy(): Uint8Array;
  /** Has the application carry it out, or answer a question; `name` is for the steps that come of it. */
  send(assignment: Assignment, name: string, question?: boolean): Promise<Outcome>;
  /** Goes on without the call that began it. */
  detach(work: Promise<void>): void;
  /** Settles a work whose call was answered long ago. */
  finish(assignment: Assignment, outcome: Outcome, name: string): Promise<void>;
  note(name: string, step: Step): void;
  /** Says what came of an outcome that is in the ledger, and looks for what may have come to the front. */
  settled(name: string, about: About, effect: string, outcome: Outcome, settled: Settled): void;
}

/** Rounds of one call before it is declined: each is a load and a decision. */
const MAX_ROUNDS = 64;
/** Another process wakes nobody here: a waiter looks again after so many milliseconds. */
const LOOK_AGAIN = 200;
/** So long before the deadline an answer is settled and committed, milliseconds. */
const SETTLE = 100;

/** When not even an answer can be built: the platform counts anything but 200 as an outage and calls again. */
const unavailable = (): Answer => ({ status: 503, headers: [], body: new Uint8Array(0) });

export class Call {
  readonly #gate: Surroundings;
  readonly #requestId: Uint8Array;
  readonly #name: string;
  readonly #peer: string | null;
  #about: About = NOBODY;

  constructor(gate: Surroundings, requestId: Uint8Array, peer: string | null = null) {
    this.#gate = gate;
    this.#requestId = requestId;
    this.#name = hex(requestId);
    this.#peer = peer;
  }

  async run(request: Request): Promise<Answer> {
    const { seller, clock } = this.#gate;
    try {
      const verdict = seller.admit(request, { now: clock.now(), requestId: this.#requestId });
      if (verdict.verdict === "refused") return this.#refused(request, verdict);
      const { admission, dialect, product, event, test, keys, answer_by } = verdict;
      this.#about = { product, dialect, order: event.order_id ?? null, instance: event.instance_id ?? null };
      this.#note({ step: "admitted", ...this.#about, event: event.type, test });
      return await this.#decide(admission, keys, answer_by).catch((error) => this.#decline(admission, error));
    } catch (error) {
      this.#failed(error);
      return unavailable();
    }
  }

  /** Judges the call like any other, and does nothing of what a genuine one asks for. */
  async decline(request: Request, cause: CountersignError): Promise<Answer> {
    const { seller, clock } = this.#gate;
    try {
      const verdict = seller.admit(request, { now: clock.now(), requestId: this.#requestId });
      if (verdict.verdict === "refused") return this.#refused(request, verdict);
      return this.#decline(verdict.admission, cause);
    } catch (error) {
      this.#failed(error);
      return unavailable();
    }
  }

  #refused({ method, target }: Request, { reason, dialect, product, answer }: Refused): Answer {
    const { code, ...more } = reason;
    const refused = { method, path: pathOf(target), product, dialect, peer: this.#peer };
    this.#note({ step: "refused", reason: code, ...more, ...refused });
    return answer;
  }

  async #decide(admission: Uint8Array, keys: readonly string[], answerBy: number): Promise<Answer> {
    const { seller, ledger, clock } = this.#gate;
    let rows: Row[] = [];
    let wanted = keys;
    let watching: Subscription | undefined;
    let lost: CountersignError | undefined;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        rows = await ledger.load(wanted, rows);
        const now = clock.now();
        const decision = seller.decide(admission, rows, { now, entropy: this.#gate.entropy() });
        switch (decision.decision) {
          case "need":
            wanted = decision.keys;
            continue;
          case "wait":
            watching = await this.#wait(decision.keys, decision.until, watching);
            break;
          case "answer":
            lost = await ledger.attempt(decision.commit);
            if (lost === undefined) {
              this.#about = { ...this.#about, instance: decision.instance ?? this.#about.instance };
              this.#alarms(decision.alarms);
              this.#note({ step: "answered", ...this.#about, ...why(decision.reason) });
              return decision.answer;
            }
            await this.#conflicted(now, answerBy);
            break;
          case "perform":
          case "ask":
            lost = await ledger.attempt(decision.commit);
            if (lost === undefined) return await this.#perform(admission, decision, decision.decision === "ask");
            await this.#conflicted(now, answerBy);
            break;
        }
        rows = [];
        wanted = keys;
      }
    } finally {
      watching?.close();
    }
    throw lost ?? conflicts();
  }

  /** Sends, and settles with what came back in time; what comes later is settled without this call. */
  async #perform(admission: Uint8Array, assignment: Assignment, question: boolean): Promise<Answer> {
    const { seller, ledger, clock } = this.#gate;
    this.#about = aboutAssignment(assignment);
    const until = question ? assignment.give_up_at : assignment.answer_by;
    const sending = this.#gate.send(assignment, this.#name, question);
    this.#alarms(assignment.alarms);
    const waiting = new AbortController();
    const late = clock.sleepUntil(until - SETTLE, waiting.signal).then(() => undefined);
    let outcome = await Promise.race([sending, late]);
    waiting.abort();
    if (outcome === undefined) {
      this.#note({ step: "out-of-time", ...this.#about });
      if (!question) this.#gate.detach(sending.then((ended) => this.#gate.finish(assignment, ended, this.#name)));
      outcome = { kind: "running" };
    }
    const ended = outcome;
    const settled = await ledger.settle((rows) =>
      seller.settle(assignment.work, admission, rows, ended, { now: clock.now(), entropy: this.#gate.entropy() }),
    );
    this.#gate.settled(this.#name, this.#about, assignment.effect.id, ended, settled);
    return settled.answer ?? seller.decline(admission);
  }

  /**
   * Waits for a change of one of these rows. The first time it only begins to watch: the rows may have changed between the
   * load and now.
   */
  async #wait(keys: readonly string[], until: number, watching: Subscription | undefined): Promise<Subscription> {
    const { ledger, clock } = this.#gate;
    this.#note({ step: "waited", ...this.#about });
    if (watching !== undefined) {
      const waiting = new AbortController();
      const lookAgain = Math.min(clock.now() + LOOK_AGAIN, until);
      await Promise.race([watching.changed, clock.sleepUntil(lookAgain, waiting.signal)]);
      waiting.abort();
      watching.close();
    }
    return ledger.watch.subscribe(keys);
  }

  /** Somebody else changed the rows: a short pause of varying length, so that rivals do not stay in step. */
  async #conflicted(now: number, answerBy: number): Promise<void> {
    this.#note({ step: "conflicted", ...this.#about });
    const pause = (fresh(1)[0] as number) % 8;
    await this.#gate.clock.sleepUntil(Math.min(now + pause, answerBy), new AbortController().signal);
  }

  #alarms(alarms: readonly Alarm[]): void {
    for (const { code, instance } of alarms) this.#note({ step: "alarm", ...this.#about, code, instance });
  }

  #decline(admission: Uint8Array, error: unknown): Answer {
    this.#failed(error);
    return this.#gate.seller.decline(admission);
  }

  #failed(error: unknown): void {
    this.#note({ step: "failed", ...this.#about, ...failure(error), error });
  }

  #note(step: Step): void {
    this.#gate.note(this.#name, step);
  }
}

/** The name of a call in its steps. */
export const hex = (requestId: Uint8Array): string =>
  Array.from(requestId, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The code and the sentence of whatever was thrown. */
export function failure(error: unknown): { reason: string; message: string } {
  if (error instanceof CountersignError) return { reason: error.code, message: error.message };
  return { reason: "internal", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
