// Any store, with a code on whatever it throws: drivers of databases have errors of their own.

import { CountersignError } from "../error.js";
import type { Row, Write } from "../types.js";
import { type Committed, type Store, StoreError } from "./contract.js";

/** Answers at once where the store does. */
export class CodedStore implements Store {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  load(keys: readonly string[]): Row[] | Promise<Row[]> {
    return coded("store-unavailable", () => this.#store.load(keys));
  }

  commit(writes: readonly Write[]): Committed | Promise<Committed> {
    return coded("commit-unknown", () => this.#store.commit(writes));
  }

  scan(prefix: string, after: string | null, limit: number, bytes?: number): Row[] | Promise<Row[]> {
    return coded("store-unavailable", () => this.#store.scan(prefix, after, limit, bytes));
  }

  purge(now: number, limit: number): boolean | Promise<boolean> {
    return coded("store-unavailable", () => this.#store.purge(now, limit));
  }
}

function coded<T>(otherwise: StoreError["code"], ask: () => T | Promise<T>): T | Promise<T> {
  const failed = (error: unknown): never => {
    if (error instanceof CountersignError) throw error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : "it threw what is no Error";
    throw new StoreError(otherwise, `the store failed: ${reason}`, { cause: error });
  };
  let answer: T | PromiseLike<T>;
  try {
    answer = ask();
  } catch (error) {
    return failed(error);
  }
  return isPromise(answer) ? Promise.resolve(answer).catch(failed) : answer;
}

const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";
