// Works that nobody runs: taken up at start, on a timer, and whenever one comes to the front of its queue.

import type { Advance, Row } from "../types.js";
import { Agreement } from "./agreement.js";
import { monotonic } from "./clock.js";
import { Flow, type Surroundings, isEnd } from "./flow.js";
import type { Notes } from "./notes.js";
import { NOBODY } from "./step.js";

/** Every work row has a key that begins so. */
const PREFIX = "work/";
/** Works sent at the same time by the timer, of all products together; calls of the platform are not counted. */
const AT_ONCE = 64;
/** Rows of one look at most, and their bytes. */
const PAGE = 500;
const PAGE_BYTES = 262_144;
/** The longest pause between two looks, milliseconds. */
const PAUSE = 1_000;
/** Pause between two purges, milliseconds, and rows that one deletes at most. */
const PURGE_EVERY = 60_000;
const PURGE_AT_ONCE = 1_000;
/** An alarm about the same thing is raised so often, milliseconds. */
const ALARM_EVERY = 600_000;

/** Looks for owed works until it is stopped. */
export class Owed {
  readonly #gate: Surroundings;
  readonly #notes: () => Notes;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  /** Works that are on their way, by product: each has places of its own, so that one that hangs keeps no other waiting. */
  readonly #sending = new Map<string, number>();
  readonly #places: number;
  readonly #alarmed = new Map<string, number>();
  readonly #agreement = new Agreement();
  #purged: number | undefined;

  /** `notes` makes those of one flow. */
  constructor(gate: Surroundings, products: number, notes: () => Notes) {
    this.#gate = gate;
    this.#notes = notes;
    this.#places = Math.max(4, Math.floor(AT_ONCE / Math.max(1, products)));
  }

  /** Looks now, or once more after the look that is under way. */
  look(): void {
    if (this.#stopped) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#again = false;
    this.#looking = this.#round().finally(() => {
      this.#looking = undefined;
      if (this.#stopped) return;
      if (this.#again) return this.look();
      this.#timer = setTimeout(() => this.look(), PAUSE);
      unref(this.#timer);
    });
  }

  /** Takes up nothing more; resolves when the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #round(): Promise<void> {
    for (const part of [() => this.#takeUp(), () => this.#purge()]) {
      try {
        await part();
      } catch (error) {
        this.#notes().tellFailure(error);
      }
    }
  }

  async #takeUp(): Promise<void> {
    const { seller, store, clock } = this.#gate;
    for (let after: string | null = null; !this.#stopped; ) {
      const rows = await store.scan(PREFIX, after, PAGE, PAGE_BYTES);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.key;
      const now = clock.now();
      const { works, unreadable } = seller.due(rows, { now });
      for (const { key, reason } of unreadable) this.#alarm(reason.code, key);
      const due = new Map(works.filter(({ at }) => at <= now).map(({ key, product }) => [key, product]));
      for (const row of rows) {
        const product = due.get(row.key);
        // After a failure of the store the next look finds the same works.
        if (product !== undefined && !(await this.#claim(row, product))) return;
      }
    }
  }

  /** Claims a work right before it is sent, if its product has a place; `false` when the store failed. */
  async #claim(row: Row, product: string): Promise<boolean> {
    if (this.#stopped || this.#busy(product) >= this.#places) return true;
    const flow = new Flow(this.#gate, this.#notes());
    const claim = this.#gate.seller.takeUp(row, flow.moment());
    if (claim === null) return true;
    const claimed = await flow.turn(flow.take(claim));
    if (isEnd(claimed.step)) return flow.notes.failure === undefined;
    this.#gate.detach(this.#send(flow, claimed, product));
    return true;
  }

  async #send(flow: Flow, claimed: Advance, product: string): Promise<void> {
    this.#sending.set(product, this.#busy(product) + 1);
    try {
      await flow.run(claimed);
    } catch (error) {
      flow.notes.tellFailure(error); // The lease runs out and the same effect is sent again: nothing is lost.
    } finally {
      this.#sending.set(product, this.#busy(product) - 1);
    }
  }

  #busy(product: string): number {
    return this.#sending.get(product) ?? 0;
  }

  /** A row that cannot be read stays as it is, and stops nobody else. */
  #alarm(code: string, key: string): void {
    const now = monotonic(this.#gate.clock);
    if (now - (this.#alarmed.get(code) ?? -Infinity) < ALARM_EVERY) return;
    this.#alarmed.set(code, now);
    this.#notes().tell({ step: "alarm", ...NOBODY, code, instance: key });
  }

  /** By a clock that may be believed, and a piece at a time, so that calls get in between. */
  async #purge(): Promise<void> {
    const { clock, store } = this.#gate;
    for (let more = true; more && !this.#stopped; ) {
      const [now, since] = [clock.now(), monotonic(clock)];
      // The very reading that was found good: the clock may step before the next one.
      if (!this.#agreement.holds(now, since)) return;
      if (this.#purged !== undefined && since - this.#purged < PURGE_EVERY) return;
      more = await store.purge(now, PURGE_AT_ONCE);
      if (!more) this.#purged = since;
    }
  }
}

/** A timer alone keeps no process alive. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
