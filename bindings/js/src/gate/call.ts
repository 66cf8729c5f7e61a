// One call on its way: load, decide, commit, perform, settle. It knows no rule; whatever it does the core said.

import { fresh } from "../entropy.js";
import type { Seller } from "../seller.js";
import type { Alarm, Answer, Assignment, Outcome, Request, Row } from "../types.js";
import type { Clock } from "./clock.js";
import { type Ledger, conflicts } from "./ledger.js";
import { type Step, codeOf } from "./step.js";
import type { Subscription } from "./watch.js";

/** What a call needs of its gate. */
export interface Surroundings {
  readonly seller: Seller;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** 32 fresh bytes. */
  entropy(): Uint8Array;
  send(assignment: Assignment): Promise<Outcome>;
  /** Goes on without the call that began it. */
  detach(work: Promise<void>): void;
  /** Settles a work whose call was answered long ago. */
  finish(work: Uint8Array, outcome: Outcome, name: string): Promise<void>;
  note(name: string, step: Step): void;
  promoted(): void;
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

  constructor(gate: Surroundings, requestId: Uint8Array) {
    this.#gate = gate;
    this.#requestId = requestId;
    this.#name = Array.from(requestId, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async run(request: Request): Promise<Answer> {
    const { seller, clock } = this.#gate;
    try {
      const verdict = seller.admit(request, { now: clock.now(), requestId: this.#requestId });
      if (verdict.verdict === "refused") {
        this.#note({ step: "refused", reason: verdict.reason.code });
        return verdict.answer;
      }
      const { admission, dialect, product, event, test, keys, answer_by } = verdict;
      this.#note({ step: "admitted", dialect, product, event: event.type, test });
      return await this.#decide(admission, keys, answer_by).catch((error) => this.#decline(admission, error));
    } catch (error) {
      this.#note({ step: "failed", reason: codeOf(error) });
      return unavailable();
    }
  }

  async #decide(admission: Uint8Array, keys: readonly string[], answerBy: number): Promise<Answer> {
    const { seller, ledger, clock } = this.#gate;
    let rows: Row[] = [];
    let wanted = keys;
    let watching: Subscription | undefined;
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
            if (await ledger.commit(decision.commit)) {
              this.#alarms(decision.alarms);
              this.#note({ step: "answered", reason: decision.reason?.code ?? null });
              return decision.answer;
            }
            await this.#conflicted(now, answerBy);
            break;
          case "perform":
          case "ask":
            if (await ledger.commit(decision.commit)) {
              const question = decision.decision === "ask";
              this.#note({ step: question ? "asked" : "performed", effect: decision.effect.id });
              return await this.#perform(admission, decision, question);
            }
            await this.#conflicted(now, answerBy);
            break;
        }
        rows = [];
        wanted = keys;
      }
    } finally {
      watching?.close();
    }
    throw conflicts();
  }

  /** Sends, and settles with what came back in time; what comes later is settled without this call. */
  async #perform(admission: Uint8Array, assignment: Assignment, question: boolean): Promise<Answer> {
    const { seller, ledger, clock } = this.#gate;
    this.#alarms(assignment.alarms);
    const until = question ? assignment.give_up_at : assignment.answer_by;
    const sending = this.#gate.send(assignment);
    const waiting = new AbortController();
    const late = clock.sleepUntil(until - SETTLE, waiting.signal).then(() => undefined);
    let outcome = await Promise.race([sending, late]);
    waiting.abort();
    if (outcome === undefined) {
      this.#note({ step: "out-of-time" });
      const { work } = assignment;
      if (!question) this.#gate.detach(sending.then((ended) => this.#gate.finish(work, ended, this.#name)));
      outcome = { kind: "running" };
    }
    const ended = outcome;
    const settled = await ledger.settle((rows) =>
      seller.settle(assignment.work, admission, rows, ended, { now: clock.now(), entropy: this.#gate.entropy() }),
    );
    if (settled.promoted) this.#gate.promoted();
    this.#alarms(settled.alarms);
    this.#note({ step: "settled", outcome: ended.kind, reason: settled.reason?.code ?? null });
    return settled.answer ?? seller.decline(admission);
  }

  /**
   * Waits for a change of one of these rows. The first time it only begins to watch: the rows may have changed between the
   * load and now.
   */
  async #wait(keys: readonly string[], until: number, watching: Subscription | undefined): Promise<Subscription> {
    const { ledger, clock } = this.#gate;
    this.#note({ step: "waited" });
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
    this.#note({ step: "conflicted" });
    const pause = (fresh(1)[0] as number) % 8;
    await this.#gate.clock.sleepUntil(Math.min(now + pause, answerBy), new AbortController().signal);
  }

  #alarms(alarms: readonly Alarm[]): void {
    for (const { code, instance } of alarms) this.#note({ step: "alarm", code, instance });
  }

  #decline(admission: Uint8Array, error: unknown): Answer {
    this.#note({ step: "failed", reason: codeOf(error) });
    return this.#gate.seller.decline(admission);
  }

  #note(step: Step): void {
    this.#gate.note(this.#name, step);
  }
}
