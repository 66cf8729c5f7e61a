// The loop: one instance per order under retries, races, failures and a store that fails.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Gate, MemoryStore, Refusal, Seller, StoreError, accepted, handlers } from "countersign";
import { SqliteStore } from "countersign/sqlite";

import { CONFIG, PATH, checked, purchase, signed } from "./platform.mjs";

const SETTINGS = { effect_deadline_ms: 1_000, lease_ms: 1_500, duplicate_wait_ms: 1_000, resend_limit_ms: 1_000 };
const access = ({ data }) => ({ front_end_url: `https://crm.example.com/${data.instance_id}` });

function world(perform, { store = new MemoryStore(), route = {}, ...options } = {}) {
  const seller = Seller.open({ settings: SETTINGS, routes: [{ ...CONFIG.routes[0], ...route }] });
  const steps = [];
  const gate = new Gate({ seller, store, perform, observe: (_, step) => steps.push(step), ...options });
  const call = async (fields) => checked(await gate.handle(signed(fields, { now: Date.now() })));
  return { gate, store, steps, call };
}

const names = (steps) => steps.map(({ step }) => step);
const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("a hundred copies of one order, at once, open one instance", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-"));
  for (const store of [new MemoryStore(), new SqliteStore(join(folder, "ledger.db"))]) {
    const opened = [];
    const { call } = world(
      async (event) => {
        opened.push(event.data.instance_id);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return access(event);
      },
      { store },
    );
    const order = purchase("CS1");
    const answers = await Promise.all(Array.from({ length: 100 }, (_, copy) => call({ ...order, businessId: `b-${copy}` })));
    assert.equal(opened.length, 1);
    for (const answer of answers) assert.deepEqual([answer.resultCode, answer.instanceId], ["000000", opened[0]]);
    store.close?.();
  }
  rmSync(folder, { recursive: true });
});

test("each type of event has a function of its own, and one that has none comes again", async () => {
  const perform = handlers({ subscribe: access });
  const { call, steps } = world(perform);
  const { instanceId, resultCode } = await call(purchase("CS1"));
  assert.equal(resultCode, "000000");
  const release = { activity: "releaseInstance", instanceId };
  assert.equal((await call(release)).resultCode, "000005");
  assert.match(steps.find(({ step }) => step === "threw").error.message, /no handler for countersign.release/);
  const event = { type: "countersign.release", data: {} };
  await assert.rejects(async () => handlers({ subscribe: access })(event), /no handler/);
  await assert.rejects(async () => handlers({})({ type: "countersign.toString", data: {} }), /no handler/);
  assert.deepEqual(await handlers({}, () => ({ id: "u-1" }))(event), { id: "u-1" });
});

test("a duplicate is woken by the commit that it waits for, and needs no clock for it", async () => {
  const clock = { now: Date.now, sleepUntil: () => new Promise(() => {}) };
  let finish;
  const { call, steps } = world((event) => new Promise((resolve) => (finish = () => resolve(access(event)))), { clock });
  const order = purchase();
  const first = call(order);
  await until(() => finish !== undefined);
  const second = call({ ...order, businessId: "another" });
  await until(() => names(steps).filter((step) => step === "waited").length === 2);
  finish();
  const answers = await Promise.all([first, second]);
  assert.deepEqual(answers.map(({ instanceId }) => instanceId), [order.businessId, order.businessId]);
});

test("the same bytes twice are a replay", async () => {
  const { gate } = world(access);
  const request = signed(purchase(), { now: Date.now() });
  assert.equal(checked(await gate.handle(request)).resultCode, "000000");
  assert.equal(checked(await gate.handle(request)).resultCode, "000001");
});

test("a refusal is answered, and the next call runs again with the same instance", async () => {
  let stock = 0;
  const seen = new Set();
  const { call } = world((event) => {
    seen.add(event.data.instance_id);
    if (stock === 0) throw new Refusal("000106", "售罄");
    return access(event);
  });
  const order = purchase();
  assert.equal((await call(order)).resultCode, "000106");
  stock = 1;
  assert.equal((await call({ ...order, businessId: "another" })).resultCode, "000000");
  assert.equal(seen.size, 1);
});

test("what fails is owed, sent again under the same effect id, and ends", async () => {
  const effects = [];
  const { gate, store, call } = world((event, { effectId }) => {
    effects.push(effectId);
    if (effects.length < 3) throw new Error("not yet");
    return access(event);
  });
  const order = purchase();
  const first = await call(order);
  assert.equal(first.resultCode, "000005");
  gate.start();
  await until(() => effects.length >= 3 && store.scan("work/", null, 9).length === 0);
  assert.equal(new Set(effects).size, 1);
  const { resultCode, instanceId } = await call({ ...order, businessId: "later" });
  assert.deepEqual([resultCode, instanceId], ["000000", order.businessId]);
  await gate.close();
});

test("a notice is answered before the application knows of it, and told in order until it is taken", async () => {
  const told = [];
  const route = { dialect: "order-notify" };
  let wake;
  const asleep = new Promise((resolve) => (wake = resolve));
  const { gate, store, call } = world(
    async ({ type, subject, fencingtoken, data }, { effectId }) => {
      await asleep; // as long as it likes: the platform has its answers
      told.push({ type, subject, fencingtoken, line: data.order_line_id, effectId });
      if (told.length < 3) throw new Error("not yet");
    },
    { route },
  );
  const notice = (line) => ({ activity: "orderNotify", orderId: "CS1", orderLineId: line });
  for (const line of ["1", "1", "2"]) assert.equal((await call(notice(line))).resultCode, "000000");
  assert.deepEqual(told, []);
  wake();
  gate.start();
  await until(() => told.length >= 4 && store.scan("work/", null, 9).length === 0);
  assert.deepEqual(told.map(({ line }) => line), ["1", "1", "1", "2"], "the second line waits for the first");
  assert.deepEqual(new Set(told.map(({ type, subject }) => `${type} ${subject}`)), new Set(["countersign.order_changed CS1"]));
  assert.equal(new Set(told.map(({ effectId }) => effectId)).size, 2, "a notice that is owed is joined");
  assert.ok(told[3].fencingtoken > told[2].fencingtoken);
  await gate.close();
});

test("a notice that the application refuses is over", async () => {
  const { gate, store, steps, call } = world(() => { throw new Refusal("gone", "no such order"); }, {
    route: { dialect: "order-notify" },
  });
  gate.start();
  assert.equal((await call({ activity: "orderNotify", orderId: "CS1" })).resultCode, "000000");
  await until(() => names(steps).includes("alarm") && store.scan("work/", null, 9).length === 0);
  assert.equal(steps.find(({ step }) => step === "alarm").code, "effect-refused");
  await gate.close();
});

test("an answer leaves in time although the application does not, and the end is settled later", async () => {
  let finish;
  const { gate, steps, store, call } = world((event) => new Promise((resolve) => (finish = () => resolve(access(event)))), {
    route: { answer_within_ms: 300 },
  });
  const order = purchase();
  const { resultCode, instanceId } = await call(order);
  assert.deepEqual([resultCode, instanceId], ["000004", order.businessId]);
  assert.ok(names(steps).includes("out-of-time"));
  finish();
  await until(() => store.scan("work/", null, 9).length === 0);
  assert.equal((await call({ activity: "queryInstance", instanceId })).resultCode, "000000");
  await gate.close();
});

test("an effect that was taken in is ended by a report, once", async () => {
  let effect;
  const { gate, steps, call } = world((event, { effectId }) => {
    effect = effectId;
    return accepted;
  });
  const order = purchase();
  assert.equal((await call(order)).resultCode, "000004");
  const done = { kind: "done", answer: { front_end_url: "https://crm.example.com" } };
  assert.equal(await gate.report("no-such-effect", done), "unknown");
  const invalid = { name: "CountersignError", code: "backend-answer-invalid", number: 506 };
  await assert.rejects(gate.report(effect, { kind: "done", answer: {} }), invalid);
  assert.equal(await gate.report(effect, done), "taken");
  assert.equal(await gate.report(effect, done), "taken");
  assert.equal(await gate.report(effect, { kind: "refused", code: "000106" }), "superseded");
  const settled = steps.filter(({ step, effect: id }) => step === "settled" && id === effect);
  assert.deepEqual(settled.map(({ outcome }) => outcome), ["accepted", "done", "done", "refused"]);
  assert.equal((await call({ activity: "queryInstance", instanceId: order.businessId })).resultCode, "000000");
});

test("what cannot be right is never answered as success", async () => {
  for (const answer of [undefined, {}, { front_end_url: "" }, { front_end_url: "x".repeat(513) }, { front_end_url: 7 }]) {
    const { call } = world(() => answer);
    assert.equal((await call(purchase())).resultCode, "000005", JSON.stringify(answer));
  }
});

test("while the store is down the platform is told to call again, and nothing is done", async () => {
  let performed = 0;
  class Failing extends MemoryStore {
    fail = null;
    commit(writes) {
      if (this.fail !== null) throw new StoreError(this.fail, "on purpose");
      return super.commit(writes);
    }
  }
  const store = new Failing();
  const { call, steps } = world((event) => (performed++, access(event)), { store });
  store.fail = "store-unavailable";
  const order = purchase();
  assert.equal((await call(order)).resultCode, "000005");
  const { step, reason, message } = steps.at(-1);
  assert.deepEqual([performed, step, reason, message], [0, "failed", "store-unavailable", "on purpose"]);
  store.fail = null;
  assert.equal((await call({ ...order, businessId: "b" })).resultCode, "000000");
  assert.equal(performed, 1);
});

test("a commit of which nobody knows is asked about, never repeated blindly", async () => {
  for (const happens of [true, false]) {
    let uncertain = 1;
    class Uncertain extends MemoryStore {
      commit(writes) {
        if (uncertain-- > 0) {
          if (happens) super.commit(writes);
          throw new StoreError("commit-unknown", "the connection broke");
        }
        return super.commit(writes);
      }
    }
    let performed = 0;
    const { call, steps } = world((event) => (performed++, access(event)), { store: new Uncertain() });
    const order = purchase();
    assert.deepEqual([(await call(order)).resultCode, performed], ["000000", 1]);
    const { reason, message, order: id } = steps.find(({ step }) => step === "uncertain");
    assert.deepEqual([reason, message, id], ["store-unavailable", "the connection broke", order.orderId]);
  }
});

test("an unknown commit keeps its cause, however often it is tried", async () => {
  class Lost extends MemoryStore {
    commit() {
      throw new StoreError("commit-unknown", "the connection broke");
    }
  }
  const { call, steps } = world(access, { store: new Lost() });
  assert.equal((await call(purchase())).resultCode, "000005");
  const { step, reason, message } = steps.at(-1);
  assert.deepEqual([step, reason, message], ["failed", "store-unavailable", "the connection broke"]);
});

/** A store in memory that holds an operation up until it is let go: `hangs(operation, writes)` says which. */
class Hanging extends MemoryStore {
  hangs = () => false;
  #held = [];
  async load(keys) {
    if (this.hangs("load", keys)) await this.#hold();
    return super.load(keys);
  }
  async commit(writes) {
    if (this.hangs("commit", writes)) await this.#hold();
    return super.commit(writes);
  }
  #hold() {
    return new Promise((resolve) => this.#held.push(resolve));
  }
  letGo() {
    this.hangs = () => false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

/** What a call is answered, and that it is answered in time. */
async function inTime(call, order) {
  const began = performance.now();
  const { resultCode } = await call(order);
  const took = performance.now() - began;
  assert.ok(took < 2_000, `answered after ${took} ms`);
  return resultCode;
}

test("an answer leaves in time although the store hangs, and says which was late", async () => {
  for (const operation of ["load", "commit"]) {
    let performed = 0;
    const store = new Hanging();
    const perform = (event) => (performed++, access(event));
    const { gate, call, steps } = world(perform, { store, route: { answer_within_ms: 300 } });
    store.hangs = (which) => which === operation;
    assert.equal(await inTime(call, purchase()), "000005");
    const { step, reason, error, product } = steps.at(-1);
    assert.deepEqual([step, reason, error.name, product, performed], ["failed", "store-unavailable", "StoreError", "crm", 0]);
    store.letGo();
    await gate.close();
  }
});

test("a reservation that holds after its call was answered is sent, once", async () => {
  let performed = 0;
  const store = new Hanging();
  const perform = (event) => (performed++, access(event));
  const { gate, call } = world(perform, { store, route: { answer_within_ms: 300 } });
  const order = purchase();
  store.hangs = (which) => which === "commit";
  assert.equal(await inTime(call, order), "000005");
  store.letGo();
  await gate.close();
  assert.deepEqual([performed, store.scan("work/", null, 9).length], [1, 0]);
});

test("what the application did is kept although the store is late to take it", async () => {
  for (const operation of ["load", "commit"]) {
    let performed = 0;
    const store = new Hanging();
    const perform = (event) => {
      performed++;
      store.hangs = (which) => which === operation;
      return access(event);
    };
    const { gate, call } = world(perform, { store, route: { answer_within_ms: 300 } });
    const order = purchase();
    assert.equal(await inTime(call, order), "000005", operation);
    store.letGo();
    await until(() => store.scan("work/", null, 9).length === 0);
    const { resultCode, instanceId } = await call({ ...order, businessId: "again" });
    assert.deepEqual([resultCode, instanceId, performed], ["000000", order.businessId, 1], operation);
    await gate.close();
  }
});

test("a wall clock that steps during a call neither keeps its answer back nor hurries it", async () => {
  for (const step of [-3_600_000, 3_600_000]) {
    let offset = 0;
    const clock = {
      now: () => Date.now() + offset,
      monotonic: () => performance.now(),
      sleepUntil: (time, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, time - clock.now()));
          signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
        }),
    };
    const slow = (event) => {
      offset = step;
      return new Promise((resolve) => setTimeout(() => resolve(access(event)), 100));
    };
    const { gate, call } = world(slow, { clock, route: { answer_within_ms: 1_000 } });
    assert.equal(await inTime(call, purchase()), "000000", String(step));
    const stuck = world(() => ((offset += step), new Promise(() => {})), { clock, route: { answer_within_ms: 300 } });
    offset = 0;
    assert.equal(await inTime(stuck.call, purchase()), "000004", String(step));
    await gate.close();
  }
});

test("an entropy that fails is an answer, and is said", async () => {
  const error = new Error("no entropy");
  const { call, steps } = world(access, { entropy: () => { throw error; } });
  assert.equal((await call(purchase())).resultCode, "000005");
  assert.deepEqual([steps.at(-1).step, steps.at(-1).reason, steps.at(-1).error], ["failed", "internal", error]);
});

test("while no commit holds, a look for what is owed says so once", async () => {
  const store = new Hanging();
  const { gate, call, steps } = world(() => Promise.reject(new Error("not yet")), { store });
  await Promise.all([call(purchase()), call(purchase()), call(purchase())]);
  store.commit = () => {
    throw new StoreError("store-unavailable", "the disk is full");
  };
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // until all three are due
  steps.length = 0;
  gate.start();
  await until(() => steps.length > 0);
  await gate.close();
  assert.deepEqual(steps.map(({ step, message }) => [step, message]), [["failed", "the disk is full"]]);
});

test("expired rows are deleted only by a clock that has agreed with the monotonic one for ten minutes", async () => {
  const purged = async ({ wall, monotonic }) => {
    const times = [];
    class Purging extends MemoryStore {
      purge(now) {
        times.push(now);
        return false;
      }
    }
    let passed = 0;
    const clock = {
      now: () => 1_700_000_000_000 + passed * wall,
      monotonic: () => passed * monotonic,
      sleepUntil: () => new Promise(() => {}),
    };
    const { gate } = world(access, { store: new Purging(), clock });
    gate.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(times, [], "a process that has just begun");
    passed = 1;
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // a look each second
    await gate.close();
    return times;
  };
  const [agreed, ahead, early] = await Promise.all([
    purged({ wall: 600_000, monotonic: 600_000 }),
    purged({ wall: 4_200_000, monotonic: 600_000 }),
    purged({ wall: 599_000, monotonic: 599_000 }),
  ]);
  assert.deepEqual([agreed, ahead, early], [[1_700_000_600_000], [], []]);
});

test("whatever a store throws has a code, and a commit that threw may have happened", async () => {
  const driver = Object.assign(new Error("connection reset"), { code: "ECONNRESET" });
  for (const error of [driver, "a text", undefined, null, new TypeError("a defect")]) {
    class Foreign extends MemoryStore {
      failing = null;
      commit(writes) {
        const committed = super.commit(writes);
        if (this.failing !== "commit") return committed;
        this.failing = null;
        throw error;
      }
      load(keys) {
        if (this.failing === "load") throw error;
        return super.load(keys);
      }
    }
    const store = new Foreign();
    const { call, gate, steps } = world(access, { store });
    store.failing = "load";
    assert.equal((await call(purchase())).resultCode, "000005");
    assert.deepEqual([steps.at(-1).step, steps.at(-1).reason], ["failed", "store-unavailable"]);
    await assert.rejects(gate.report("effect", { kind: "done" }), { name: "StoreError", code: "store-unavailable" });
    store.failing = "commit";
    assert.equal((await call(purchase())).resultCode, "000000");
  }
});

test("a closed gate makes the platform call again, and takes up nothing", async () => {
  let performed = 0;
  const { gate, steps, call } = world(() => performed++);
  await gate.close();
  await gate.close();
  assert.equal((await call(purchase())).resultCode, "000005");
  assert.deepEqual([performed, steps.at(-1).step, steps.at(-1).reason], [0, "failed", "overloaded"]);
  assert.equal((await gate.handle({ method: "POST", target: "/nowhere" })).status, 404);
  const over = { name: "CountersignError", code: "overloaded", number: 509 };
  await assert.rejects(gate.report("effect", { kind: "done" }), over);
  assert.throws(() => gate.start(), over);
});

test("the work of a process that died is taken up by the next one on the same file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-"));
  const file = join(folder, "ledger.db");
  const dying = new SqliteStore(file);
  const { call } = world(() => new Promise(() => {}), { store: dying, route: { answer_within_ms: 200 } });
  const order = purchase();
  assert.equal((await call(order)).resultCode, "000004");
  dying.close();

  const store = new SqliteStore(file);
  const opened = [];
  const next = world((event) => (opened.push(event.data.instance_id), access(event)), { store });
  next.gate.start();
  await until(() => store.scan("work/", null, 9).length === 0);
  assert.deepEqual(opened, [order.businessId]);
  assert.equal((await next.call({ ...order, businessId: "b" })).instanceId, order.businessId);
  await next.gate.close();
  store.close();
  rmSync(folder, { recursive: true });
});

test("an effect is over for the application when nobody waits for it any more", async () => {
  let signal;
  const { gate } = world((event, sending) => ((signal = sending.signal), new Promise(() => {})), { route: { answer_within_ms: 200 } });
  await gate.handle(signed(purchase(), { now: Date.now() }));
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await gate.close();
});

test("a request without a route is answered without a body", async () => {
  const { gate, steps } = world(access);
  const answer = await gate.handle({ method: "POST", target: `${PATH}/other`, body: "{}" });
  assert.deepEqual([answer.status, answer.body.length, names(steps)], [404, 0, ["refused"]]);
});

test("what a product owes waits for no other product", async () => {
  const store = new MemoryStore();
  const route = (path, product) => ({ ...CONFIG.routes[0], path, product, keys: [`key-of-${product}-0001`] });
  const seller = Seller.open({ settings: SETTINGS, routes: [route("/hanging", "hanging"), route("/healthy", "healthy")] });
  let down = true;
  const heard = { hanging: 0, healthy: 0 };
  const perform = ({ source, ...event }) => {
    if (down) throw new Error("down");
    heard[source]++;
    return source === "hanging" ? new Promise(() => {}) : access(event);
  };
  const gate = new Gate({ seller, store, perform, observe: () => {} });
  const buy = (product) => {
    const key = `key-of-${product}-0001`;
    return gate.handle(signed(purchase(), { now: Date.now(), path: `/${product}`, key }));
  };
  for (let number = 0; number < 100; number++) await buy("hanging");
  await buy("healthy");
  down = false;
  const begun = Date.now();
  gate.start();
  await until(() => heard.healthy === 1);
  assert.ok(Date.now() - begun < 3_000);
  assert.ok(heard.hanging <= 32, `${heard.hanging} at once`);
  await gate.close();
});

test("rows that fill more than a page are delivered", async () => {
  const store = new MemoryStore();
  let down = true;
  let delivered = 0;
  const { gate, call } = world(
    (event) => {
      if (down) throw new Error("down");
      delivered++;
      return access(event);
    },
    { store },
  );
  for (let number = 0; number < 12; number++) await call({ ...purchase(), padding: "x".repeat(50_000) });
  down = false;
  gate.start();
  await until(() => store.scan("work/", null, 99).length === 0);
  assert.equal(delivered, 12);
  await gate.close();
});

/** Clocks that a test moves. */
function clocks() {
  const moved = { wall: 0, monotonic: 0 };
  const clock = {
    now: () => Date.now() + moved.wall,
    monotonic: () => performance.now() + moved.monotonic,
    sleepUntil: (time, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, time - clock.now()));
        signal.addEventListener("abort", () => resolve(clearTimeout(timer)));
      }),
  };
  const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1_000));
  return {
    clock,
    /** Somebody sets the wall clock; the gate looks at it meanwhile. */
    step: (milliseconds) => ((moved.wall += milliseconds), seconds(1.2)),
    /** Time passes for both. */
    pass: (milliseconds) => ((moved.wall += milliseconds), (moved.monotonic += milliseconds), seconds(1.2)),
  };
}

const HOUR = 3_600_000;

test("nothing is purged by a clock that steps, and the purge goes on after it", async () => {
  const store = new MemoryStore();
  const { clock, step, pass } = clocks();
  const { gate } = world(access, { store, clock });
  gate.start();
  const request = signed(purchase(), { now: Date.now() });
  assert.equal(checked(await gate.handle(request)).resultCode, "000000");
  const replays = () => store.scan("replay/", null, 9).length;
  await pass(600_000);
  for (const hours of [3, -3]) {
    await step(hours * HOUR);
    await pass(90_000);
    await step(-hours * HOUR);
  }
  assert.equal(replays(), 1);
  for (let times = 0; times < 5 && replays() > 0; times++) await pass(600_000);
  assert.equal(replays(), 0);
  await gate.close();
});

test("a process that has just begun purges nothing", async () => {
  const store = new MemoryStore();
  const { clock, step } = clocks();
  await step(5 * HOUR);
  await store.commit([{ key: "replay/x", expect: null, change: "put", bytes: new Uint8Array(1), expires_at: Date.now() }]);
  const { gate } = world(access, { store, clock });
  gate.start();
  await step(0);
  assert.equal(store.scan("replay/", null, 9).length, 1);
  await gate.close();
});
