// Waking those who wait for a row to change. Commits of other processes wake nobody, so every wait has a deadline.

/** Who waits for which rows, in this process. */
export class Watch {
  readonly #waiters = new Map<string, Set<Subscription>>();

  /** Begins to listen. From now on a change of any of the rows is remembered until it is waited for. */
  subscribe(keys: readonly string[]): Subscription {
    const subscription = new Subscription(() => {
      for (const key of keys) {
        const waiters = this.#waiters.get(key);
        waiters?.delete(subscription);
        if (waiters?.size === 0) this.#waiters.delete(key);
      }
    });
    for (const key of keys) {
      const waiters = this.#waiters.get(key) ?? new Set();
      this.#waiters.set(key, waiters.add(subscription));
    }
    return subscription;
  }

  /** To be called after a commit with the rows that it changed. */
  notify(keys: Iterable<string>): void {
    if (this.#waiters.size === 0) return;
    for (const key of keys) this.#waiters.get(key)?.forEach((subscription) => subscription.wake());
  }
}

/** One listener. */
export class Subscription {
  /** Stops listening. */
  readonly close: () => void;
  readonly changed: Promise<void>;
  #wake!: () => void;

  constructor(close: () => void) {
    this.close = close;
    this.changed = new Promise((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    this.#wake();
  }
}
