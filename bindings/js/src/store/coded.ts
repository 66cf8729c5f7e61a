// Any store, with a code on whatever it throws: drivers of databases have errors of their own.

import { CountersignError } from "../error.js";
import type { Row, Write } from "../types.js";
import { type Committed, type Store, StoreError } from "./contract.js";

export class CodedStore implements Store {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  load(keys: readonly string[]): Promise<Row[]> {
    return coded("store-unavailable", () => this.#store.load(keys));
  }

  commit(writes: readonly Write[]): Promise<Committed> {
    return coded("commit-unknown", () => this.#store.commit(writes));
  }

  scan(prefix: string, after: string | null, limit: number, bytes?: number): Promise<Row[]> {
    return coded("store-unavailable", () => this.#store.scan(prefix, after, limit, bytes));
  }

  purge(now: number, limit: number): Promise<boolean> {
    return coded("store-unavailable", () => this.#store.purge(now, limit));
  }
}

async function coded<T>(otherwise: StoreError["code"], ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CountersignError) throw error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : "it threw what is no Error";
    throw new StoreError(otherwise, `the store failed: ${reason}`, { cause: error });
  }
}
