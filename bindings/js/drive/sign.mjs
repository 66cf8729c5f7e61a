// The signed request that the platform would send. The platform's side: Node's crypto, and not a line of the core.

import { createHmac, randomBytes } from "node:crypto";

import { malformed } from "./line.mjs";

export function sign(line) {
  const dialect = DIALECTS[line.text("dialect")];
  if (dialect === undefined) throw malformed("dialect");
  const nonce = line.optionalText("nonce") ?? randomBytes(32).toString("hex").toUpperCase();
  const [key, host, path] = [line.text("key"), line.optionalText("host") ?? "localhost", line.text("path")];
  const [fields, now] = [Object.entries(line.table("fields").members), line.now()];
  if (!/^\/[!-~]*$/.test(path) || /[?#]/.test(path)) throw malformed("fields");
  const members = fields.filter(([, value]) => value !== null);
  return { request: dialect({ key, host, path, members, now, nonce }) };
}

const DIALECTS = {
  "saas-v1": signV1,
  "saas-v2": signV2,
  "license-code": signV2,
  "order-notify": signV2,
};

const hmac = (key, text) => createHmac("sha256", key).update(text);
/** The order of UTF-16 code units is the order of JavaScript's own comparison. */
const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);

/** signature = hex(HMAC(key, key + nonce + timestamp + hex(HMAC(key, body)))), names in ascending order. */
function signV2({ key, host, path, members, now, nonce }) {
  const body = `{${members.sort(byName).map(([name, value]) => `${text(name)}:${printed(value)}`).join(",")}}`;
  const inner = hmac(key, body).digest("hex");
  const signature = hmac(key, `${key}${nonce}${now}${inner}`).digest("hex").toUpperCase();
  return {
    method: "POST",
    target: `${path}?signature=${signature}&timestamp=${now}&nonce=${escaped(nonce)}`,
    headers: [
      ["Host", host],
      ["Accept", "application/json"],
      ["Content-Type", "application/json;charset=utf8"],
    ],
    body,
  };
}

/** authToken = Base64(HMAC(key + timeStamp, name1=value1&…)), decoded values, names in ascending order. */
function signV1({ key, host, path, members, now }) {
  const parameters = members.map(([name, value]) => {
    if (name === "authToken" || typeof value === "object") throw malformed("fields");
    return [name, String(value)];
  });
  if (!parameters.some(([name]) => name === "timeStamp")) parameters.push(["timeStamp", stamp(now)]);
  parameters.sort(byName);
  const timeStamp = parameters.find(([name]) => name === "timeStamp")[1];
  const signed = parameters.map(([name, value]) => `${name}=${value}`).join("&");
  const token = hmac(key + timeStamp, signed).digest("base64");
  const sent = [["authToken", token], ...parameters].map((pair) => pair.map(escaped).join("="));
  return {
    method: "GET",
    target: `${path}?${sent.join("&")}`,
    headers: [
      ["Host", host],
      ["Accept", "application/json"],
    ],
    body: "",
  };
}

/** As the platform's Java prints it: control characters in upper-case hex. */
const text = (string) =>
  JSON.stringify(string).replace(/\\u00[0-9a-f]{2}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`);

function printed(value) {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, member]) => `${text(name)}:${printed(member)}`).join(",")}}`;
}

/** Keeps the unreserved characters of RFC 3986 (section 2.3). */
const escaped = (string) =>
  encodeURIComponent(string).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** `yyyyMMddHHmmssSSS`, UTC. */
const stamp = (now) => new Date(now).toISOString().replace(/\D/g, "");
