// Everything that the package throws has a code, whatever is wrong with what was passed.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { CountersignError, Gate, MemoryStore, Seller, StoreError, compute } from "countersign";
import { nodeHandler } from "countersign/http";
import { SqliteStore } from "countersign/sqlite";

import { CONFIG, NOW, purchase, signed } from "./platform.mjs";

/** None of these is what any function takes. */
const WRONG = [undefined, null, 7, NaN, true, 7n, Symbol("s"), () => {}, {}, [7], new Map(), new ArrayBuffer(8)];
const TEXTS = ["", "text"];

const isCoded = (error) =>
  error instanceof CountersignError && typeof error.code === "string" && typeof error.number === "number";

async function coded(what, attempt) {
  try {
    await attempt();
  } catch (error) {
    assert.ok(isCoded(error), `${what} threw ${error?.stack ?? error}`);
  }
}

const shown = (value) => (typeof value === "symbol" || typeof value === "bigint" ? String(value) : `${typeof value}`);

test("every operation of a seller refuses by a code what it does not take", async () => {
  const seller = Seller.open(CONFIG);
  const { admission, keys } = seller.admit(signed(purchase()), { now: NOW });
  const { work } = seller.decide(admission, new MemoryStore().load(keys), { now: NOW });
  const { flow } = seller.begin(signed(purchase()), { now: NOW });
  const [row, failed] = [new Uint8Array(3), { kind: "failed" }];
  for (const wrong of [...WRONG, ...TEXTS]) {
    const attempts = {
      open: () => Seller.open(wrong),
      "open: routes": () => Seller.open({ routes: wrong }),
      "open: keys": () => Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: wrong }] }),
      admit: () => seller.admit(wrong),
      "admit: options": () => seller.admit(signed(purchase()), wrong),
      "admit: method": () => seller.admit({ ...signed(purchase()), method: wrong }),
      "admit: target": () => seller.admit({ ...signed(purchase()), target: wrong }),
      "admit: headers": () => seller.admit({ ...signed(purchase()), headers: wrong }),
      "admit: one header": () => seller.admit({ ...signed(purchase()), headers: [wrong] }),
      "admit: a value": () => seller.admit({ ...signed(purchase()), headers: [["name", wrong]] }),
      "admit: body": () => seller.admit({ ...signed(purchase()), body: wrong }),
      decide: () => seller.decide(wrong, []),
      "decide: rows": () => seller.decide(admission, wrong),
      "decide: a row": () => seller.decide(admission, [wrong]),
      "decide: a value": () => seller.decide(admission, [{ key: "k", value: wrong }]),
      "decide: bytes": () => seller.decide(admission, [{ key: "k", value: { bytes: wrong, version: 1 } }]),
      "decide: moment": () => seller.decide(admission, [], wrong),
      "decide: entropy": () => seller.decide(admission, [], { entropy: wrong }),
      settle: () => seller.settle(wrong, null, [], failed),
      "settle: admission": () => seller.settle(work, wrong, [], failed),
      "settle: outcome": () => seller.settle(work, null, [], wrong),
      "settle: answer": () => seller.settle(work, null, [], { kind: "done", answer: wrong }),
      "settle: code": () => seller.settle(work, null, [], { kind: "refused", code: wrong }),
      begin: () => seller.begin(wrong),
      "begin: options": () => seller.begin(signed(purchase()), wrong),
      "begin: target": () => seller.begin({ ...signed(purchase()), target: wrong }),
      advance: () => seller.advance(wrong, { input: "woken" }),
      "advance: input": () => seller.advance(flow, wrong),
      "advance: kind": () => seller.advance(flow, { input: wrong }),
      "advance: rows": () => seller.advance(flow, { input: "loaded", rows: wrong }),
      "advance: code": () => seller.advance(flow, { input: "failed", code: wrong === "text" ? 7 : wrong }),
      "advance: outcome": () => seller.advance(flow, { input: "sent", outcome: wrong }),
      "advance: moment": () => seller.advance(flow, { input: "loaded", rows: [] }, wrong),
      takeUp: () => seller.takeUp(wrong),
      "takeUp: moment": () => seller.takeUp({ key: "k", value: null }, wrong),
      change: () => seller.change(wrong),
      "change: kind": () => seller.change({ change: wrong }),
      "change: outcome": () => seller.change({ change: "report", effect: "e", outcome: wrong }),
      "change: product": () => seller.change({ change: "access", product: wrong, instance: wrong, access: wrong }),
      "change: moment": () => seller.change({ change: "report", effect: "e", outcome: failed }, wrong),
      due: () => seller.due(wrong),
      decline: () => seller.decline(wrong),
      report: () => seller.report(wrong, [], failed),
      viewInstance: () => seller.viewInstance(wrong),
      "viewInstance: options": () => seller.viewInstance(row, wrong),
      updateAccess: () => seller.updateAccess(wrong, wrong, wrong, []),
      "updateAccess: access": () => seller.updateAccess("crm", "i", wrong, []),
      importInstance: () => seller.importInstance(wrong, {}, []),
      "importInstance: instance": () => seller.importInstance("crm", wrong, []),
      exportInstance: () => seller.exportInstance(wrong),
      compute: () => compute(wrong),
      "compute: inputs": () => compute("hmac-sha256", wrong),
    };
    for (const [name, attempt] of Object.entries(attempts)) await coded(`${name}(${shown(wrong)})`, attempt);
  }
  assert.equal(seller.admit(signed(purchase()), { now: NOW }).verdict, "admitted", "and goes on");
});

test("what headers or a configuration of the caller's throw is the cause of an error with a code", () => {
  const seller = Seller.open(CONFIG);
  const own = new Error("a getter of the caller's");
  function* headers() {
    yield ["Host", "x"];
    throw own;
  }
  assert.throws(() => seller.admit({ ...signed(purchase()), headers: headers() }), (error) => isCoded(error) && error.cause === own);
  assert.throws(() => Seller.open({ toJSON: () => { throw own; } }), (error) => isCoded(error) && error.cause === own);
});

test("a gate says what it lacks", async () => {
  const right = { seller: Seller.open(CONFIG), store: new MemoryStore(), perform: () => {} };
  for (const wrong of [...WRONG, ...TEXTS]) {
    await coded(`Gate(${shown(wrong)})`, () => new Gate(wrong));
    await coded(`nodeHandler(${shown(wrong)})`, () => nodeHandler(wrong));
  }
  for (const name of ["seller", "store", "perform", "observe", "clock", "entropy"]) {
    for (const wrong of [null, 7, "text", {}]) {
      const named = (error) => isCoded(error) && error.message.includes(`\`${name}\``);
      assert.throws(() => new Gate({ ...right, [name]: wrong }), named, `${name}: ${shown(wrong)}`);
    }
  }
  const closed = Seller.open(CONFIG);
  closed.close();
  assert.throws(() => new Gate({ ...right, seller: closed }), { code: "unknown-seller" });
  const gate = new Gate({ ...right, observe: () => {} });
  for (const wrong of [...WRONG, ...TEXTS]) {
    assert.equal((await gate.handle(wrong)).status, 503, "never rejects");
    await coded(`report(${shown(wrong)})`, () => gate.report(wrong, { kind: "failed" }));
    await coded(`report outcome ${shown(wrong)}`, () => gate.report("effect", wrong));
  }
});

test("stores refuse by a code what they do not take, and nothing of it is written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-"));
  const right = { key: "a", expect: null, change: "put", bytes: new Uint8Array(1), expires_at: null };
  for (const store of [new MemoryStore(), new SqliteStore(join(folder, "ledger.db"))]) {
    for (const wrong of WRONG) {
      const name = `${store.constructor.name} ${shown(wrong)}`;
      await coded(`${name}: load`, () => store.load(wrong));
      await coded(`${name}: commit`, () => store.commit(wrong));
      await coded(`${name}: a write`, () => store.commit([right, wrong]));
      await coded(`${name}: bytes`, () => store.commit([right, { ...right, key: "b", bytes: wrong }]));
      const [{ value }] = await store.load(["a"]);
      assert.equal(value, null, name);
    }
    store.close?.();
  }
  for (const wrong of WRONG) await coded(`SqliteStore(${shown(wrong)})`, () => new SqliteStore(wrong));
  rmSync(folder, { recursive: true });
});

test("an error of a store is an error of the package", () => {
  const cause = new Error("the driver's");
  const error = new StoreError("store-unavailable", "no connection", { cause });
  assert.ok(error instanceof CountersignError && error instanceof Error);
  assert.deepEqual([error.name, error.code, error.number, error.message], ["StoreError", "store-unavailable", 507, "no connection"]);
  assert.equal(error.cause, cause);
  assert.deepEqual(error.toJSON(), { code: "store-unavailable", number: 507, message: "no connection" });
});
