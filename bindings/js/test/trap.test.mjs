// A trap costs the call in which it happens, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CountersignError, Seller } from "countersign";

import { CONFIG, NOW, purchase, signed } from "./platform.mjs";

/** 40 MB on their way in, and more than the 256 MiB of the module's memory once they are rows. */
const TOO_MANY = new Array(8_000_000).fill({ key: "", value: null });

test("a module whose memory is full traps, is made anew, and every seller goes on", () => {
  const [seller, other] = [Seller.open(CONFIG), Seller.open(CONFIG)];
  for (let round = 0; round < 3; round++) {
    assert.throws(
      () => seller.due(TOO_MANY, { now: NOW }),
      (error) => error instanceof CountersignError && error.code === "internal" && error.message.includes("trapped"),
    );
    for (const one of [seller, other]) {
      assert.equal(one.admit(signed(purchase("after")), { now: NOW }).event.order_id, "after");
    }
  }
});

test("a seller that was closed meanwhile stays closed", () => {
  const seller = Seller.open(CONFIG);
  assert.throws(() => seller.due(TOO_MANY, { now: NOW }), { code: "internal" });
  seller.close();
  assert.throws(() => seller.describe(), { code: "unknown-seller" });
  assert.equal(Seller.open(CONFIG).admit(signed(purchase()), { now: NOW }).verdict, "admitted");
});
