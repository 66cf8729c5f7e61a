// Rows in one SQLite file, with the tables of the gateway: `countersign serve` and Node processes of one machine may share
// a file, or take it over from each other.

import { closeSync, openSync, statSync } from "node:fs";

import Database from "better-sqlite3";

import * as given from "../arguments.js";
import { CountersignError, malformed } from "../error.js";
import type { Row, Write } from "../types.js";
import { PURGE_DELAY, StoreError, type Committed, type Store } from "./contract.js";
import { Page } from "./page.js";
import { Place } from "./place.js";
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
  /** Whether a file that does not exist, or is empty, becomes a new ledger. Default: it does. */
  create?: boolean;
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
  readonly #place: Place;
  #waiting: Waiting[] = [];
  /** There was no ledger in the file before: whoever expects one should look whether it is the right file. */
  readonly isNew: boolean;

  /**
   * Opens the file, and creates it where it is missing and may be, for its owner alone. Throws a {@link StoreError} for a
   * folder that is missing, for what is no path of a file, for what is no database, and for a file of another program or a
   * later release. While it is open, a file that is gone or replaced is neither read nor written.
   */
  constructor(file: string, { busyTimeout = 1_000, create = true }: SqliteOptions = {}) {
    given.text(file, "file");
    isPath(file);
    const { database, statements, isNew } = opened(file, busyTimeout, create);
    [this.#database, this.#statements, this.isNew] = [database, statements, isNew];
    this.#place = new Place(file);
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
    return this.#reading(() => given.list(keys, "keys").map((key) => this.#row(key)));
  }

  commit(writes: readonly Write[]): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (!this.#database.open) throw isClosed();
      this.#waiting.push({ writes, resolve, reject });
      // Whatever else arrives in this turn of the event loop travels with it.
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  scan(prefix: string, after: string | null, limit: number, bytes = Infinity): Row[] {
    const from = after !== null && after >= prefix ? after : null;
    return this.#reading(() => {
      const { first, following } = this.#statements;
      const page = new Page(limit, bytes);
      for (const stored of from === null ? first.iterate(prefix) : following.iterate(from)) {
        const { key, version, value } = stored as { key: string; version: number; value: Uint8Array };
        if (!key.startsWith(prefix) || !page.takes({ key, value: { bytes: value, version } })) break;
      }
      return page.rows;
    });
  }

  purge(now: number, limit: number): boolean {
    try {
      this.#check();
      return this.#purge(now, now - PURGE_DELAY, limit) === limit;
    } catch (error) {
      throw explain(error, "store-unavailable");
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
    if (this.#waiting.length === 0) return; // written by `close`
    const group = this.#waiting.splice(0, GROUP);
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
    this.#settle(group);
  }

  #settle(group: readonly Waiting[]): void {
    try {
      this.#place.check();
      const outcomes = this.#begin(group);
      group.forEach(({ resolve }, index) => resolve(outcomes[index] as Committed));
    } catch (error) {
      // Let each stand for itself, so that one that cannot succeed harms no other.
      if (group.length > 1) return group.forEach((one) => this.#settle([one]));
      group[0]?.reject(explain(error, "commit-unknown"));
    }
  }

  #check(): void {
    if (!this.#database.open) throw isClosed();
    this.#place.check();
  }

  /** All of one moment, whatever other processes commit meanwhile. */
  #reading<T>(body: () => T): T {
    try {
      this.#check();
      return this.#database.transaction(body)();
    } catch (error) {
      throw explain(error, "store-unavailable");
    }
  }
}

/** What follows `sqlite:` in the gateway's configuration, and no URL: a file would be made of that name. */
function isPath(file: string): void {
  if (file.trim() === "" || file.trim() === ":memory:") {
    throw new StoreError("store-unavailable", "a ledger needs a file; `MemoryStore` is the one without");
  }
  if (/^(sqlite|file):|\?/.test(file) || file.trim() !== file) {
    throw new StoreError("store-unavailable", "the ledger's file is a path: `relative.db` or `/absolute/path.db`");
  }
}

interface Opened {
  database: Database.Database;
  statements: ReturnType<typeof prepare>;
  isNew: boolean;
}

function opened(file: string, timeout: number, mayCreate: boolean): Opened {
  let database: Database.Database | undefined;
  try {
    if (mayCreate) create(file);
    else if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) {
      throw new StoreError("store-unavailable", `there is no ledger in ${file}`);
    }
    database = new Database(file, { timeout, fileMustExist: true });
    const isNew = open(database);
    return { database, statements: prepare(database), isNew };
  } catch (error) {
    database?.close();
    if (error instanceof CountersignError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("store-unavailable", `the ledger's file cannot be opened: ${reason}`, { cause: error });
  }
}

/** The ledger holds customers' data: only its owner reads it. SQLite gives its companion files the same permissions. */
function create(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}

/** Whether there was no ledger before. */
function open(database: Database.Database): boolean {
  const header = (): [number, number] => [
    database.pragma("application_id", { simple: true }) as number,
    database.pragma("user_version", { simple: true }) as number,
  ];
  const [application, version] = header();
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables !== 0)) {
    throw new StoreError("store-unavailable", "the file belongs to another program");
  }
  if (version > VERSION) throw new StoreError("store-unavailable", "the file was written by a later release");
  if (database.pragma("journal_mode = WAL", { simple: true }) !== "wal") {
    throw new StoreError("store-unavailable", "the file system allows no write-ahead log");
  }
  for (const setting of [
    "synchronous = FULL", // the log reaches the disk before a commit is answered
    "fullfsync = 1", // on macOS a plain fsync stops at the drive's cache
    "checkpoint_fullfsync = 1",
    "trusted_schema = 0",
    "cell_size_check = 1", // damage is noticed when a page is read
    // What a row said is overwritten when the row goes: contact data stand in works while they are owed, and no longer.
    "secure_delete = 1",
  ]) {
    database.pragma(setting);
  }
  database.transaction(() => {
    if (header()[1] >= VERSION) return; // another process was faster
    database.exec(SCHEMA);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${VERSION}`);
  }).immediate();
  return application === 0;
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
function explain(error: unknown, otherwise: StoreError["code"]): CountersignError {
  if (error instanceof CountersignError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string" || !code.startsWith("SQLITE_")) return malformed("rows", error);
  const nothingDone = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|CONSTRAINT)/.test(code);
  return new StoreError(nothingDone ? "store-unavailable" : otherwise, `SQLite: ${code}`, { cause: error });
}

const isClosed = (): StoreError => new StoreError("store-unavailable", "the store is closed");
