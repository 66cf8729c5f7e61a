// A second opinion in JavaScript: V8's own JSON, URL and date functions, and the cryptography of node:crypto. Written
// from the platform's documents, without a line of the core.
//
// One JSON object per line in, `{"op": …, …}`; one per line out, `{"ok": …}` or `{"error": name}`. Members named
// after bytes are standard Base64. `--sabotage NAME` plants one defect: whoever compares must find it.

import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const DEFECTS = [
  "bits-of-the-target-stay", "body-mac-in-bytes", "body-sign-of-text", "carry-of-unsigned-bytes",
  "code-point-order", "february-29-always", "iv-of-zeros", "key-before-stamp", "lower-case-escapes",
  "message-twice", "nested-nulls-dropped", "plus-stays", "repeated-names-pass", "signature-of-any-body",
];
const planted = process.argv[2] === "--sabotage" ? process.argv[3] : undefined;
if (planted !== undefined && !DEFECTS.includes(planted)) throw new Error(`no such defect: ${planted}`);
const has = (defect) => defect === planted;

const bytes = (base64) => Buffer.from(base64, "base64");
const text = (buffer) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer);

// Signatures

function hmac(key, ...parts) {
  const mac = createHmac("sha256", key);
  for (const part of has("message-twice") ? [...parts, ...parts] : parts) mac.update(part);
  return mac.digest();
}

/** hex(HMAC(key, key + nonce + timestamp + hex(HMAC(key, body)))) */
function signatureV2(key, nonce, timestamp, body) {
  const inner = hmac(key, body);
  return hmac(key, key, nonce, timestamp, has("body-mac-in-bytes") ? inner : inner.toString("hex")).toString("hex");
}

/** Base64(HMAC(key + timeStamp, name1=value1&name2=value2…)), names ascending, values decoded. */
function tokenV1(key, pairs) {
  const sorted = [...pairs].sort(([one], [other]) => compare(one, other));
  const stamp = pairs.find(([name]) => name === "timeStamp")[1];
  const macKey = has("key-before-stamp") ? [stamp, key] : [key, stamp];
  return hmac(Buffer.concat(macKey.map((part) => Buffer.from(part))), sorted.map((pair) => pair.join("=")).join("&"))
    .toString("base64");
}

// Keys and ciphertexts

/**
 * The JDK's SHA1PRNG after setSeed: the state is the digest of the seed; each draw is the digest of the state, which
 * then becomes state + draw + 1, added byte by byte from the front. Java's bytes are signed, and so is the carry.
 */
function javaKey(seed, length) {
  const sha1 = (input) => createHash("sha1").update(Uint8Array.from(input)).digest();
  const state = Int8Array.from(sha1(seed));
  const drawn = [];
  while (drawn.length < length) {
    const draw = sha1(state);
    drawn.push(...draw);
    const added = has("carry-of-unsigned-bytes") ? draw : Int8Array.from(draw);
    const before = state.slice();
    let carry = 1;
    for (let i = 0; i < state.length; i++) {
      const sum = (has("carry-of-unsigned-bytes") ? state[i] & 0xff : state[i]) + added[i] + carry;
      state[i] = sum;
      carry = sum >> 8;
    }
    if (state.every((byte, i) => byte === before[i])) state[0]++;
  }
  return Buffer.from(drawn.slice(0, length));
}

const cipher = (bits) => `aes-${bits}-cbc`;

/** Sixteen characters of IV, then the Base64 of the ciphertext. */
function encrypt(accessKey, bits, iv, plain) {
  const used = has("iv-of-zeros") ? Buffer.alloc(16) : Buffer.from(iv);
  const aes = createCipheriv(cipher(bits), javaKey(accessKey, bits / 8), used);
  return iv + Buffer.concat([aes.update(plain), aes.final()]).toString("base64");
}

function decrypt(accessKey, bits, written) {
  const restored = written.replaceAll(" ", "+");
  const aes = createDecipheriv(cipher(bits), javaKey(accessKey, bits / 8), Buffer.from(restored.slice(0, 16)));
  return Buffer.concat([aes.update(bytes(restored.slice(16))), aes.final()]);
}

// JSON

/** The order of String.compareTo in Java, which is also that of < in JavaScript: UTF-16 code units. */
function compare(one, other) {
  if (has("code-point-order")) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Whether a text is JSON is V8's affair; what it says is kept here with the order of names and the text of numbers. */
function parse(source) {
  JSON.parse(source);
  const tokens = source.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gs);
  let at = 0;
  const list = (end, item) => {
    const items = [];
    for (at++; tokens[at] !== end; ) {
      items.push(item());
      if (tokens[at] === ",") at++;
    }
    at++;
    return items;
  };
  const string = () => JSON.parse(tokens[at++]);
  const value = () => {
    switch (tokens[at][0]) {
      case "{": return { members: list("}", () => { const name = string(); at++; return [name, value()]; }) };
      case "[": return { elements: list("]", value) };
      case '"': return { string: string() };
      default: return { word: tokens[at++] };
    }
  };
  return value();
}

const ESCAPES = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

function quote(string) {
  const escape = (character) => {
    const digits = character.charCodeAt(0).toString(16).padStart(4, "0");
    return ESCAPES[character] ?? `\\u${has("lower-case-escapes") ? digits : digits.toUpperCase()}`;
  };
  return `"${string.replace(/["\\\u0000-\u001f]/g, escape)}"`;
}

/** A value as Jackson writes it; `order` sorts the members of nested objects. */
function write(value, order) {
  if (value.members) {
    const kept = has("nested-nulls-dropped") ? value.members.filter(([, inner]) => inner.word !== "null") : value.members;
    return `{${order(kept).map(([name, inner]) => `${quote(name)}:${write(inner, order)}`).join(",")}}`;
  }
  if (value.elements) return `[${value.elements.map((inner) => write(inner, order)).join(",")}]`;
  return value.word ?? quote(value.string);
}

const asReceived = (members) => members;
const ascending = (members) => [...members].sort(([one], [other]) => compare(one, other));

/** What the platform may have signed instead of the bytes that it sent: no nulls at the top, names in order there. */
function canonical(document, form) {
  const top = ascending(document.members.filter(([, value]) => value.word !== "null"));
  if (form === "descending") top.reverse();
  const nested = form === "recursively-sorted" ? ascending : asReceived;
  const one = (value) =>
    form === "scalars-as-strings" && value.word !== undefined ? quote(value.word) : write(value, nested);
  return `{${top.map(([name, value]) => `${quote(name)}:${one(value)}`).join(",")}}`;
}

/** What a reader that keeps everything may take and ours refuses: halves of surrogate pairs, repeated names, depth. */
function peculiarities(value, depth = 1) {
  const found = new Set();
  const name = (string) => string.isWellFormed() || found.add("surrogate");
  const inner = (child) => peculiarities(child, depth + 1).forEach((one) => found.add(one));
  if (value.string !== undefined) name(value.string);
  if ((value.members ?? value.elements) && depth > 64) found.add("depth");
  if (value.members && new Set(value.members.map(([key]) => key)).size < value.members.length) found.add("repeated");
  value.members?.forEach(([key, child]) => { name(key); inner(child); });
  value.elements?.forEach(inner);
  return [...found].sort();
}

// Query strings

class Repeated extends Error {}

const decode = (piece) => decodeURIComponent(has("plus-stays") ? piece : piece.replaceAll("+", " "));

/**
 * Decoded by URLSearchParams, which forgives; so what decodeURIComponent does not take is refused before. A byte
 * beyond ASCII is written as `%XX` first: encoded or not, it is part of the same UTF-8.
 */
function query(encoded) {
  const escape = (character) => `%${character.charCodeAt(0).toString(16)}`;
  const source = encoded.toString("latin1").replace(/[\u0080-\u00ff]/g, escape);
  source.split("&").forEach(decode);
  const pairs = [...new URLSearchParams(`?${source}`)];
  if (!has("repeated-names-pass") && new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Repeated();
  return pairs;
}

const encoded = (pairs) => pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");

// Times

function readTime(written, zone) {
  const fields = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(written)?.slice(1);
  if (!fields || fields[0] < "1970") throw new RangeError("no such time");
  const [year, month, day, ...clock] = fields.map((digits) => Number(digits ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day, ...clock));
  const again = date.toISOString().replace(/\D/g, "").slice(0, written.length);
  const millis = date.getTime() - zone * 60_000;
  if (again !== written && !(has("february-29-always") && /^....0229/.test(written))) throw new RangeError("no such time");
  if (millis < 0 || millis > 253_402_300_799_999) throw new RangeError("out of range");
  return millis;
}

const writeTime = (millis, zone) => new Date(millis + zone * 60_000).toISOString().replace(/\D/g, "");

// Calls

/** What the platform sends, signed over the form of the body that it has in mind. */
function requestV2({ path, key, body, form, nonce, timestamp }) {
  const signed = form === "raw" ? body : canonical(parse(body), form);
  const signature = signatureV2(Buffer.from(key), nonce, timestamp, signed);
  return `${path}?${encoded([["signature", signature], ["timestamp", timestamp], ["nonce", nonce]])}`;
}

/**
 * The contact data of `contact` are encrypted, then everything is signed, then everything is encoded: contact data
 * without care for their plus signs if `lostPlus`, the token once more if `twice`.
 */
function requestV1({ path, key, bits, iv, pairs, contact, withoutEmpty, lostPlus, twice }) {
  const sent = pairs.map(([name, value]) =>
    [name, contact.includes(name) ? encrypt(Buffer.from(key), bits, iv, Buffer.from(value)) : value]);
  const signed = sent.filter(([, value]) => value !== "" || !withoutEmpty);
  const careless = ([name, value]) =>
    lostPlus && contact.includes(name) ? `${name}=${encodeURIComponent(value).replaceAll("%2B", "+")}` : encoded([[name, value]]);
  const token = tokenV1(key, signed);
  return `${path}?${sent.map(careless).join("&")}&${encoded([["authToken", twice ? encodeURIComponent(token) : token]])}`;
}

/** Whether a call that arrived is signed: by the rules of the documents, and by nothing that the core says. */
function isGenuine({ dialect, path, key, now }, target, body) {
  try {
    const mark = target.indexOf("?");
    if (!target.subarray(0, mark).equals(Buffer.from(path))) return false;
    const pairs = query(target.subarray(mark + 1));
    return dialect === "saas-v1" ? isGenuineV1(key, pairs) : isGenuineV2(key, pairs, body, now);
  } catch {
    return false;
  }
}

/** Base64 has neither blanks nor percent signs: both are traces of the way. */
const BASE64 = ["mobilePhone", "email", "saasExtendParams"];

function isGenuineV1(key, pairs) {
  const received = pairs.find(([name]) => name === "authToken")[1];
  const token = (received.includes("%") ? decode(received) : received).replaceAll(" ", "+");
  const rest = pairs.filter(([name]) => name !== "authToken");
  const restored = rest.map(([name, value]) => [name, BASE64.includes(name) ? value.replaceAll(" ", "+") : value]);
  return [rest, restored]
    .flatMap((signed) => [signed, signed.filter(([, value]) => value !== "")])
    .some((signed) => tokenV1(key, signed) === token);
}

function isGenuineV2(key, pairs, body, now) {
  const { signature, timestamp, nonce } = Object.fromEntries(pairs);
  if (!/^[0-9]{13}$/.test(timestamp) || Math.abs(Number(timestamp) - now) > 60_000) return false;
  if (!nonce || Buffer.byteLength(nonce) > 256) return false;
  if (has("signature-of-any-body")) return true;
  const document = parse(text(body));
  if (!document.members || peculiarities(document).length > 0) return false;
  const forms = ["top-level-sorted", "recursively-sorted", "scalars-as-strings"];
  const texts = [body, ...forms.map((form) => canonical(document, form))];
  return texts.some((signed) => signatureV2(Buffer.from(key), nonce, timestamp, signed) === signature.toLowerCase());
}

/** The same call with one bit of its target or body turned, and whether it is still signed. */
function flip(question) {
  const target = bytes(question.target);
  const body = bytes(question.body);
  const place = question.bit % (8 * (target.length + body.length));
  const at = place >> 3;
  const [turned, index] = at < target.length ? [target, at] : [body, at - target.length];
  if (!(turned === target && has("bits-of-the-target-stay"))) turned[index] ^= 1 << (place & 7);
  const genuine = isGenuine(question, target, body) && !has("bits-of-the-target-stay");
  return { target: target.toString("base64"), body: body.toString("base64"), genuine };
}

/** An answer as the platform checks it: the signature over its bytes, then the credentials. */
function readAnswer({ key, bits, body, header }) {
  const raw = bytes(body);
  const signed = has("body-sign-of-text") ? JSON.stringify(JSON.parse(text(raw)), null, 1) : raw;
  const expected = `sign_type="HMAC-SHA256", signature= "${hmac(key, signed).toString("base64")}"`;
  const document = JSON.parse(text(raw));
  const credential = (name) => {
    const written = document.appInfo?.[name];
    return written === undefined ? null : decrypt(Buffer.from(key), bits, written).toString("utf8");
  };
  return { genuine: header === expected, userName: credential("userName"), password: credential("password") };
}

const OPERATIONS = {
  "mac": ({ key, message }) => hmac(bytes(key), bytes(message)).toString("base64"),
  "key": ({ seed, length }) => javaKey(bytes(seed), length).toString("base64"),
  "encrypt": ({ key, bits, iv, plain }) => encrypt(bytes(key), bits, iv, bytes(plain)),
  "decrypt": ({ key, bits, text }) => decrypt(bytes(key), bits, text).toString("base64"),
  "canonical": ({ body, form }) => canonical(parse(body), form),
  "peculiarities": ({ text }) => peculiarities(parse(text)),
  "decode": ({ text }) => decode(text),
  "form": ({ query: source }) => query(bytes(source)),
  "read-time": ({ text, zone }) => readTime(text, zone),
  "write-time": ({ millis, zone }) => writeTime(millis, zone),
  "request-v2": requestV2,
  "request-v1": requestV1,
  "flip": flip,
  "read-answer": readAnswer,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...question } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: OPERATIONS[op](question) };
  } catch (error) {
    answer = { error: error.constructor.name };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
