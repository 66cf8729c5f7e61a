// Rows in the memory of this process: for trying out and for tests. They end with it.

import * as given from "../arguments.js";
import type { Row, Write } from "../types.js";
import { PURGE_DELAY, type Committed, type Store } from "./contract.js";
import { Page } from "./page.js";

interface Record {
  version: number;
  bytes: Uint8Array;
  expires_at: number | null;
}

/** A store without a disk. */
export class MemoryStore implements Store {
  readonly #rows = new Map<string, Record>();
  #sequence = 0;

  load(keys: readonly string[]): Row[] {
    return given.list(keys, "keys").map((key) => this.#row(key));
  }

  commit(writes: readonly Write[]): Committed {
    for (const write of given.list(writes, "writes")) {
      given.text(given.object(write, "writes").key, "writes");
      if (write.change === "put") given.bytes(write.bytes, "writes");
    }
    const holds = ({ key, expect }: Write): boolean => (this.#rows.get(key)?.version ?? null) === expect;
    if (!writes.every(holds)) return "conflict";
    for (const write of writes) {
      // A version never repeats, not even after a delete.
      if (write.change === "put") {
        const { bytes, expires_at } = write;
        this.#rows.set(write.key, { version: ++this.#sequence, bytes: bytes.slice(), expires_at });
      } else if (write.change === "delete") {
        this.#rows.delete(write.key);
      }
    }
    return "committed";
  }

  scan(prefix: string, after: string | null, limit: number, bytes = Infinity): Row[] {
    const wanted = (key: string): boolean => key.startsWith(prefix) && (after === null || key > after);
    const keys = [...this.#rows.keys()].filter(wanted).sort((a, b) => (a < b ? -1 : 1));
    const page = new Page(limit, bytes);
    keys.every((key) => page.takes(this.#row(key)));
    return page.rows;
  }

  purge(now: number, limit: number): boolean {
    let removed = 0;
    for (const [key, { expires_at }] of this.#rows) {
      if (removed === limit) return true;
      if (expires_at !== null && expires_at < now - PURGE_DELAY) {
        this.#rows.delete(key);
        removed++;
      }
    }
    return false;
  }

  #row(key: string): Row {
    const record = this.#rows.get(key);
    return { key, value: record ? { bytes: record.bytes, version: record.version } : null };
  }
}
