// What the module's memory holds, and no longer holds after a wipe.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStore, Seller, wipe } from "countersign";

import { moduleMemory } from "../dist/cjs/generated/countersign.js";
import { NOW, purchase, signed } from "./platform.mjs";

const KEY = "marked-access-key-9c1f";
const PASSWORD = "marked-password-77e0";
const ORDER = "marked-order-51aa";

/** A text as it stands in memory: plain, as hex and as Base64 at each of the three places where it may begin. */
function forms(text) {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").slice(4, -4));
  return [bytes.toString(), bytes.toString("hex"), ...shifted];
}

const holds = (text) => {
  const memory = Buffer.from(moduleMemory().buffer);
  return forms(text).some((form) => memory.includes(form));
};

test("a wipe leaves no key, no password and no order anywhere in the memory", () => {
  const seller = Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: [KEY], encrypt_credentials: true }] });
  const store = new MemoryStore();
  const { admission, keys } = seller.admit(signed(purchase(ORDER), { key: KEY, path: "/k" }), { now: NOW });
  const { work, commit } = seller.decide(admission, store.load(keys), { now: NOW });
  store.commit(commit);
  const outcome = { kind: "done", answer: { front_end_url: "https://x", user_name: "admin", password: PASSWORD } };
  for (let rows = []; ; ) {
    const settlement = seller.settle(work, admission, rows, outcome, { now: NOW });
    if (settlement.settlement === "settled") break;
    rows = [...rows, ...store.load(settlement.keys)];
  }
  assert.ok(holds(KEY), "the seller is open: its key is there");
  assert.ok(holds(PASSWORD) && holds(ORDER), "so is the last request");
  wipe();
  for (const secret of [KEY, PASSWORD, ORDER]) assert.ok(!holds(secret), secret);
  assert.equal(seller.admit(signed(purchase(), { key: KEY, path: "/k" }), { now: NOW }).verdict, "admitted");
});
