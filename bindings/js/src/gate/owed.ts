// Works that nobody runs: taken up at start, on a timer, and whenever one comes to the front of its queue.

import type { Outcome } from "../types.js";
import { type Surroundings, failure } from "./call.js";
import { NOBODY } from "./step.js";

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
/** Names the gate's own steps. */
const NAME = "owed";

/** Looks for owed works until it is stopped. */
export class Owed {
  readonly #gate: Surroundings;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #sending = 0;
  #purged = 0;

  constructor(gate: Surroundings) {
    this.#gate = gate;
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
      this.#gate.note(NAME, { step: "failed", ...NOBODY, ...failure(error), error });
    }
  }

  async #takeUp(): Promise<void> {
    const { seller, ledger, clock } = this.#gate;
    for (let after: string | null = null; ; ) {
      const rows = await ledger.store.scan(PREFIX, after, PAGE);
      const now = clock.now();
      const { works } = seller.due(rows, { now });
      const due = new Set(works.filter(({ at }) => at <= now).map(({ key }) => key));
      for (const row of rows.filter(({ key }) => due.has(key))) {
        if (this.#stopped || this.#sending >= AT_ONCE) return;
        const claim = seller.claim(row, { now: clock.now(), entropy: this.#gate.entropy() });
        if (claim === null) continue;
        if (!(await ledger.commit(claim.commit))) continue;
        this.#sending++;
        const finish = (outcome: Outcome): Promise<void> => this.#gate.finish(claim, outcome, NAME);
        this.#gate.detach(
          this.#gate
            .send(claim, NAME)
            .then(finish)
            .finally(() => this.#sending--),
        );
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.key;
    }
  }

  /** A piece at a time, so that calls get in between. */
  async #purge(): Promise<void> {
    const now = this.#gate.clock.now();
    if (now - this.#purged < PURGE_EVERY) return;
    this.#purged = now;
    while ((await this.#gate.ledger.store.purge(now, PURGE_AT_ONCE)) && !this.#stopped);
  }
}

/** A timer alone keeps no process alive. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
