// Telling whoever observes, without being harmed by him.

import type { Observer, Step } from "./step.js";

/** The same observer, whose own failures change no answer and end no process. The console hears of them. */
export function harmless(observe: Observer): Observer {
  return (request: string, step: Step): void => {
    try {
      const told: unknown = observe(request, step);
      if (isPromise(told)) told.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";

function failed(error: unknown): void {
  const trace = error instanceof Error ? (error.stack ?? error.message) : typeof error;
  console.error(`countersign: the observer threw: ${trace}`);
}
