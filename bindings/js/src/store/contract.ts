// What every store does. It knows nothing of what the bytes mean.

import { CountersignError } from "../error.js";
import type { Row, Write } from "../types.js";

/** Rows with versions and atomic commits over them. Each method may answer at once or later. */
export interface Store {
  /** One row per key, in the order asked, all of one moment; rows past their expiry as they are until purged. */
  load(keys: readonly string[]): Row[] | Promise<Row[]>;
  /**
   * All writes or none, durable before the answer. `conflict`: a row was not as expected and nothing was written. Throws
   * a {@link StoreError}: `store-unavailable`, nothing was done; `commit-unknown`, it may have been done. Whatever else it
   * throws counts as `commit-unknown` too.
   */
  commit(writes: readonly Write[]): Committed | Promise<Committed>;
  /**
   * The first rows whose key begins with `prefix` and is greater than `after`, in the order of their bytes: at most `limit`,
   * and no more than have so many `bytes` together, keys and values; the first one comes whatever its size. Behind a page
   * there may be more; behind an empty one there is nothing.
   */
  scan(prefix: string, after: string | null, limit: number, bytes?: number): Row[] | Promise<Row[]>;
  /** Removes up to `limit` rows that expired more than ten minutes before `now`; whether there may be more. */
  purge(now: number, limit: number): boolean | Promise<boolean>;
}

/** What became of a commit. */
export type Committed = "committed" | "conflict";

/** Why a store did not do what it was asked. Both stand under one number: of both the platform hears `000005`. */
export class StoreError extends CountersignError {
  override readonly name = "StoreError";
  declare readonly code: "store-unavailable" | "commit-unknown";

  constructor(code: "store-unavailable" | "commit-unknown", reason: string, options?: { cause?: unknown }) {
    super(code, 507, reason, undefined, options);
  }
}

/** How long after its expiry a row stays at least, milliseconds: clocks of several hosts disagree. */
export const PURGE_DELAY = 600_000;
