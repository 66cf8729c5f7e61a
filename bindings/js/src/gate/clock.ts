// Time, as the gate needs it.

/** Milliseconds since the epoch, UTC. */
export interface Clock {
  now(): number;
  /** Resolves at `time`, or when the signal says that nobody waits any more. */
  sleepUntil(time: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
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
