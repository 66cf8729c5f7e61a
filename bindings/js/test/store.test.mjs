// One suite for every store that this package brings.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, test } from "node:test";

import Database from "better-sqlite3";
import { MemoryStore } from "countersign";
import { SqliteStore } from "countersign/sqlite";

const bytes = (text) => new TextEncoder().encode(text);
const put = (key, expect, text = "x", expires_at = null) => ({ key, expect, change: "put", bytes: bytes(text), expires_at });
const check = (key, expect) => ({ key, expect, change: "check" });
const remove = (key, expect) => ({ key, expect, change: "delete" });
const version = async (store, key) => (await store.load([key]))[0].value?.version ?? null;
const text = async (store, key) => {
  const { value } = (await store.load([key]))[0];
  return value === null ? null : new TextDecoder().decode(value.bytes);
};

const folders = [];
const stores = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close?.();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file() {
  const folder = mkdtempSync(join(tmpdir(), "countersign-"));
  folders.push(folder);
  return join(folder, "ledger.db");
}

function sqlite(path = file(), options) {
  const store = new SqliteStore(path, options);
  stores.push(store);
  return store;
}

for (const [name, open] of [
  ["memory", () => new MemoryStore()],
  ["sqlite", () => sqlite()],
]) {
  describe(name, () => {
    test("rows come back in the order asked, absent ones too", async () => {
      const store = open();
      assert.equal(await store.commit([put("b", null, "two"), put("a", null, "one")]), "committed");
      const rows = await store.load(["b", "none", "a", "b"]);
      assert.deepEqual(rows.map(({ key, value }) => [key, value && new TextDecoder().decode(value.bytes)]), [
        ["b", "two"],
        ["none", null],
        ["a", "one"],
        ["b", "two"],
      ]);
    });

    test("one wrong expectation and nothing is written", async () => {
      const store = open();
      await store.commit([put("a", null)]);
      const known = await version(store, "a");
      for (const wrong of [put("a", null), put("a", known + 1), check("a", null), remove("a", known + 1), check("b", 1)]) {
        assert.equal(await store.commit([put("c", null), wrong]), "conflict");
        assert.equal(await version(store, "c"), null);
      }
      assert.equal(await store.commit([check("a", known), put("c", null)]), "committed");
    });

    test("a version never repeats, not even after a delete", async () => {
      const store = open();
      const seen = new Set();
      for (let round = 0; round < 5; round++) {
        await store.commit([put("a", null)]);
        const first = await version(store, "a");
        await store.commit([put("a", first)]);
        const second = await version(store, "a");
        assert.equal(await store.commit([remove("a", second)]), "committed");
        seen.add(first).add(second);
      }
      assert.equal(seen.size, 10);
    });

    test("of many who expect the same version one wins", async () => {
      const store = open();
      await store.commit([put("a", null, "start")]);
      const known = await version(store, "a");
      const rivals = Array.from({ length: 100 }, (_, number) => store.commit([put("a", known, String(number))]));
      const outcomes = await Promise.all(rivals);
      assert.equal(outcomes.filter((outcome) => outcome === "committed").length, 1);
      assert.equal(await text(store, "a"), String(outcomes.indexOf("committed")));
    });

    test("a scan goes in key order from page to page and ends with its prefix", async () => {
      const store = open();
      const keys = ["work/2", "work/1", "work/~", "work0", "wor", "work/10"];
      await store.commit(keys.map((key) => put(key, null)));
      const page = async (after, limit) => (await store.scan("work/", after, limit)).map(({ key }) => key);
      assert.deepEqual(await page(null, 2), ["work/1", "work/10"]);
      assert.deepEqual(await page("work/10", 9), ["work/2", "work/~"]);
      assert.deepEqual(await page("a", 1), ["work/1"]);
      assert.deepEqual(await page("work/~", 9), []);
    });

    test("a page is bounded by its bytes too, and a row beyond them comes alone", async () => {
      const store = open();
      const sizes = [94, 94, 1_000, 94];
      await store.commit(sizes.map((size, number) => put(`work/${number}`, null, "x".repeat(size))));
      const pages = [];
      for (let after = null; ; ) {
        const rows = await store.scan("work/", after, 9, 200);
        if (rows.length === 0) break;
        pages.push(rows.map(({ key }) => key));
        after = rows.at(-1).key;
      }
      assert.deepEqual(pages, [["work/0", "work/1"], ["work/2"], ["work/3"]]);
      assert.equal((await store.scan("work/", null, 9, 199)).length, 1, "keys count");
      assert.equal((await store.scan("work/", null, 1, 10_000)).length, 1);
      assert.deepEqual(await store.scan("work/", null, 0, 10_000), []);
    });

    test("rows go ten minutes after they expired, and not before", async () => {
      const store = open();
      await store.commit([put("a", null, "x", 1_000), put("b", null, "x", 2_000), put("c", null)]);
      assert.equal(await store.purge(601_000, 10), false);
      assert.equal((await store.scan("", null, 9)).length, 3);
      assert.equal(await store.purge(601_001, 1), true);
      assert.equal(await version(store, "a"), null);
      assert.equal(await store.purge(700_000_000, 10), false);
      assert.deepEqual((await store.scan("", null, 9)).map(({ key }) => key), ["c"]);
    });

    test("what was given is kept, whatever the caller does to it later", async () => {
      const store = open();
      const mine = put("a", null, "kept");
      const committing = store.commit([mine]);
      await committing;
      mine.bytes.fill(0);
      assert.equal(await text(store, "a"), "kept");
    });
  });
}

describe("the file", () => {
  test("outlives the store, and two of them share it", async () => {
    const path = file();
    const [one, other] = [sqlite(path), sqlite(path)];
    assert.equal(await one.commit([put("a", null, "one")]), "committed");
    assert.equal(await other.commit([put("a", null, "other")]), "conflict");
    assert.equal(await text(other, "a"), "one");
    one.close();
    other.close();
    stores.length = 0;
    assert.equal(await text(sqlite(path), "a"), "one");
  });

  test("of another program, or of a later release, is left alone", () => {
    for (const sql of ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7", `PRAGMA application_id = ${0x43534c47}; PRAGMA user_version = 2`]) {
      const path = file();
      const database = new Database(path);
      database.exec(sql);
      database.close();
      assert.throws(() => new SqliteStore(path), { name: "StoreError", code: "store-unavailable" });
    }
  });

  test("is its owner's alone, with its companions", async () => {
    const path = file();
    const mask = process.umask(0);
    await sqlite(path).commit([put("a", null)]).finally(() => process.umask(mask));
    for (const name of [path, `${path}-wal`, `${path}-shm`]) {
      assert.equal((statSync(name).mode & 0o777).toString(8), "600", name);
    }
  });

  test("forgets what a row said when the row goes", async () => {
    const path = file();
    const store = sqlite(path);
    const said = "contact data of a buyer";
    await store.commit([put("a", null, said.repeat(10))]);
    await store.commit([put("a", await version(store, "a"), "changed")]);
    await store.commit([remove("a", await version(store, "a"))]);
    store.close();
    stores.length = 0;
    assert.ok(!readFileSync(path).includes(said));
  });

  test("that cannot be opened is a store that is unavailable", () => {
    const folder = dirname(file());
    writeFileSync(join(folder, "text"), "this is no database, and long enough to be looked at".repeat(20));
    for (const path of [join(folder, "missing", "ledger.db"), folder, join(folder, "text"), "", ":memory:"]) {
      assert.throws(() => new SqliteStore(path), { name: "StoreError", code: "store-unavailable", number: 507 }, path);
    }
    assert.deepEqual(readdirSync(folder), ["text"]);
  });

  test("that must exist is not created", () => {
    const path = file();
    const refused = { name: "StoreError", code: "store-unavailable" };
    assert.throws(() => new SqliteStore(path, { create: false }), refused);
    assert.deepEqual(readdirSync(dirname(path)), []);
    writeFileSync(path, "");
    assert.throws(() => new SqliteStore(path, { create: false }), refused, "an empty file is no ledger");
    assert.equal(sqlite(path).isNew, true);
    assert.equal(sqlite(path, { create: false }).isNew, false);
  });

  test("is named by a path and by nothing else", () => {
    const folder = dirname(file());
    for (const name of ["ledger.db?mode=rwc", "sqlite:ledger.db", "file:ledger.db", " ledger.db"]) {
      const path = name.includes(":") ? name : join(folder, name.trim() === name ? name : "ledger.db") + (name.trim() === name ? "" : " ");
      assert.throws(() => new SqliteStore(path), { code: "store-unavailable", message: /is a path/ }, path);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  for (const name of ["", "-wal", "-shm"]) {
    test(`that is gone or replaced is neither read nor written: ledger.db${name}`, async () => {
      const path = file();
      const store = sqlite(path);
      await store.commit([put("a", null, "kept")]);
      const [victim, aside] = [path + name, join(dirname(path), "aside")];
      const refused = { name: "StoreError", code: "store-unavailable", message: new RegExp(`ledger.db${name}$`) };
      renameSync(victim, aside);
      for (const replaced of [false, true]) {
        if (replaced) copyFileSync(aside, victim);
        assert.throws(() => store.load(["a"]), refused);
        assert.throws(() => store.scan("", null, 9), refused);
        assert.throws(() => store.purge(0, 9), refused);
        await assert.rejects(store.commit([put("b", null)]), refused);
      }
      renameSync(aside, victim);
      assert.equal(await text(store, "a"), "kept");
      assert.equal(await store.commit([put("b", null)]), "committed");
    });
  }

  test("is no longer used once the store is closed", async () => {
    const store = new SqliteStore(file());
    const committing = store.commit([put("a", null)]);
    store.close();
    assert.equal(await committing, "committed");
    store.close();
    const closed = { name: "StoreError", code: "store-unavailable", message: "the store is closed" };
    assert.throws(() => store.load(["a"]), closed);
    assert.throws(() => store.scan("a", null, 1), closed);
    assert.throws(() => store.purge(0, 1), closed);
    await assert.rejects(store.commit([put("b", null)]), closed);
  });

  test("that another process has locked is unavailable, and nothing is lost", async () => {
    const path = file();
    const store = sqlite(path, { busyTimeout: 10 });
    const rival = new Database(path);
    rival.exec("BEGIN IMMEDIATE");
    await assert.rejects(store.commit([put("a", null)]), { name: "StoreError", code: "store-unavailable" });
    rival.exec("ROLLBACK");
    rival.close();
    assert.equal(await store.commit([put("a", null)]), "committed");
  });

  test("forgets deletes once a later purge has come by", async () => {
    const path = file();
    const store = sqlite(path);
    await store.commit([put("a", null)]);
    await store.commit([remove("a", await version(store, "a"))]);
    const deletes = () => new Database(path).prepare("SELECT count(*) FROM deletes").pluck().get();
    store.purge(1_000_000, 10);
    assert.equal(deletes(), 1);
    store.purge(1_600_001, 10);
    assert.equal(deletes(), 0);
  });
});
