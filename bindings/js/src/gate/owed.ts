// Works that nobody runs: taken up at start, on a timer, and whenever one comes to the front of its queue.

import type { Advance } from "../types.js";
import { Agreement } from "./agreement.js";
import { monotonic } from "./clock.js";
import { Flow, type Surroundings, isEnd } from "./flow.js";
import type { Notes } from "./notes.js";

/** Every work row has a key that begins so. */
const PREFIX = "work/";
/** Works sent at the same time by the timer; calls of the platform are not counted. */
const AT_ONCE = 64;
/** Rows of one look. */
const PAGE = 500;
/** The longest pause between two looks, milliseconds. */
const PAUSE = 1_000;
/** Pause between two purges, milliseconds, and rows that one deletes at most. */
const PURGE_EVERY = 60_000;
const PURGE_AT_ONCE = 1_000;

/** Looks for owed works until it is stopped. */
export class Owed {
  readonly #gate: Surroundings;
  readonly #notes: () => Notes;
  readonly #agreement = new Agreement();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #sending = 0;
  #purgeAt = -Infinity;

  /** `notes` makes those of one flow. */
  constructor(gate: Surroundings, notes: () => Notes) {
    this.#gate = gate;
    this.#notes = notes;
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
    try {
      await this.#takeUp();
      await this.#purge();
    } catch (error) {
      this.#notes().tellFailure(error);
    }
  }

  async #takeUp(): Promise<void> {
    const { seller, store, clock } = this.#gate;
    for (let after: string | null = null; ; ) {
      const rows = await store.scan(PREFIX, after, PAGE);
      const now = clock.now();
      const { works } = seller.due(rows, { now });
      const due = new Set(works.filter(({ at }) => at <= now).map(({ key }) => key));
      for (const row of rows.filter(({ key }) => due.has(key))) {
        if (this.#stopped || this.#sending >= AT_ONCE) return;
        const flow = new Flow(this.#gate, this.#notes());
        const claim = seller.takeUp(row, flow.moment());
        if (claim === null) continue;
        const claimed = await flow.turn(flow.take(claim));
        if (!isEnd(claimed.step)) this.#gate.detach(this.#send(flow, claimed));
        else if (flow.notes.failure !== undefined) return; // the store: the next look finds the same works
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.key;
    }
  }

  async #send(flow: Flow, claimed: Advance): Promise<void> {
    this.#sending++;
    try {
      await flow.run(claimed);
    } catch (error) {
      flow.notes.tellFailure(error); // The lease runs out and the same effect is sent again: nothing is lost.
    } finally {
      this.#sending--;
    }
  }

  /** A piece at a time, so that calls get in between; by the very reading of the clock that was found good. */
  async #purge(): Promise<void> {
    const [now, since] = [this.#gate.clock.now(), monotonic(this.#gate.clock)];
    if (!this.#agreement.holds(now, since) || since < this.#purgeAt) return;
    this.#purgeAt = since + PURGE_EVERY;
    while ((await this.#gate.store.purge(now, PURGE_AT_ONCE)) && !this.#stopped);
  }
}

/** A timer alone keeps no process alive. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
