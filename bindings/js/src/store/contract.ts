// What every store does. It knows nothing of what the bytes mean.

import type { Row, Write } from "../types.js";

/** Rows with versions and atomic commits over them. Each method may answer at once or later. */
export interface Store {
  /** One row per key, in the order asked, all of one moment; rows past their expiry as they are until purged. */
  load(keys: readonly string[]): Row[] | Promise<Row[]>;
  /**
   * All writes or none, durable before the answer. `conflict`: a row was not as expected and nothing was written. Throws
   * a {@link StoreError}: `store_unavailable`, nothing was done; `commit_unknown`, it may have been done.
   */
  commit(writes: readonly Write[]): Committed | Promise<Committed>;
  /** The first `limit` rows whose key begins with `prefix` and is greater than `after`, in the order of their bytes. */
  scan(prefix: string, after: string | null, limit: number): Row[] | Promise<Row[]>;
  /** Removes up to `limit` rows that expired more than ten minutes before `now`; whether there may be more. */
  purge(now: number, limit: number): boolean | Promise<boolean>;
}

/** What became of a commit. */
export type Committed = "committed" | "conflict";

/** Why a store did not do what it was asked. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: "store_unavailable" | "commit_unknown";

  constructor(code: "store_unavailable" | "commit_unknown", reason: string) {
    super(reason);
    this.code = code;
  }
}

/** How long after its expiry a row stays at least, milliseconds: clocks of several hosts disagree. */
export const PURGE_DELAY = 600_000;
