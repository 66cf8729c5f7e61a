// Time, as the gate needs it.

/** Both clocks of a machine, and how to wait. */
export interface Clock {
  /** What the wall clock says, milliseconds since the epoch, UTC. It may step in both directions. */
  now(): number;
  /** Milliseconds since some moment of this process; never steps, never goes back. Default: `performance.now`. */
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
