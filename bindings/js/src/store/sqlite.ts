// Rows in one SQLite file, with the tables of the gateway: `countersign serve` and Node processes of one machine may share
// a file, or take it over from each other.

import Database from "better-sqlite3";

import type { Row, Write } from "../types.js";
import { PURGE_DELAY, StoreError, type Committed, type Store } from "./contract.js";
import { SCHEMA } from "./schema.js";

/** "CSLG" in the file's header: a ledger of ours, and not some other program's database. */
const APPLICATION_ID = 0x4353_4c47;
/** The schema that this release knows. */
const VERSION = 1;
/** Commits in one transaction at most. */
const GROUP = 512;

/** How a file is used. */
export interface SqliteOptions {
  /** How long to wait for the lock of another process, milliseconds; the whole process waits. Default: 1 000. */
  busyTimeout?: number;
}

interface Waiting {
  writes: readonly Write[];
  resolve(committed: Committed): void;
  reject(error: unknown): void;
}

/**
 * A store in one file (WAL, `synchronous=FULL`). Commits that arrive together are one transaction: each is checked against
 * the rows as its predecessors left them and succeeds or conflicts alone, and one write to the disk makes all of them
 * durable before any is answered. Not on a network file system.
 */
export class SqliteStore implements Store {
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #begin: (group: readonly Waiting[]) => Committed[];
  #waiting: Waiting[] = [];

  /** Opens the file, and creates it where it is missing. Throws for a file of another program or a later release. */
  constructor(file: string, { busyTimeout = 1_000 }: SqliteOptions = {}) {
    this.#database = new Database(file, { timeout: busyTimeout });
    try {
      open(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#statements = prepare(this.#database);
    this.#begin = this.#database.transaction((group: readonly Waiting[]) => {
      const before = this.#statements.progress.get() as number;
      let sequence = before;
      const next = (): number => ++sequence;
      const outcomes = group.map(({ writes }) => this.#apply(writes, next));
      if (sequence !== before) this.#statements.advance.run(sequence);
      return outcomes;
    }).immediate;
  }

  load(keys: readonly string[]): Row[] {
    return this.#reading(() => keys.map((key) => this.#row(key)));
  }

  commit(writes: readonly Write[]): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      // Whatever else arrives in this turn of the event loop travels with it.
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  scan(prefix: string, after: string | null, limit: number): Row[] {
    const from = after !== null && after >= prefix ? after : null;
    return this.#reading(() => {
      const { first, following } = this.#statements;
      const rows: Row[] = [];
      for (const stored of from === null ? first.iterate(prefix) : following.iterate(from)) {
        const { key, version, value } = stored as { key: string; version: number; value: Uint8Array };
        if (rows.length === limit || !key.startsWith(prefix)) break;
        rows.push({ key, value: { bytes: value, version } });
      }
      return rows;
    });
  }

  purge(now: number, limit: number): boolean {
    try {
      return this.#purge(now, now - PURGE_DELAY, limit) === limit;
    } catch (error) {
      throw explain(error, "store_unavailable");
    }
  }

  /** Writes what still waits and closes the file. */
  close(): void {
    while (this.#waiting.length > 0) this.#flush();
    this.#database.close();
  }

  #row(key: string): Row {
    const stored = this.#statements.load.get(key) as { version: number; value: Uint8Array } | undefined;
    return { key, value: stored ? { bytes: stored.value, version: stored.version } : null };
  }

  /** Looks at everything before it writes anything, so a conflict has nothing to undo. */
  #apply(writes: readonly Write[], next: () => number): Committed {
    const { version, put, remove, remember } = this.#statements;
    const holds = ({ key, expect }: Write): boolean => ((version.get(key) as number | undefined) ?? null) === expect;
    if (!writes.every(holds)) return "conflict";
    for (const write of writes) {
      if (write.change === "put") {
        put.run(next(), write.key, write.bytes, write.expires_at);
      } else if (write.change === "delete" && write.expect !== null) {
        remove.run(write.expect);
        remember.run(next(), write.key);
      }
    }
    return "committed";
  }

  /** Expired rows, then deletes that a purge before the horizon has seen: whoever follows the changes has read them. */
  #purge(now: number, horizon: number, limit: number): number {
    const { purge, seen, last, forget, unmark, forgotten, mark } = this.#statements;
    return this.#database
      .transaction(() => {
        let removed = purge.run(horizon, limit).changes;
        const upTo = seen.get(horizon) as number | null;
        const end = upTo === null ? null : (last.get(upTo, limit - removed) as number | null);
        if (end !== null) {
          removed += forget.run(end).changes;
          unmark.run(end);
          forgotten.run(end);
        }
        mark.run(now);
        return removed;
      })
      .immediate();
  }

  #flush(): void {
    const group = this.#waiting.splice(0, GROUP);
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
    this.#settle(group);
  }

  #settle(group: readonly Waiting[]): void {
    try {
      const outcomes = this.#begin(group);
      group.forEach(({ resolve }, index) => resolve(outcomes[index] as Committed));
    } catch (error) {
      // Let each stand for itself, so that one that cannot succeed harms no other.
      if (group.length > 1) return group.forEach((one) => this.#settle([one]));
      group[0]?.reject(explain(error, "commit_unknown"));
    }
  }

  /** All of one moment, whatever other processes commit meanwhile. */
  #reading<T>(body: () => T): T {
    try {
      return this.#database.transaction(body)();
    } catch (error) {
      throw explain(error, "store_unavailable");
    }
  }
}

function open(database: Database.Database): void {
  const header = (): [number, number] => [
    database.pragma("application_id", { simple: true }) as number,
    database.pragma("user_version", { simple: true }) as number,
  ];
  const [application, version] = header();
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables !== 0)) {
    throw new StoreError("store_unavailable", "the file belongs to another program");
  }
  if (version > VERSION) throw new StoreError("store_unavailable", "the file was written by a later release");
  if (database.pragma("journal_mode = WAL", { simple: true }) !== "wal") {
    throw new StoreError("store_unavailable", "the file system allows no write-ahead log");
  }
  // The log reaches the disk before a commit is answered; on macOS a plain fsync stops at the drive's cache.
  for (const setting of ["synchronous = FULL", "fullfsync = 1", "checkpoint_fullfsync = 1", "trusted_schema = 0"]) {
    database.pragma(setting);
  }
  database.transaction(() => {
    if (header()[1] >= VERSION) return; // another process was faster
    database.exec(SCHEMA);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${VERSION}`);
  }).immediate();
}

function prepare(database: Database.Database) {
  const rows = (condition: string): Database.Statement =>
    database.prepare(`SELECT key, version, value FROM rows WHERE key ${condition} ? ORDER BY key`);
  return {
    load: database.prepare("SELECT version, value FROM rows WHERE key = ?"),
    version: database.prepare("SELECT version FROM rows WHERE key = ?").pluck(),
    first: rows(">="),
    following: rows(">"),
    progress: database.prepare("SELECT sequence FROM progress").pluck(),
    advance: database.prepare("UPDATE progress SET sequence = ?"),
    put: database.prepare("REPLACE INTO rows (version, key, value, expires_at) VALUES (?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM rows WHERE version = ?"),
    remember: database.prepare("INSERT INTO deletes (version, key) VALUES (?, ?)"),
    purge: database.prepare(
      "DELETE FROM rows WHERE version IN (SELECT version FROM rows WHERE expires_at < ? ORDER BY expires_at LIMIT ?)",
    ),
    seen: database.prepare("SELECT max(version) FROM purges WHERE seen_at < ?").pluck(),
    last: database
      .prepare("SELECT max(version) FROM (SELECT version FROM deletes WHERE version <= ? ORDER BY version LIMIT ?)")
      .pluck(),
    forget: database.prepare("DELETE FROM deletes WHERE version <= ?"),
    // The newest mark stays: it says which deletes need no new one.
    unmark: database.prepare("DELETE FROM purges WHERE version <= ? AND version < (SELECT max(version) FROM purges)"),
    forgotten: database.prepare("UPDATE progress SET forgotten = max(forgotten, ?)"),
    mark: database.prepare(
      `INSERT INTO purges (version, seen_at) SELECT last, ? FROM (SELECT max(version) AS last FROM deletes)
       WHERE last > (SELECT coalesce(max(version), 0) FROM purges)`,
    ),
  };
}

/** A lock that is somebody else's and a full disk leave nothing behind; of other errors nobody knows. */
function explain(error: unknown, otherwise: StoreError["code"]): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string" || !code.startsWith("SQLITE_")) return error;
  const nothingDone = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|CONSTRAINT)/.test(code);
  return new StoreError(nothingDone ? "store_unavailable" : otherwise, `SQLite: ${code}`);
}
