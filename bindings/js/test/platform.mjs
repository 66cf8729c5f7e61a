// The platform's side for tests: signs with Node's crypto, and checks answers with it.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";

const hmac = (key, text) => createHmac("sha256", key).update(text);

export const NOW = 1_700_000_000_000;
export const KEY = "test-access-key-0001";
export const PATH = "/koogallery";
export const CONFIG = { routes: [{ path: PATH, dialect: "saas-v2", keys: [KEY], product: "crm" }] };

/** A call of V2, signed. */
export const signed = (fields, options) => signedText(JSON.stringify(fields), options);

/** A call of V2 with this very body, signed. */
export function signedText(text, { key = KEY, now = NOW, path = PATH, nonce = randomUUID() } = {}) {
  const body = Buffer.from(text);
  const inner = hmac(key, body).digest("hex");
  const signature = hmac(key, `${key}${nonce}${now}${inner}`).digest("hex");
  return {
    method: "POST",
    target: `${path}?signature=${signature}&timestamp=${now}&nonce=${nonce}`,
    headers: [["Content-Type", "application/json;charset=utf8"]],
    body,
  };
}

/** A call of V1, signed. */
export function signedV1(fields, { key = KEY, path = PATH, timeStamp = "20240101000000123" } = {}) {
  const parameters = Object.entries({ ...fields, timeStamp }).sort(([a], [b]) => (a < b ? -1 : 1));
  const token = hmac(`${key}${timeStamp}`, parameters.map((pair) => pair.join("=")).join("&")).digest("base64");
  const query = [["authToken", token], ...parameters].map((pair) => pair.map(encodeURIComponent).join("="));
  return { method: "GET", target: `${path}?${query.join("&")}`, headers: [], body: Buffer.alloc(0) };
}

/** A call of the second kit, signed. */
export function signedKit(call, fields, { key = KEY, now = NOW, path = "/kit", nonce = randomUUID() } = {}) {
  const body = JSON.stringify(Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))));
  const sign = hmac(key, `${key}${nonce}${now}${body}`).digest("hex");
  const headers = [["x-sign", sign], ["x-timestamp", String(now)], ["x-nonce", nonce]];
  return { method: "POST", target: `${path}/produceAPI/v2/${call}`, headers, body };
}

export const purchase = (order = randomUUID(), business = randomUUID()) => ({
  activity: "newInstance",
  orderId: order,
  orderLineId: `${order}-1`,
  businessId: business,
});

/** The JSON of an answer whose Body-Sign is right. */
export function checked({ status, headers, body }, key = KEY) {
  assert.equal(status, 200);
  const [, value] = headers.find(([name]) => name === "Body-Sign");
  assert.equal(/signature= ?"([^"]+)"/.exec(value)[1], hmac(key, body).digest("base64"));
  return JSON.parse(Buffer.from(body).toString());
}
