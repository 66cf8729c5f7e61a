// Every operation of a seller, and everything that is wrong with a call of ours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CountersignError, MemoryStore, Seller, compute, wipe } from "countersign";

import { CONFIG, KEY, NOW, checked, purchase, signed } from "./platform.mjs";

const code = (expected) => (error) => error instanceof CountersignError && error.code === expected;
const entropy = new Uint8Array(32).fill(7);

/** Round after round, as long as rows are missing. */
function settled(seller, store, work, admission, outcome) {
  for (let rows = []; ; ) {
    const settlement = seller.settle(work, admission, rows, outcome, { now: NOW, entropy });
    if (settlement.settlement === "settled") return settlement;
    rows = [...rows, ...store.load(settlement.keys)];
  }
}

test("a genuine call is admitted with its meaning", () => {
  const verdict = Seller.open(CONFIG).admit(signed(purchase("CS1", "b-1")), { now: NOW });
  assert.equal(verdict.verdict, "admitted");
  assert.deepEqual(verdict.event, {
    type: "subscribe",
    activity: "newInstance",
    order_id: "CS1",
    order_line_id: "CS1-1",
    business_id: "b-1",
  });
  assert.deepEqual([verdict.dialect, verdict.product, verdict.test], ["saas-v2", "crm", false]);
  assert.equal(verdict.answer_by, NOW + 4_000);
  assert.deepEqual(verdict.keys.slice(1), ["order/crm/CS1/line/CS1-1", "instance/crm/b-1"]);
});

test("a verdict outlives later calls", () => {
  const seller = Seller.open(CONFIG);
  const first = seller.admit(signed(purchase("first")), { now: NOW });
  for (let number = 0; number < 500; number++) seller.admit(signed(purchase(`order-${number}`)), { now: NOW });
  assert.equal(first.event.order_id, "first");
  assert.equal(first.keys.length, 3);
  assert.equal(seller.decide(first.admission, [], { now: NOW }).decision, "perform");
});

test("a wrong key, a changed body and an old call are refused with a signed answer", () => {
  const seller = Seller.open(CONFIG);
  const changed = { ...signed(purchase()), body: Buffer.from('{"activity":"releaseInstance"}') };
  for (const [request, reason] of [
    [signed(purchase(), { key: "another" }), "signature-mismatch"],
    [changed, "signature-mismatch"],
    [signed(purchase(), { now: NOW - 61_000 }), "timestamp-stale"],
    [{ ...signed(purchase()), body: null }, "body-too-large"],
  ]) {
    const verdict = seller.admit(request, { now: NOW });
    assert.equal(verdict.verdict, "refused");
    assert.equal(verdict.reason.code, reason);
    assert.ok(["000001", "000002"].includes(checked(verdict.answer).resultCode));
  }
  const lost = seller.admit({ method: "GET", target: "/nowhere" }, { now: NOW });
  assert.deepEqual([lost.reason.code, lost.answer.status, lost.product], ["unknown-route", 404, null]);
});

test("the target, the headers and the body may be texts or bytes", () => {
  const seller = Seller.open(CONFIG);
  const { method, target, headers, body } = signed(purchase("测试", "b"));
  for (const request of [
    { method, target, headers, body },
    { method, target: Buffer.from(target), headers: new Map(headers), body: body.toString() },
    { method, target, headers: [["X-Bytes", new Uint8Array([0xff])], ["X-Latin", "é"]], body: new Uint8Array(body) },
  ]) {
    assert.equal(seller.admit(request, { now: NOW }).event.order_id, "测试");
  }
});

test("numbers of an event keep their digits", () => {
  const fields = { activity: "changeInstanceCheck", instanceId: "i", productInfo: { price: 0 } };
  const { method, target, headers } = signed(fields);
  const body = '{"activity":"changeInstanceCheck","instanceId":"i","productInfo":{"price":1.10}}';
  const text = signed(JSON.parse(body));
  const verdict = Seller.open(CONFIG).admit({ ...text, method, headers, body: text.body }, { now: NOW });
  assert.equal(verdict.event.product_info.price, 1.1);
  assert.equal(typeof verdict.eventJson, "string");
  assert.notEqual(target, text.target);
});

test("a purchase goes from admit to settle over a store", async () => {
  const seller = Seller.open(CONFIG);
  const store = new MemoryStore();
  const verdict = seller.admit(signed(purchase("CS1", "b-1")), { now: NOW, requestId: new Uint8Array(16) });
  const decision = seller.decide(verdict.admission, store.load(verdict.keys), { now: NOW, entropy });
  assert.equal(decision.decision, "perform");
  assert.equal(store.commit(decision.commit), "committed");
  const event = JSON.parse(decision.effect.body);
  assert.deepEqual([event.type, event.fencingtoken, event.data.instance_id], ["countersign.subscribe", 1, "b-1"]);

  const outcome = { kind: "done", answer: { front_end_url: "https://crm.example.com/b-1" } };
  const settlement = settled(seller, store, decision.work, verdict.admission, outcome);
  assert.equal(settlement.settling, "ended");
  assert.equal(store.commit(settlement.commit), "committed");
  assert.deepEqual(checked(settlement.answer).instanceId, "b-1");

  const [row] = store.scan("instance/", null, 9);
  assert.equal(seller.viewInstance(row.value.bytes).access, undefined);
  assert.equal(seller.viewInstance(row.value.bytes, { access: true }).access.front_end_url, "https://crm.example.com/b-1");
  const update = seller.updateAccess("crm", "b-1", { front_end_url: "https://new.example.com" }, [row]);
  assert.equal(update.update, "commit");
  assert.equal(seller.updateAccess("crm", "other", { front_end_url: "https://x" }, [{ key: "instance/crm/other", value: null }]).update, "unknown");
  assert.equal(seller.report(decision.effect.id, [], outcome).settlement, "need");
  assert.deepEqual(seller.due(store.scan("work/", null, 9), { now: NOW }), { works: [], unreadable: [], next_at: null });
  assert.equal(checked(seller.decline(verdict.admission)).resultCode, "000005");
});

test("what is owed is listed with its time, and claimed one at a time", () => {
  const [seller, store] = [Seller.open(CONFIG), new MemoryStore()];
  const { admission, keys } = seller.admit(signed(purchase("CS1", "b-1")), { now: NOW });
  const first = seller.decide(admission, store.load(keys), { now: NOW });
  store.commit(first.commit);
  assert.deepEqual([first.instance, first.order, first.attempt], ["b-1", "CS1", 1]);
  const scan = () => store.scan("work/", null, 9);
  const leased = seller.due(scan(), { now: NOW });
  assert.deepEqual([leased.works.length, leased.next_at], [1, NOW + 15_000]);
  assert.equal(seller.claim(scan()[0], { now: NOW }), null);

  const late = { now: NOW + 15_000 };
  const { key, product, instance, order, at, sends, accepted } = seller.due(scan(), late).works[0];
  assert.deepEqual([product, instance, order, at, sends, accepted], ["crm", "b-1", "CS1", late.now, 1, null]);
  const row = scan().find((one) => one.key === key);
  const claim = seller.claim(row, late);
  assert.deepEqual([claim.effect.id, claim.attempt], [first.effect.id, 2]);
  assert.equal(store.commit(claim.commit), "committed");
  assert.equal(store.commit(seller.claim(row, late).commit), "conflict", "one claim holds");
  assert.equal(seller.claim({ key, value: null }, late), null);
  const damaged = { key, value: { bytes: new Uint8Array(3), version: 1 } };
  assert.equal(seller.due([damaged], late).unreadable[0].reason.code, "corrupt-row");
  assert.throws(() => seller.claim(damaged, late), code("corrupt-row"));
});

test("a refusal, a failure and 202 are outcomes too", () => {
  const seller = Seller.open(CONFIG);
  for (const [outcome, expected] of [
    [{ kind: "refused", code: "000106", message: "售罄" }, "000106"],
    [{ kind: "failed" }, "000005"],
    [{ kind: "accepted" }, "000004"],
    [{ kind: "running" }, "000004"],
    [{ kind: "done", answer: {} }, "000005"],
  ]) {
    const store = new MemoryStore();
    const { admission, keys } = seller.admit(signed(purchase()), { now: NOW });
    const { work, commit } = seller.decide(admission, store.load(keys), { now: NOW });
    store.commit(commit);
    const { answer } = settled(seller, store, work, admission, outcome);
    assert.equal(checked(answer).resultCode, expected, outcome.kind);
  }
});

test("a configuration names all its mistakes at once, and never a key", () => {
  const config = { routes: [{ path: "no-slash", dialect: "saas-v9", keys: ["", 7], colour: "red" }], settings: { lease_ms: -1 } };
  assert.throws(() => Seller.open(config), (error) => {
    assert.ok(error instanceof CountersignError);
    assert.deepEqual([error.code, error.number], ["invalid-configuration", 601]);
    const paths = error.problems.map(({ path, code }) => `${path} ${code}`);
    // A console shows nothing else of an error.
    for (const { path, message } of error.problems) assert.ok(error.message.includes(`\n  ${path}: ${message}`), path);
    assert.equal(error.toJSON().message, error.message.split("\n", 1)[0]);
    for (const mistake of ["settings.lease_ms wrong-type", "routes[0].path out-of-range", "routes[0].dialect unknown-value", "routes[0].keys[1] wrong-type"]) {
      assert.ok(paths.includes(mistake), `${mistake} in ${paths}`);
    }
    return true;
  });
  assert.throws(() => Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: [undefined] }] }), (error) =>
    code("invalid-configuration")(error) && error.message.includes("routes[0].keys[0]: "));
  for (const nothing of [undefined, null, 7, "text", [], {}, { routes: [] }]) {
    assert.throws(() => Seller.open(nothing), code("invalid-configuration"));
  }
  const circle = {};
  circle.routes = circle;
  assert.throws(() => Seller.open(circle), code("malformed-frame"));
});

test("a configuration is copied, and what is undefined is absent", () => {
  const route = { path: "/k", dialect: "saas-v2", keys: ["right"], product: undefined };
  const seller = Seller.open({ routes: [route], settings: undefined });
  route.keys[0] = "wrong";
  wipe(); // opened anew from the copy
  const verdict = seller.admit(signed(purchase(), { key: "right", path: "/k" }), { now: NOW });
  assert.deepEqual([verdict.verdict, verdict.product], ["admitted", "/k"]);
});

test("what a host needs of a configuration holds no key", () => {
  const seller = Seller.open({ ...CONFIG, settings: { max_headers: 50 } });
  const { settings, products, routes } = seller.describe();
  assert.deepEqual([settings.max_headers, settings.max_body_bytes], [50, 1_048_576]);
  assert.deepEqual([products, routes], [["crm"], [{ path: "/koogallery", method: "POST", dialect: "saas-v2", product: "crm" }]]);
  assert.ok(!JSON.stringify(seller.describe()).includes(KEY));
});

test("what cannot be written into a frame is named", () => {
  const seller = Seller.open(CONFIG);
  const { admission } = seller.admit(signed(purchase()), { now: NOW });
  const row = { key: "k", value: { bytes: new Uint8Array(1), version: 1 } };
  for (const [what, wrong] of [
    ["now", () => seller.admit(signed(purchase()), { now: -1 })],
    ["now", () => seller.admit(signed(purchase()), { now: 1.5 })],
    ["now", () => seller.due([], { now: 2 ** 60 })],
    ["requestId", () => seller.admit(signed(purchase()), { requestId: new Uint8Array(15) })],
    ["entropy", () => seller.decide(admission, [], { entropy: new Uint8Array(31) })],
    ["rows", () => seller.decide(admission, [{ ...row, value: { ...row.value, version: 2 ** 53 } }])],
    ["outcome", () => seller.settle(new Uint8Array(1), null, [], { kind: "perhaps" })],
    ["target", () => seller.admit({ method: "GET", target: "/测" })],
    ["headers", () => seller.admit({ method: "GET", target: "/", headers: [["a", "测"]] })],
    ["headers", () => seller.admit({ method: "GET", target: "/", headers: [["a", 7]] })],
    ["body", () => seller.admit({ method: "GET", target: "/", body: new ArrayBuffer(8) })],
  ]) {
    assert.throws(wrong, (error) => code("malformed-frame")(error) && error.message.includes(`\`${what}\``), what);
  }
});

test("handles of another seller, and bytes that are none, are refused by their code", () => {
  const [seller, other] = [Seller.open(CONFIG), Seller.open({ routes: [{ ...CONFIG.routes[0], keys: ["other"] }] })];
  const { admission } = seller.admit(signed(purchase()), { now: NOW });
  assert.throws(() => other.decide(admission, []), code("foreign-admission"));
  assert.throws(() => seller.decline(new Uint8Array(3)), code("foreign-admission"));
  assert.throws(() => seller.settle(new Uint8Array(3), null, [], { kind: "failed" }), code("malformed-work"));
  assert.throws(() => seller.viewInstance(new Uint8Array(3)), code("corrupt-row"));
});

test("a closed seller is unknown, and the others go on", () => {
  const [one, other] = [Seller.open(CONFIG), Seller.open(CONFIG)];
  one.close();
  one.close();
  assert.throws(() => one.admit(signed(purchase())), code("unknown-seller"));
  assert.equal(other.admit(signed(purchase()), { now: NOW }).verdict, "admitted");
});

test("requests larger than the module takes are refused, and the next is served", () => {
  const seller = Seller.open(CONFIG);
  const row = { key: "k", value: { bytes: new Uint8Array(70 << 20), version: 1 } };
  assert.throws(() => seller.due([row]), code("malformed-frame"));
  assert.equal(seller.admit(signed(purchase()), { now: NOW }).verdict, "admitted");
});

test("primitives are computed by name, in the very module", () => {
  const bytes = (text) => new TextEncoder().encode(text);
  const mac = compute("hmac-sha256", bytes("Jefe"), bytes("what do ya want for nothing?"));
  // RFC 4231, test case 2.
  assert.equal(Buffer.from(mac).toString("hex"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assert.throws(() => compute("rot13", bytes("a")), (error) => error instanceof CountersignError && error.number >= 600);
});

test("an instance from before is imported once, and exported as the line that imports it", () => {
  const seller = Seller.open(CONFIG);
  const store = new MemoryStore();
  const imported = (instance) => {
    for (let rows = []; ; ) {
      const decision = seller.importInstance("", instance, rows, { now: NOW, entropy });
      if (decision.import !== "need") return decision;
      rows = [...rows, ...store.load(decision.keys)];
    }
  };
  const line = {
    product: "crm",
    order_id: "CS1",
    order_line_id: "CS1-1",
    instance_id: "i-1",
    phase: "active",
    front_end_url: "https://crm.example.com",
  };
  const first = imported(line);
  assert.equal(first.import, "commit");
  assert.equal(store.commit(first.commit), "committed");
  assert.equal(imported(line).import, "unchanged");
  const other = imported({ ...line, instance_id: "i-2" });
  assert.equal(other.import, "refused");
  assert.ok(other.problems.length > 0 && other.problems.every(({ path, code }) => typeof path === "string" && code !== ""));
  const [row] = store.scan("instance/", null, 9);
  const exported = seller.exportInstance(row.value.bytes, { access: true });
  assert.equal(exported.owed, 0);
  assert.equal(imported(exported.instance).import, "unchanged");
  assert.ok(!seller.exportInstance(row.value.bytes).instance.includes("https://crm.example.com"));
});
