// Loads and commits, as every loop of the gate makes them.

import { CountersignError } from "../error.js";
import { CodedStore } from "../store/coded.js";
import { StoreError, type Store } from "../store/contract.js";
import type { Row, Settlement, Write } from "../types.js";
import type { Watch } from "./watch.js";

/** Rounds of one settlement: rivals are other calls of the same instance. */
const MAX_ROUNDS = 64;

/** A settlement that holds. */
export type Settled = Extract<Settlement, { settlement: "settled" }>;

/** The store, and whoever waits for its rows. */
export class Ledger {
  readonly store: Store;
  readonly watch: Watch;

  constructor(store: Store, watch: Watch) {
    this.store = new CodedStore(store);
    this.watch = watch;
  }

  /** Loads rows and puts them among the others; a row that was there already is replaced. */
  async load(keys: readonly string[], rows: readonly Row[] = []): Promise<Row[]> {
    const loaded = await this.store.load(keys);
    return [...rows.filter((row) => loaded.every(({ key }) => key !== row.key)), ...loaded];
  }

  /** `false` means load and decide again: a rival was faster, or nobody knows. */
  async commit(writes: readonly Write[]): Promise<boolean> {
    return (await this.attempt(writes)) === undefined;
  }

  /** `undefined`: it holds. Otherwise load and decide again; what is given says why, should there be no next round. */
  async attempt(writes: readonly Write[]): Promise<CountersignError | undefined> {
    if (writes.length === 0) return undefined;
    const changed = writes.filter(({ change }) => change !== "check").map(({ key }) => key);
    try {
      if ((await this.store.commit(writes)) !== "committed") return conflicts();
      this.watch.notify(changed);
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "commit-unknown") throw error;
      this.watch.notify(changed);
      return new StoreError("store-unavailable", error.message, { cause: error });
    }
  }

  /** Loads, asks the core, commits, until it holds. */
  async settle(ask: (rows: readonly Row[]) => Settlement): Promise<Settled> {
    let rows: Row[] = [];
    let lost: CountersignError | undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const settlement = ask(rows);
      if (settlement.settlement === "need") {
        rows = await this.load(settlement.keys, rows);
        continue;
      }
      lost = await this.attempt(settlement.commit);
      if (lost === undefined) return settlement;
      rows = [];
    }
    throw lost ?? conflicts();
  }
}

export function conflicts(): CountersignError {
  return new CountersignError("too-many-conflicts", 508, "too many concurrent changes of the same rows");
}
