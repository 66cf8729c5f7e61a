// Whether the wall clock may be believed: it has neither stepped nor run away from the monotonic clock for a while. What is
// deleted by a clock that is hours ahead is gone for good: a replay row, say, whose signed bytes are fresh again once the
// clock is right.

/**
 * So long both clocks must have agreed, on the monotonic one, milliseconds. A process that has just begun waits as long: it
 * cannot know what was before.
 */
const AGREED = 600_000;
/** A greater distance is a step: what a disciplined clock is corrected by in ten minutes is far below. Milliseconds. */
const TOLERANCE = 2_000;

/** The last time at which the clocks were found to disagree. */
export class Agreement {
  #since: { wall: number; monotonic: number } | undefined;

  /** Looks at both clocks. To be called every second or so, and before each use of the wall clock's word. */
  holds(wall: number, monotonic: number): boolean {
    const since = this.#since;
    const passed = monotonic - (since?.monotonic ?? monotonic);
    if (since === undefined || Math.abs(since.wall + passed - wall) > TOLERANCE) {
      this.#since = { wall, monotonic };
      return false;
    }
    return passed >= AGREED;
  }
}
