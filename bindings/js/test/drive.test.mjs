// The driver of this package: what its lines say where a number of JavaScript would say something else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Driver } from "../drive/driver.mjs";
import { memberText, print } from "../drive/json.mjs";

import { KEY, NOW, signedText } from "./platform.mjs";

const ask = async (driver, line) => print(await driver.answer(Buffer.from(line)));

test("a number keeps the digits that it came with, however many they are, wherever an event passes", async () => {
  const numbers = `"big":1e999999,"digits":${"7".repeat(20_000)},"small":1e-999999,"point":1.10,"zero":-0.0`;
  const text = `{"activity":"newInstance","orderId":"CS9","orderLineId":"1","businessId":"b9",${numbers}}`;
  const { target, body } = signedText(text, { path: "/v2" });
  const request = JSON.stringify({ method: "POST", target, body: body.toString() });
  const common = `"seller":1,"now":${NOW},"request":${request}`;
  const driver = new Driver();
  const config = JSON.stringify({ routes: [{ path: "/v2", dialect: "saas-v2", keys: [KEY], product: "crm" }] });
  assert.equal(await ask(driver, `{"op":"open","config":${config}}`), '{"seller":1}');
  const admitted = await ask(driver, `{"op":"admit",${common}}`);
  assert.ok(admitted.includes(`"extra":{${numbers}}`), admitted.slice(0, 200));
  const outcomes = '[{"kind":"done","answer":{"front_end_url":"https://a.example","size":1e999999}}]';
  const handled = await ask(driver, `{"op":"handle",${common},"outcomes":${outcomes}}`);
  assert.ok(handled.includes(`"extra":{${numbers}}`) && handled.includes('"reason":null'), handled.slice(0, 200));
  const imported = await ask(driver, `{"op":"import","seller":1,"now":${NOW},"instance":{"expire_time":1e999999}}`);
  assert.ok(imported.includes('"path":"expire_time"'), imported);
});

test("a member is found by its name alone, wherever its text stands", () => {
  for (const [text, expected] of [
    ['{"a":1}', "1"],
    ['{ "b" : "a\\":,}" , "a" : [ 1, {"a":2} ] }', '[ 1, {"a":2} ]'],
    ['{"b":{"a":1},"a":{"b":"}"}}', '{"b":"}"}'],
    ['{"\\u0061":1e999}', "1e999"],
    ['{"a":1,"a":"last"}', '"last"'],
    ['{"b":["a"]}', undefined],
    ["{}", undefined],
  ]) {
    assert.equal(memberText(text, "a"), expected, text);
  }
});
