// Time, as the gate needs it.

/** Both clocks of a machine, and how to wait. */
export interface Clock {
  /** What the wall clock says, milliseconds since the epoch, UTC. It may step in both directions. */
  now(): number;
  /** Milliseconds from whatever beginning, by a clock that nobody sets; where it is absent, `now` must be one. */
  monotonic?(): number;
  /** Resolves at `time`, or when the signal says that nobody waits any more. */
  sleepUntil(time: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleepUntil(time, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, time - Date.now()));
      signal.addEventListener("abort", end);
    });
  },
};

/** Says to a sleeper that nobody waits any more. A reason of our own spares a runtime the error that it would make. */
export const OVER = "nobody waits any more";

/** By the clock that nobody sets. */
export const monotonic = (clock: Clock): number => clock.monotonic?.() ?? clock.now();

/**
 * The time of one flow. It begins with what the wall clock says, and goes on by the clock that nobody sets: a step of the
 * wall clock neither cuts the waits of a call short nor draws them out.
 */
export class FlowTime {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
    this.#since = monotonic(clock);
  }

  /** Milliseconds since the epoch, UTC. */
  now(): number {
    return this.#began + Math.floor(monotonic(this.#clock) - this.#since);
  }

  /** Resolves at `time`, or when the signal says that nobody waits any more. */
  sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleepUntil(this.#clock.now() + (time - this.now()), signal);
  }
}
