// Whether the wall clock may be believed. A machine boots with a clock that is hours ahead, or somebody sets the time: what
// is deleted by such a clock is gone for good, a replay row for instance, whose signed bytes are fresh again once it is right.

/**
 * So long both clocks must have agreed, milliseconds. A process that has just begun waits as long: it cannot know what was
 * before.
 */
const AGREED = 600_000;
/** A greater distance is a step, milliseconds: what a disciplined clock is corrected by meanwhile is far below. */
const TOLERANCE = 2_000;

/** The last time at which the clocks were found to disagree. */
export class Agreement {
  #since: { readonly now: number; readonly monotonic: number } | undefined;

  /** Looks at both clocks, milliseconds. To be called every second or so, and before each use of the wall clock's word. */
  holds(now: number, monotonic: number): boolean {
    this.#since ??= { now, monotonic };
    const passed = monotonic - this.#since.monotonic;
    if (Math.abs(this.#since.now + passed - now) > TOLERANCE) {
      this.#since = { now, monotonic };
      return false;
    }
    return passed >= AGREED;
  }
}
