// Whatever the application is told in any scene is an event of the published schema, and every scene's answers are answers of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import Ajv2020 from "ajv/dist/2020.js";

import { Driver } from "../drive/driver.mjs";
import { print } from "../drive/json.mjs";
import { KEY, NOW, PATH, purchase, signed, signedKit } from "./platform.mjs";

const read = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));

const schema = read("core/schema/events.json");
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

/** Members that no table adds would be news to whoever reads the schema. */
const closed = (schema) => {
  const { additionalProperties = false, ...rest } = schema;
  for (const each of Object.values(rest.properties ?? {})) if (each.items?.properties) each.items = closed(each.items);
  return { ...rest, additionalProperties };
};
const events = Object.fromEntries(
  Object.entries(structuredClone(schema.$defs)).map(([type, event]) => [type, ajv.compile(closed(event))]),
);
const answers = Object.fromEntries(Object.entries(schema.answers).map(([type, answer]) => [type, ajv.compile(answer)]));
const whole = ajv.compile(schema);

/** Every event that the driver tells of these lines, in order; each is one of the schema. */
async function told(config, lines) {
  const driver = new Driver();
  const ask = async (line) => JSON.parse(print(await driver.answer(Buffer.from(JSON.stringify(line)))));
  const { seller } = await ask({ op: "open", config });
  const heard = [];
  for (const line of lines) {
    const answer = await ask({ ...line, seller });
    for (const { type, data } of answer.effects ?? []) {
      assert.equal(type, `countersign.${data.type}`);
      const event = events[data.type];
      assert.ok(event(data) && whole(data), `${JSON.stringify(data)}: ${ajv.errorsText(event.errors)}`);
      heard.push(data);
    }
  }
  return heard;
}

const ACCESS = { front_end_url: "https://crm.example.com", id: "u-1", license: "l-1" };

/** What a backend answers that knows no more than the schema. */
const outcomes = (type) => {
  const names = Object.keys(schema.answers[type]?.properties ?? {});
  return [{ kind: "done", answer: Object.fromEntries(Object.entries(ACCESS).filter(([name]) => names.includes(name))) }];
};

/** The vectors of calls, each as a line to handle; test calls are passed on. */
function vectors() {
  const kits = read("tests/vectors/kit.json").cases.map((one) => ({ ...one, path: `/kit${one.path}`, route: "/kit" }));
  const { token, cases } = read("tests/vectors/account.json");
  const accounts = cases.map((one) => ({ ...one, dialect: "account-events", path: "/account", route: "/account", token }));
  return [...kits, ...accounts]
    .filter((one) => one.event !== undefined)
    .map(({ dialect, path, route, token, settings, headers, body, now, event }) => ({
      config: { routes: [{ path: route, dialect, product: "crm", ...(token && { token }), test_effects: true, ...settings }] },
      line: { op: "handle", request: { method: "POST", target: path, headers, body }, now, outcomes: outcomes(JSON.parse(event).type) },
    }));
}

const SAAS = { routes: [{ path: PATH, dialect: "saas-v2", keys: [KEY], product: "crm", usage: true }] };

/** A call of SaaS as a line to handle. */
const call = (fields, at, outcomes) => {
  const { method, target, headers, body } = signed(fields, { now: NOW + at });
  return { op: "handle", request: { method, target, headers, body: body.toString() }, now: NOW + at, outcomes };
};

test("every event is as the schema says, field by field, and every type is told", async () => {
  const types = new Set();
  const hear = async (config, lines) => (await told(config, lines)).forEach(({ type }) => types.add(type));
  for (const { config, steps } of read("tests/vectors/scenes.json")) await hear(config, steps.map(({ send }) => send));
  for (const { config, line } of vectors()) await hear(config, [line]);
  const opening = { ...call(purchase("CS1", "b"), 0, outcomes("subscribe")), entropy: "01".repeat(32) };
  const [{ instance_id: instanceId }] = await told(SAAS, [opening]);
  await hear(SAAS, [
    opening,
    call({ activity: "changeInstanceCheck", instanceId, productInfo: { productId: "P" } }, 1, outcomes("check_change")),
    call({ activity: "queryInstance", instanceId }, 2, [{ kind: "done", answer: { usage: [] } }]),
  ]);
  const tenant = { instanceId: "i-1", tenantId: "t-1" };
  const application = { ...tenant, appId: "a-1", clientId: "c-1", clientSecret: "s" };
  const calls = [
    ["tenantSync", { ...tenant, domainName: "https://t.example.com", flag: 1 }],
    ["tenantSync", { ...tenant, name: "another", flag: 2 }],
    ["applicationSync", { ...application, flag: 1 }],
    ["applicationSync", { ...application, clientSecret: "another", flag: 2 }],
    ["authSync", { ...tenant, appId: "a-1", flag: 1, userList: [{ userName: "li", mobile: "1", extension: { a: 1 } }] }],
    ["authSync", { ...tenant, appId: "a-1", flag: 3, userList: [{ userName: "li" }] }],
    ["singleOrgSync", { ...tenant, orgCode: "d", orgName: "D", flag: 1 }],
    ["singleOrgSync", { ...tenant, orgCode: "d", orgName: "E", flag: 2 }],
    ["applicationSync", { ...application, flag: 0 }],
  ].map(([call, fields], at) => {
    const now = NOW + 1_000 * at;
    return { op: "handle", request: signedKit(call, fields, { now }), now, outcomes: [{ kind: "done" }] };
  });
  await hear({ routes: [{ path: "/kit", dialect: "kit-v2", keys: [KEY], product: "crm" }] }, calls);
  assert.deepEqual(Object.keys(schema.$defs).filter((type) => !types.has(type)), []);
});

test("an event without what it always has is none, and neither is an answer with a slip of the pen", () => {
  assert.ok(!whole({ type: "subscribe", activity: "newInstance" }));
  assert.ok(!whole({ type: "freez", activity: "x", instance_id: "i" }));
  assert.ok(answers.subscribe({ front_end_url: "https://crm.example.com" }));
  assert.ok(!answers.subscribe({ frontEndUrl: "https://crm.example.com" }));
  assert.ok(!answers.account_create({}));
  assert.ok(answers.account_create({ id: "u-1" }));
});
