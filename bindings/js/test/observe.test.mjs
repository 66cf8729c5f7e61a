// What an engineer sees: every failure and every refusal, once, and never a secret.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import express from "express";

import { Gate, MemoryStore, Refusal, Seller, StoreError } from "countersign";
import { nodeHandler } from "countersign/http";

import { CONFIG, KEY, PATH, checked, purchase, signed } from "./platform.mjs";

const access = ({ data }) => ({ front_end_url: `https://crm.example.com/${data.instance_id}` });
const now = () => ({ now: Date.now() });

function world(perform, { route = {}, settings = {}, ...options } = {}) {
  const seller = Seller.open({ settings: { resend_limit_ms: 1_000, ...settings }, routes: [{ ...CONFIG.routes[0], ...route }] });
  const steps = [];
  const observe = (request, step) => steps.push({ request, ...step });
  const gate = new Gate({ seller, store: new MemoryStore(), perform, observe, ...options });
  const call = async (fields) => checked(await gate.handle(signed(fields, now())));
  return { gate, steps, call };
}

/** What the console is given meanwhile: `[method, text]` for each call of it. */
async function heard(run) {
  const lines = [];
  const original = {};
  for (const method of ["debug", "error", "info", "log", "trace", "warn"]) {
    original[method] = console[method];
    console[method] = (...parts) => lines.push([method, parts.map(String).join(" ")]);
  }
  try {
    await run();
  } finally {
    Object.assign(console, original);
  }
  return lines;
}

const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const THROWN = [new Error("boom"), new TypeError("no such plan"), "a text", 7, 7n, undefined, null, Symbol("s"), { password: "s3cret-Passw0rd" }];
/** One way to fail for each thing that can be thrown, at once and later. */
const FAILING = THROWN.flatMap((value) => [
  [value, () => { throw value; }],
  [value, async () => { throw value; }],
  [value, () => Promise.reject(value)],
]);

test("whatever perform throws reaches observe once, with what it is about", async () => {
  for (const [value, perform] of FAILING) {
    const { call, steps } = world(perform);
    const order = purchase();
    assert.equal((await call(order)).resultCode, "000005");
    const threw = steps.filter(({ step }) => step === "threw");
    assert.equal(threw.length, 1, String(value));
    const { error, message, event, effect, attempt, product, instance, order: id, request } = threw[0];
    assert.deepEqual([error, attempt], [value, 1]);
    assert.equal(typeof message, "string");
    assert.ok(!message.includes("s3cret"), message);
    assert.deepEqual([event, product, id, instance], ["countersign.subscribe", "crm", order.orderId, order.businessId]);
    assert.ok(typeof effect === "string" && /^[0-9a-f]{32}$/.test(request));
  }
});

test("without an observer the console hears it, once, in full, and without a secret", async () => {
  for (const [value, perform] of FAILING) {
    const { call } = world(perform, { observe: undefined });
    const order = purchase();
    const lines = await heard(() => call(order));
    assert.deepEqual(lines.map(([method]) => method), ["error"], String(value));
    const [[, text]] = lines;
    for (const part of ["countersign: threw", "event=countersign.subscribe", "product=crm", order.orderId, order.businessId]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    if (value instanceof Error) assert.ok(text.includes(value.message) && text.includes("observe.test.mjs"), text);
    if (typeof value === "string") assert.ok(text.includes(value), text);
    for (const secret of [KEY, "s3cret", "signature="]) assert.ok(!text.includes(secret), text);
  }
});

test("an error is told with its causes, and without its other members and the buyer's data", async () => {
  const phone = "+86 186 9999 0001";
  const perform = ({ data }) => {
    const cause = new Error(`no mail to ${data.extra.contact.mail}`);
    throw Object.assign(new Error(`cannot call ${phone} of ${data.extra.contact.name}`, { cause }), { request: { headers: "Bearer t0ken" } });
  };
  const { call } = world(perform, { observe: undefined });
  const contact = { phone, mail: "buyer@example.com", name: "张三" };
  const lines = await heard(() => call({ ...purchase(), contact }));
  const [[, text]] = lines;
  assert.ok(text.includes("Error: cannot call [redacted] of [redacted]"), text);
  assert.ok(text.includes("caused by Error: no mail to [redacted]"), text);
  for (const secret of ["186 9999", "9999 0001", "buyer@", "张三", "t0ken"]) assert.ok(!text.includes(secret), `${secret} in ${text}`);
});

test("what JSON cannot hold is no answer, and is said", async () => {
  const circle = {};
  circle.self = circle;
  for (const answer of [circle, { amount: 7n }, { usage: [{ usage_value: NaN }] }, { usage: [{ usage_value: Infinity }] }, 7, "text", () => {}, Symbol("s"), { toJSON() { throw new Error("mine"); } }]) {
    const { call, steps } = world(() => answer);
    assert.equal((await call(purchase())).resultCode, "000005");
    const [threw, ...more] = steps.filter(({ step }) => step === "threw");
    assert.deepEqual([threw.error.name, threw.error.code, more], ["CountersignError", "backend-answer-invalid", []]);
  }
});

test("a refusal of the application is no exception, and one line without an observer", async () => {
  const refusing = () => { throw new Refusal("000106", "sold out"); };
  const { call, steps } = world(refusing);
  assert.equal((await call(purchase())).resultCode, "000106");
  assert.ok(!steps.some(({ step }) => step === "threw"));
  const silent = world(refusing, { observe: undefined });
  const lines = await heard(() => silent.call(purchase()));
  assert.deepEqual(lines.map(([method]) => method), ["warn"]);
  assert.match(lines[0][1], /^countersign: settled reason=backend-refused product=crm /);
});

test("a refusal where none is taken is one line without an observer", async () => {
  const refusing = (event) => {
    if (event.type === "countersign.freeze") throw new Refusal("000106", "not now");
    return access(event);
  };
  const { call } = world(refusing, { observe: undefined });
  const order = purchase();
  await call(order);
  const lines = await heard(() => call({ activity: "updateInstanceStatus", instanceId: order.businessId, status: "FREEZE" }));
  assert.deepEqual(lines.map(([method]) => method), ["warn"]);
  assert.match(lines[0][1], /^countersign: settled reason=backend-failed field=code found=000106 cause=no-refusal-here product=crm /);
});

test("what is wrong with an answer is one line without an observer", async () => {
  const { call } = world(() => ({}), { observe: undefined });
  const lines = await heard(() => call(purchase()));
  assert.deepEqual(lines.map(([method]) => method), ["warn"]);
  assert.match(lines[0][1], /^countersign: settled reason=backend-answer-invalid .*front_end_url/);
});

test("an application that does not end is given up, once, and its own abort is no news", async () => {
  const settings = { effect_deadline_ms: 300, lease_ms: 1_000, duplicate_wait_ms: 200 };
  const waiting = (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { gate, call, steps } = world(waiting, { settings, route: { answer_within_ms: 200 } });
  await call(purchase());
  await gate.close();
  const names = steps.map(({ step }) => step).filter((step) => step === "gave-up" || step === "threw");
  assert.deepEqual(names, ["gave-up"]);
});

test("what is thrown after the answer left is told too", async () => {
  const { gate, call, steps } = world(() => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 400)), {
    route: { answer_within_ms: 200 },
  });
  assert.equal((await call(purchase())).resultCode, "000004");
  await gate.close();
  assert.deepEqual(steps.filter(({ step }) => step === "threw").map(({ error }) => error.message), ["late"]);
});

test("a refused call is one line without an observer: reason, path and product, and no query", async () => {
  const { gate } = world(access, { observe: undefined });
  const genuine = signed(purchase(), now());
  const lines = await heard(async () => {
    await gate.handle({ ...genuine, body: Buffer.from("{}") }, { peer: "192.0.2.7" });
    await gate.handle({ method: "GET", target: "/nowhere?signature=s3cret" });
    await gate.handle(genuine);
    await gate.handle(genuine); // a replay, which only the ledger knows
  });
  assert.deepEqual(lines.map(([method]) => method), ["warn", "warn", "warn"]);
  const [changed, lost, replayed] = lines.map(([, text]) => text);
  assert.match(changed, /^countersign: refused reason=signature-mismatch keys_tried=1 method=POST path=\/koogallery product=crm dialect=saas-v2 peer=192\.0\.2\.7 /);
  assert.match(lost, /^countersign: refused reason=unknown-route method=GET path=\/nowhere /);
  assert.match(replayed, /^countersign: answered reason=replayed product=crm /);
  for (const text of [changed, lost, replayed]) assert.ok(!/signature=|timestamp=|\n/.test(text), text);
});

test("a refused call reaches observe with the same", async () => {
  const { gate, steps } = world(access);
  const genuine = signed(purchase(), now());
  await gate.handle({ ...genuine, target: `http://user:s3cret@isv.example.com${genuine.target}#f`, body: "{}" }, { peer: "192.0.2.7" });
  const [{ step, reason, number, path, method, product, peer, message }] = steps;
  assert.deepEqual([step, reason, number, path, method, product, peer], ["refused", "signature-mismatch", 303, PATH, "POST", "crm", "192.0.2.7"]);
  assert.equal(typeof message, "string");
  assert.ok(!JSON.stringify(steps).includes("s3cret"));
});

test("a stranger's path makes no second line and no long one", async () => {
  const { gate } = world(access, { observe: undefined });
  const lines = await heard(async () => {
    await gate.handle({ method: "GET", target: "/\ncountersign: settled reason=forged" });
    await gate.handle({ method: "GET\r\nX", target: `/${"a".repeat(10_000)}` });
  });
  for (const [, text] of lines) assert.ok(!/[\r\n]/.test(text) && text.length < 1_000, text);
});

test("what is admitted and what is done without trouble is silent without an observer", async () => {
  const { gate, call } = world(access, { observe: undefined });
  const order = purchase();
  const lines = await heard(async () => {
    await call(order);
    await call({ ...order, businessId: "again" });
    await gate.close();
  });
  assert.deepEqual(lines, []);
});

test("every step of an admitted call says what it is about", async () => {
  const { call, steps } = world(access);
  const order = purchase();
  await call(order);
  await call({ ...order, businessId: "again" });
  assert.ok(steps.length >= 5);
  for (const { product, dialect, order: id } of steps) {
    assert.deepEqual([product, dialect, id], ["crm", "saas-v2", order.orderId]);
  }
  for (const { step, instance } of steps.filter(({ step }) => step === "performed" || step === "settled")) {
    assert.equal(instance, order.businessId, step);
  }
});

test("what is owed says how often it was sent, and why not in vain the last time", async () => {
  let sends = 0;
  const { gate, call, steps } = world(() => {
    if (++sends < 3) throw new Error("not yet");
    return { front_end_url: "https://crm.example.com" };
  });
  await call(purchase());
  gate.start();
  await until(() => steps.some(({ step, outcome }) => step === "settled" && outcome === "done"));
  await gate.close();
  const performed = steps.filter(({ step }) => step === "performed");
  assert.deepEqual(performed.map(({ attempt, last }) => [attempt, last]), [[1, null], [2, "backend-failed"], [3, "backend-failed"]]);
  for (const { request, product, order, instance } of performed.slice(1)) {
    assert.deepEqual([request, product], ["owed", "crm"]);
    assert.ok(order !== null && instance !== null);
  }
});

test("what makes a refusal plain stands beside it", async () => {
  const { gate, steps } = world(access, { route: { keys: [KEY, "a-second-key-0000001"] } });
  const old = signed(purchase(), { now: Date.now() - 100_000 });
  await gate.handle(old);
  await gate.handle(signed({ activity: "newInstance" }, now()));
  await gate.handle(signed(purchase(), { ...now(), key: "a-stranger's-key-001" }));
  const [stale, missing, mismatch] = steps;
  assert.equal(stale.reason, "timestamp-stale");
  assert.ok(stale.distance_ms <= -100_000 && stale.distance_ms > -200_000, String(stale.distance_ms));
  assert.deepEqual([missing.reason, missing.field, mismatch.keys_tried], ["field-missing", "orderId", 2]);
});

test("an answer in another spelling gets the name that was meant", async () => {
  const { call, steps } = world(() => ({ frontEndUrl: "https://crm.example.com" }));
  await call(purchase());
  const { reason, field, found, did_you_mean } = steps.find(({ step }) => step === "settled");
  assert.deepEqual(
    [reason, field, found, did_you_mean],
    ["backend-answer-invalid", "front_end_url", "frontEndUrl", "front_end_url"],
  );
});

test("a store that fails is told with its cause", async () => {
  class Down extends MemoryStore {
    load() {
      throw new StoreError("store-unavailable", "no connection");
    }
  }
  const { call } = world(access, { observe: undefined, store: new Down() });
  const lines = await heard(() => call(purchase()));
  assert.deepEqual(lines.map(([method]) => method), ["error"]);
  assert.match(lines[0][1], /^countersign: failed reason=store-unavailable product=crm .*: no connection$/);
});

test("an observer that throws or rejects changes no answer, and the console hears of it", async () => {
  for (const observe of [() => { throw new Error("mine"); }, async () => { throw new Error("mine"); }]) {
    const { call } = world(access, { observe });
    const lines = await heard(async () => {
      assert.equal((await call(purchase())).resultCode, "000000");
      await new Promise(setImmediate);
    });
    assert.ok(lines.length > 0);
    for (const [method, text] of lines) assert.deepEqual([method, text.startsWith("countersign: the observer threw: Error: mine")], ["error", true]);
  }
});

test("a handler that cannot read a body says so, to Express or to the console", async () => {
  const { gate } = world(access, { observe: undefined });
  const genuine = signed(purchase(), now());
  const listening = async (handler, use) => {
    const server = createServer(handler).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      return await use(`http://127.0.0.1:${server.address().port}${genuine.target}`);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };
  const headers = { "content-type": "application/json" };
  const eaten = (request, response) => {
    request.resume().on("end", () => nodeHandler(gate)(request, response));
  };
  let lines = await heard(() =>
    listening(eaten, async (url) => assert.equal((await fetch(url, { method: "POST", headers, body: genuine.body })).status, 500)),
  );
  assert.deepEqual(lines.map(([method]) => method), ["error"]);
  assert.match(lines[0][1], /^countersign: failed reason=malformed-frame .*before any body parser$/);

  const seen = [];
  const app = express();
  app.use(express.json(), nodeHandler(gate), (error, request, response, next) => (seen.push(error), response.status(500).end()));
  lines = await heard(() => listening(app, (url) => fetch(url, { method: "POST", headers, body: genuine.body })));
  assert.deepEqual([lines, seen.map(({ name }) => name)], [[], ["CountersignError"]]);
});

test("a caller who goes in the middle of a body is no failure", async () => {
  const { gate, steps } = world(access);
  const ended = new Promise((resolve) => {
    const handler = nodeHandler(gate);
    const server = createServer((request, response) => {
      response.on("close", () => (server.close(), resolve()));
      handler(request, response);
    }).listen(0, "127.0.0.1", async () => {
      const { connect } = await import("node:net");
      const socket = connect(server.address().port, "127.0.0.1", () => {
        socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`, () => setTimeout(() => socket.destroy(), 20));
      });
    });
  });
  await ended;
  await until(() => true);
  assert.deepEqual(steps, []);
});
