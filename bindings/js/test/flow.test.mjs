// The flows of a seller: what they ask of a host, step by step, and what they make of whatever it says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CountersignError, MemoryStore, Seller } from "countersign";

import { CONFIG, NOW, checked, purchase, signed } from "./platform.mjs";

const code = (expected) => (error) => error instanceof CountersignError && error.code === expected;
const done = { kind: "done", answer: { front_end_url: "https://crm.example.com" } };

/** A host without faults, sockets and patience: it carries out all but the send. */
function world() {
  const [seller, store] = [Seller.open(CONFIG), new MemoryStore()];
  let now = NOW;
  const carryOut = (step) => {
    switch (step.step) {
      case "load":
        return { input: "loaded", rows: store.load(step.keys) };
      case "commit":
        return { input: store.commit(step.writes) === "committed" ? "committed" : "conflicted" };
      case "wait":
        now = Math.max(now, step.until);
        return { input: "woken" };
    }
  };
  const say = ({ flow }, input) => seller.advance(flow, input, { now });
  /** Goes on until the flow sends or ends. */
  const run = (advance) => {
    for (let input; (input = carryOut(advance.step)) !== undefined; ) advance = say(advance, input);
    return advance;
  };
  const begin = (fields) => seller.begin(signed(fields, { now }), { now });
  return { seller, store, begin, say, run, carryOut, pass: (millis) => (now += millis), moment: () => ({ now }) };
}

const names = (notes) => notes.map(({ note }) => note);
const resultCode = ({ step }) => checked(step.answer).resultCode;

test("a purchase loads, commits, sends, loads, commits and answers, each by its deadline", () => {
  const { begin, say, carryOut } = world();
  let advance = begin(purchase("CS1", "b-1"));
  const [steps, notes] = [[], [...advance.notes]];
  while (advance.step.step !== "answer") {
    const { step } = advance;
    steps.push(step.step);
    assert.ok(step.until > NOW && step.until <= NOW + 4_000, `${step.step} until ${step.until}`);
    if (step.step === "send") {
      assert.ok(step.until < step.give_up_at);
      assert.equal(JSON.parse(step.effect.body).data.instance_id, "b-1");
    }
    advance = say(advance, carryOut(step) ?? { input: "sent", outcome: done });
    notes.push(...advance.notes);
  }
  assert.deepEqual(steps, ["load", "commit", "send", "load", "commit"]);
  assert.equal(resultCode(advance), "000000");
  assert.deepEqual([advance.flow.length, advance.detached, advance.promoted], [0, null, false]);
  const [admitted, performed, settled] = notes;
  assert.deepEqual(admitted, {
    note: "admitted",
    dialect: "saas-v2",
    product: "crm",
    event: "subscribe",
    test: false,
    order: "CS1",
    instance: "",
  });
  const { effect } = performed;
  assert.deepEqual(performed, { note: "performed", effect, instance: "b-1", order: "CS1", attempt: 1 });
  const ended = { settling: "ended", outcome: "done", reason: null };
  assert.deepEqual(settled, { note: "settled", effect, instance: "b-1", ...ended });
});

test("a refused request is answered by the first step", () => {
  const { step, notes, flow } = world().begin({ activity: "noSuchThing" });
  assert.deepEqual([step.step, checked(step.answer).resultCode, flow.length], ["answer", "000002", 0]);
  const [{ note, dialect, product, reason }, ...more] = notes;
  assert.deepEqual([note, dialect, product, typeof reason.code, more], ["refused", "saas-v2", "crm", "string", []]);
});

test("what becomes of a send that its answer did not wait for is taken in by a flow of its own", () => {
  const { begin, say, run, pass, store, seller } = world();
  const send = run(begin(purchase("CS1", "b-1")));
  pass(3_900);
  const late = say(send, { input: "late" });
  assert.deepEqual([names(late.notes), late.detached instanceof Uint8Array], [["out-of-time"], true]);
  assert.equal(resultCode(run(late)), "000004");
  const end = run(say({ flow: late.detached }, { input: "sent", outcome: done }));
  assert.deepEqual(end.step, { step: "done", changed: null });
  const [row] = store.scan("instance/", null, 9);
  assert.equal(seller.viewInstance(row.value.bytes).phase, "active");
});

test("whatever the store does, the call is answered and the cause is noted", () => {
  for (const [input, expected] of [
    [{ input: "late" }, "store-unavailable"],
    [{ input: "failed", code: "disk-full" }, "disk-full"],
  ]) {
    const { begin, say, carryOut } = world();
    const loading = begin(purchase());
    const committing = say(loading, carryOut(loading.step));
    for (const advance of [loading, committing]) {
      const declined = say(advance, input);
      assert.equal(resultCode(declined), "000005");
      assert.deepEqual(declined.notes, [{ note: "failed", code: expected }]);
    }
  }
  const { begin, say, carryOut, run } = world();
  const loading = begin(purchase());
  const committing = say(loading, carryOut(loading.step));
  carryOut(committing.step);
  const unsure = say(committing, { input: "uncertain", code: "timeout" });
  assert.deepEqual(unsure.notes, [{ note: "uncertain", code: "timeout" }]);
  assert.equal(resultCode(say(run(unsure), { input: "failed", code: "overloaded" })), "000005");
});

test("a duplicate waits, and watches what it waits for before it loads", () => {
  const { begin, say, run, carryOut } = world();
  const send = run(begin(purchase("CS1", "b-1")));
  let advance = begin(purchase("CS1", "b-2"));
  const watched = [];
  while (advance.step.step !== "wait") {
    watched.push(...(advance.step.watch ?? []));
    advance = say(advance, carryOut(advance.step));
  }
  assert.ok(watched.some((key) => key.startsWith("work/")), String(watched));
  run(say(send, { input: "sent", outcome: done }));
  const end = run(say(advance, { input: "woken" }));
  assert.equal(checked(end.step.answer).instanceId, "b-1");
});

test("an owed work is taken up by a flow without a deadline, and by one only", () => {
  const { begin, say, run, pass, store, seller, moment } = world();
  const failed = run(say(run(begin(purchase("CS1", "b-1"))), { input: "sent", outcome: { kind: "failed" } }));
  assert.equal(resultCode(failed), "000005");
  const row = () => store.scan("work/", null, 1)[0];
  assert.equal(seller.takeUp(row(), moment()), null, "not before its time");
  pass(1_000);
  const [ours, theirs] = [seller.takeUp(row(), moment()), seller.takeUp(row(), moment())];
  assert.deepEqual([ours.step.step, ours.step.until], ["commit", Infinity]);
  const send = run(theirs);
  assert.deepEqual([send.step.step, send.step.until, send.notes[0].attempt], ["send", Infinity, 2]);
  assert.deepEqual(run(ours).step, { step: "done", changed: null });
  assert.deepEqual(run(say(send, { input: "sent", outcome: done })).step, { step: "done", changed: null });
  assert.equal(seller.takeUp({ key: "work/gone", value: null }, moment()), null);
  assert.throws(() => seller.takeUp({ key: "work/x", value: { bytes: new Uint8Array(3), version: 1 } }), code("corrupt-row"));
});

test("a change ends with what became of it", () => {
  const { begin, run, seller, store, moment, say } = world();
  const send = run(begin(purchase("CS1", "b-1")));
  const change = (request) => run(seller.change(request, moment()));
  const changed = (request) => change(request).step.changed;
  const report = { change: "report", effect: send.step.effect.id, outcome: done };
  const { step, notes, promoted } = change(report);
  assert.deepEqual([step.changed, promoted], [{ changed: "reported", settling: "ended" }, true]);
  assert.deepEqual([names(notes), notes[0].instance], [["settled"], "b-1"]);
  assert.deepEqual(changed(report), { changed: "reported", settling: "repeated" });
  assert.deepEqual(changed({ ...report, effect: "none" }), { changed: "reported", settling: "unknown" });

  const access = { change: "access", product: "crm", instance: "b-1", access: { front_end_url: "https://new.example.com" } };
  assert.deepEqual(changed(access), { changed: "committed" });
  assert.deepEqual(changed({ ...access, instance: "b-2" }), { changed: "unknown" });
  const invalid = changed({ ...access, access: {} });
  assert.deepEqual([invalid.changed, invalid.reason.code], ["invalid", "backend-answer-invalid"]);

  const line = {
    order_id: "OLD",
    order_line_id: "1",
    instance_id: "o-1",
    phase: "active",
    front_end_url: "https://o.example.com",
  };
  assert.deepEqual(changed({ change: "import", product: "crm", line }), { changed: "committed" });
  const exported = seller.exportInstance(store.load(["instance/crm/o-1"])[0].value.bytes, { access: true });
  assert.deepEqual(changed({ change: "import", line: exported.instance }), { changed: "unchanged" });
  const refused = changed({ change: "import", product: "crm", line: {} });
  assert.ok(refused.changed === "refused" && refused.problems.every(({ path, message }) => path !== "" && message !== ""));

  const loading = seller.change({ ...report, effect: "other" }, moment());
  assert.deepEqual(say(loading, { input: "failed", code: "disk-full" }).step.changed, { changed: "failed", code: "disk-full" });
});

test("what answers another step, and bytes that are no flow of this seller, are refused by their code", () => {
  const { begin, say, seller } = world();
  const loading = begin(purchase());
  for (const input of [{ input: "committed" }, { input: "woken" }, { input: "sent", outcome: done }]) {
    assert.throws(() => say(loading, input), code("malformed-frame"), input.input);
  }
  const other = Seller.open({ routes: [{ ...CONFIG.routes[0], keys: ["another-access-key-1"] }] });
  assert.throws(() => other.advance(loading.flow, { input: "loaded", rows: [] }), code("foreign-admission"));
  assert.throws(() => seller.advance(new Uint8Array(3), { input: "woken" }), code("foreign-admission"));
});
