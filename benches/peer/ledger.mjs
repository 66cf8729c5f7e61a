// What a seller has to remember of his subscriptions, in one SQLite file: as durable as Countersign's ledger, and in the
// same commits. A purchase is reserved, with everything needed to carry it on, before the backend hears of it, and
// settled before the marketplace does.

import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS replays (
    signature  BLOB PRIMARY KEY,
    request    TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS replays_by_expiry ON replays (expires_at);

  CREATE TABLE IF NOT EXISTS instances (
    id            TEXT PRIMARY KEY,
    order_id      TEXT NOT NULL,
    order_line_id TEXT NOT NULL,
    state         TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    access        TEXT,
    UNIQUE (order_id, order_line_id)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS works (
    id           TEXT PRIMARY KEY,
    instance     TEXT NOT NULL REFERENCES instances (id),
    event        TEXT NOT NULL,
    state        TEXT NOT NULL,
    token        INTEGER NOT NULL,
    leased_until INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS works_owed ON works (leased_until) WHERE state = 'owed';
`;

export class Ledger {
  #statements;
  #reserve;
  #settle;

  /** @param {string} file */
  constructor(file) {
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('wal_autocheckpoint = 4000'); // pages, as Countersign's
    db.pragma('cache_size = -16384'); // KiB
    db.exec(SCHEMA);
    const statements = {
      replay: db.prepare('INSERT INTO replays (signature, request, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
      byOrder: db.prepare('SELECT id, state FROM instances WHERE order_id = ? AND order_line_id = ?'),
      instance: db.prepare(`INSERT INTO instances (id, order_id, order_line_id, state, created_at) VALUES (?, ?, ?, 'reserved', ?)`),
      work: db.prepare(`INSERT INTO works (id, instance, event, state, token, leased_until) VALUES (?, ?, ?, 'owed', 1, ?)`),
      complete: db.prepare(`UPDATE instances SET state = 'completed', access = ? WHERE id = ?`),
      finish: db.prepare(`UPDATE works SET state = 'done', leased_until = NULL WHERE id = ? AND token = ?`),
    };
    this.#statements = statements;

    this.#reserve = db.transaction((call, work) => {
      if (statements.replay.run(call.signature, call.request, call.expiresAt).changes === 0) return { replayed: true };
      const { order_id, order_line_id } = call.event;
      const known = statements.byOrder.get(order_id, order_line_id);
      if (known !== undefined) return { known };
      statements.instance.run(work.instance, order_id, order_line_id, call.now);
      statements.work.run(work.id, work.instance, work.event, work.leasedUntil);
      return {};
    }).immediate;

    this.#settle = db.transaction((work, access) => {
      statements.complete.run(access, work.instance);
      statements.finish.run(work.id, 1);
    }).immediate;
  }

  /** Durable when it returns: the replay row, and for a new order its instance and its work. */
  reserve(call, work) {
    return this.#reserve(call, work);
  }

  /** Durable when it returns: the instance is open, the work is done. */
  settle(work, access) {
    this.#settle(work, access);
  }
}
