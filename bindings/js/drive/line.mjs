// One line of the driver: a JSON object, read member by member.

import { CountersignError } from "../dist/node.mjs";
import { memberText } from "./json.mjs";

/** Says which member is wrong. */
export function malformed(member) {
  return new CountersignError("malformed-frame", 602, `the request cannot be read: \`${member}\``);
}

const malformedOutcome = () => new CountersignError("malformed-outcome", 608, "the outcome cannot be read");

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A time or a version, as far as a number of JavaScript is exact. */
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

export class Line {
  constructor(members, source = "") {
    this.source = source;
    if (!isObject(members)) throw new CountersignError("malformed-frame", 602, "the request cannot be read");
    this.members = members;
  }

  /** `undefined` when absent or null. */
  get(name) {
    return Object.hasOwn(this.members, name) ? (this.members[name] ?? undefined) : undefined;
  }

  /** A member as the JSON text that it is. */
  raw(name) {
    return memberText(this.source, name);
  }

  text(name) {
    const value = this.get(name);
    if (typeof value !== "string") throw malformed(name);
    return value;
  }

  optionalText(name) {
    return this.get(name) === undefined ? undefined : this.text(name);
  }

  /** Milliseconds; the machine's clock when absent. */
  now() {
    const value = this.get("now") ?? Date.now();
    if (!isCount(value)) throw malformed("now");
    return value;
  }

  /** Hex digits; drawn afresh when absent. */
  bytes(name, length) {
    const text = this.optionalText(name);
    if (text === undefined) return crypto.getRandomValues(new Uint8Array(length));
    if (text.length !== length * 2 || !/^[0-9a-fA-F]*$/.test(text)) throw malformed(name);
    return new Uint8Array(Buffer.from(text, "hex"));
  }

  /** A handle that an earlier line gave. */
  handle(name) {
    return base64(this.text(name), name);
  }

  optionalHandle(name) {
    return this.get(name) === undefined ? null : this.handle(name);
  }

  list(name) {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw malformed(name);
    return value;
  }

  table(name) {
    const value = this.get(name);
    if (!isObject(value)) throw malformed(name);
    return new Line(value);
  }

  /** The texts of a line are UTF-8: as bytes they are what stood on the wire. */
  request() {
    const request = this.table("request");
    const headers = request.list("headers").map((header) => {
      if (!Array.isArray(header) || header.length !== 2 || !header.every((text) => typeof text === "string")) {
        throw malformed("request.headers");
      }
      return [header[0], Buffer.from(header[1])];
    });
    return {
      method: request.text("method"),
      target: Buffer.from(request.text("target")),
      headers,
      body: request.body(),
    };
  }

  /** `body` as text or `body_base64`; empty when both are absent. */
  body() {
    const [text, encoded] = [this.optionalText("body"), this.optionalText("body_base64")];
    if (text !== undefined && encoded !== undefined) throw malformed("body");
    return encoded === undefined ? Buffer.from(text ?? "") : base64(encoded, "body_base64");
  }

  /** `[{"key", "value_base64", "version"}]`; a row without value is absent. */
  rows() {
    return this.list("rows").map((item) => readRow(item, "rows"));
  }

  row(name) {
    return readRow(this.get(name), name);
  }

  outcome() {
    return outcome(this.get("outcome"));
  }

  outcomes() {
    return this.list("outcomes").map(outcome);
  }
}

function readRow(item, member) {
  try {
    const row = new Line(item);
    const [key, value] = [row.text("key"), row.optionalText("value_base64")];
    if (value === undefined) return { key, value: null };
    const version = row.get("version");
    if (!isCount(version)) throw malformed(member);
    return { key, value: { bytes: base64(value, member), version } };
  } catch {
    throw malformed(member);
  }
}

/**
 * `{"kind": "done" | "accepted" | "refused" | "failed" | "running", "answer": {…}}`; a refusal's code and message stand in
 * the answer or beside the kind.
 */
function outcome(value) {
  if (!isObject(value)) throw malformedOutcome();
  switch (value.kind) {
    case "done":
      return value.answer === undefined || value.answer === null ? { kind: "done" } : { kind: "done", answer: value.answer };
    case "accepted":
    case "failed":
    case "running":
      return { kind: value.kind };
    case "refused": {
      const { code, message } = isObject(value.answer) ? value.answer : value;
      if (typeof code !== "string" || !["string", "undefined"].includes(typeof (message ?? undefined))) {
        throw malformedOutcome();
      }
      return { kind: "refused", code, message: message ?? "" };
    }
    default:
      throw malformedOutcome();
  }
}

/** Standard Base64 with padding, nothing else. */
export function base64(text, member) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw malformed(member);
  return new Uint8Array(bytes);
}
