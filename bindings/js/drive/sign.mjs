// The signed request that the platform would send. The platform's side: Node's crypto, and not a line of the core.

import { constants, createCipheriv, createHash, createHmac, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

import { malformed } from "./line.mjs";

export function sign(line) {
  if (line.text("dialect") === "account-events") return { request: accountEvent(line) };
  const dialect = DIALECTS[line.text("dialect")];
  if (dialect === undefined) throw malformed("dialect");
  const nonce = line.optionalText("nonce") ?? randomBytes(32).toString("hex").toUpperCase();
  const [key, host, path] = [line.text("key"), line.optionalText("host") ?? "localhost", line.text("path")];
  const [fields, now] = [Object.entries(withSecret(line)), line.now()];
  if (!/^\/[!-~]*$/.test(path) || /[?#]/.test(path)) throw malformed("fields");
  const members = fields.filter(([, value]) => value !== null);
  const [call, digest] = [line.optionalText("call"), line.optionalText("digest") ?? "sha-256"];
  if (digest !== "sha-256" && !(digest === "sha-1" && line.text("dialect") === "orgid-sync")) throw malformed("digest");
  return { request: dialect({ key, host, path, members, now, nonce, call, digest: digest.replace("-", "") }) };
}

/** An event of an identity centre; without a key nothing is signed, or nothing encrypted. */
function accountEvent(line) {
  const [token, path] = [line.text("token"), line.text("path")];
  const [signatureKey, encryptionKey] = [line.optionalText("signature_key"), line.optionalText("encryption_key")];
  const algorithm = line.optionalText("algorithm") ?? "AES/GCM/NoPadding";
  const layout = line.optionalText("layout") ?? "L1";
  const { eventType, message } = line.table("fields").members;
  if (typeof eventType !== "string" || message === undefined) throw malformed("fields");
  const plain = typeof message === "string" ? message : printed(message);
  let data = plain;
  if (encryptionKey !== undefined && algorithm !== "none") {
    if (Buffer.byteLength(encryptionKey) !== 16) throw malformed("encryption_key");
    const seal = { "AES/GCM/NoPadding": LAYOUTS[layout], "AES/ECB/PKCS5Padding": LAYOUTS.ECB }[algorithm];
    if (seal === undefined) throw malformed(algorithm === "AES/GCM/NoPadding" ? "layout" : "algorithm");
    data = seal(encryptionKey, `${letters(16)}&${plain}`);
  }
  const [nonce, timestamp] = [line.optionalText("nonce") ?? randomBytes(32).toString("hex").toUpperCase(), line.now()];
  const signed = `${nonce}&${timestamp}&${eventType}&${data}`;
  const signature = signatureKey === undefined ? undefined : hmac(signatureKey, signed).digest("base64");
  return {
    method: "POST",
    target: path,
    headers: [
      ["Host", line.optionalText("host") ?? "localhost"],
      ["Authorization", `Bearer ${token}`],
      ["Content-Type", "application/json"],
    ],
    body: JSON.stringify({ nonce, timestamp, eventType, signature, data }),
  };
}

const letters = (count) => Array.from(randomBytes(count), (byte) => String.fromCharCode(65 + (byte % 26))).join("");

function gcm(key, iv, plain) {
  const cipher = createCipheriv("aes-128-gcm", key, iv);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function ecb(key, plain) {
  const cipher = createCipheriv("aes-128-ecb", key, null);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

/** Where the initialisation vector stands, and what stands around the ciphertext. */
const LAYOUTS = {
  L1: (key, plain, iv = randomBytes(16)) => base64(iv) + base64(gcm(key, iv, plain)),
  L2: (key, plain, iv = randomBytes(12)) => base64(Buffer.concat([iv, gcm(key, iv, plain)])),
  L3: (key, plain, iv = randomBytes(16)) => base64(Buffer.concat([iv, gcm(key, iv, plain)])),
  L4: (key, plain, iv = randomBytes(16)) => base64(iv) + base64(gcm(key, iv, plain).toString("hex").toUpperCase()),
  L5: (key, plain, iv = letters(24)) => iv + base64(gcm(key, Buffer.from(iv), plain)),
  ECB: (key, plain) => base64(ecb(key, plain)),
};

/** The fields; with `public_key` the clientSecret among them, which stands in plain text, is encrypted. */
function withSecret(line) {
  const [fields, publicKey] = [line.table("fields").members, line.optionalText("public_key")];
  if (publicKey === undefined || typeof fields.clientSecret !== "string") return fields;
  const [hash, mask] = (line.optionalText("oaep") ?? "sha-256/sha-256").split("/").map((name) => HASHES[name]);
  if (hash === undefined || mask === undefined) throw malformed("oaep");
  try {
    return { ...fields, clientSecret: encrypted(publicKey, hash, mask, Buffer.from(fields.clientSecret)) };
  } catch {
    throw malformed("public_key");
  }
}

const HASHES = { "sha-256": "sha256", "sha-1": "sha1" };

/** RSAES-OAEP (RFC 8017 §7.1.1). Node takes one hash for both places, so the padding is made here. */
function encrypted(publicKey, hash, mask, message) {
  const key = createPublicKey(publicKey);
  const size = key.asymmetricKeyDetails.modulusLength / 8;
  const label = createHash(hash).digest();
  const zeros = Buffer.alloc(size - message.length - 2 * label.length - 2);
  const seed = randomBytes(label.length);
  const data = xor(Buffer.concat([label, zeros, Buffer.from([1]), message]), seed, mask);
  const block = Buffer.concat([Buffer.from([0]), xor(seed, data, mask), data]);
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block).toString("base64");
}

/** With MGF1 over a seed (RFC 8017 §B.2.1). */
function xor(bytes, seed, hash) {
  const mask = [];
  for (let count = 0; Buffer.concat(mask).length < bytes.length; count++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    mask.push(createHash(hash).update(seed).update(counter).digest());
  }
  const joined = Buffer.concat(mask);
  return Buffer.from(bytes.map((byte, index) => byte ^ joined[index]));
}

const DIALECTS = {
  "saas-v1": signV1,
  "saas-v2": signV2,
  "license-v1": signV1,
  "license-online": signV2,
  "license-code": signV2,
  "order-notify": signV2,
  "kit-v1": signKitV1,
  "kit-v2": signKitV2,
  "orgid-sync": signKitV2,
};

const hmac = (key, text, digest = "sha256") => createHmac(digest, key).update(text);
/** The order of UTF-16 code units is the order of JavaScript's own comparison. */
const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);

/** signature = hex(HMAC(key, key + nonce + timestamp + hex(HMAC(key, body)))), names in ascending order. */
function signV2({ key, host, path, members, now, nonce }) {
  const body = bodyOf(members);
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

const at = (path, prefix, call) => (call === undefined ? path : `${path.replace(/\/+$/, "")}${prefix}/${call}`);

const posted = (host, stamp) => [
  ["Host", host],
  ["Accept", "application/json"],
  ["Content-Type", "application/json;charset=utf8"],
  ...stamp,
];

const bodyOf = (members) =>
  `{${members.sort(byName).map(([name, value]) => `${text(name)}:${printed(value)}`).join(",")}}`;

/** x-sign = hex(HMAC(key, key + nonce + timestamp + body)), names in ascending order. */
function signKitV2({ key, host, path, members, now, nonce, call, digest }) {
  const body = bodyOf(members);
  const signature = hmac(key, `${key}${nonce}${now}${body}`, digest).digest("hex").toUpperCase();
  const stamp = [["x-sign", signature], ["x-timestamp", String(now)], ["x-nonce", nonce]];
  return { method: "POST", target: at(path, "/produceAPI/v2", call), headers: posted(host, stamp), body };
}

/** authToken = Base64(HMAC(key + timeStamp, name1=value1&…)) over the members of the body; the time is that of UTC+8. */
function signKitV1({ key, host, path, members, now, call }) {
  const sent = members.some(([name]) => name === "timeStamp")
    ? members
    : [...members, ["timeStamp", stamp(now + 8 * 3_600_000)]];
  const body = bodyOf(sent);
  const timeStamp = sent.find(([name]) => name === "timeStamp")[1];
  const signed = sent.map(([name, value]) => `${name}=${typeof value === "string" ? value : printed(value)}`).join("&");
  const token = hmac(key + timeStamp, signed).digest("base64");
  const target = at(path, "/produceAPI", call);
  return { method: "POST", target, headers: posted(host, [["authToken", token]]), body };
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
