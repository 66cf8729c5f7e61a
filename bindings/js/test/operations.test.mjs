// The core's table of operations, held against the package: every operation has its method, and every recorded answer is
// read to its last byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { Seller } from "countersign";

const require = createRequire(import.meta.url);
const { Operation, Operations } = require("../dist/cjs/operations.js");
const { FrameReader } = require("../dist/cjs/frame.js");
const read = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));

const { operations } = read("core/schema/operations.json");
const { exchanges } = read("tests/vectors/frames.json");
const camel = (name) => name.replace(/_./g, (mark) => mark[1].toUpperCase());
const isMethod = ({ receiver, name }) => receiver !== "sellers" && name !== "compute";

test("every operation has its number, and every one of a seller its method", () => {
  assert.deepEqual(Operation, Object.fromEntries(operations.map(({ name, number }) => [camel(name), number])));
  const methods = Object.getOwnPropertyNames(Operations.prototype).filter((name) => name !== "constructor");
  assert.deepEqual(methods.sort(), operations.filter(isMethod).map(({ name }) => camel(name)).sort());
  assert.ok(Seller.prototype instanceof Operations);
});

/** The function with which a method reads its answer: a seller that keeps it, and calls nothing. */
class Kept extends Operations {
  invoke(_operation, _length, _write, reader) {
    return reader;
  }
}

const request = { method: "POST", target: "/" };
const bytes = new Uint8Array(0);
const row = { key: "k", value: null };
const ARGUMENTS = {
  bytes,
  "optional-bytes": null,
  text: "",
  octets: "",
  json: {},
  Request: request,
  Row: row,
  Outcome: { kind: "failed" },
  FlowInput: { input: "late" },
  ChangeRequest: { change: "import", line: {} },
};

test("every recorded answer of a success is read to its last byte", () => {
  const heard = new Set();
  for (const { name, answer } of exchanges) {
    const operation = operations.find((one) => one.name === name);
    const frame = Buffer.from(answer, "hex");
    // A verdict is read where it lies in the module; other tests do that.
    if (operation === undefined || !isMethod(operation) || name === "admit" || frame.readUInt16LE(2) !== 0) continue;
    const given = operation.arguments
      .filter(({ type, default: left }) => left === undefined && type !== "flag")
      .map(({ type }) => (type.list === undefined ? ARGUMENTS[type] : []));
    const reader = new Kept()[camel(name)](...given);
    const marked = new FrameReader(new Uint8Array(Buffer.concat([frame, Buffer.from("5ca1ab1e", "hex")])), 4);
    reader(marked);
    assert.equal(marked.u32(), 0x1eaba15c, name);
    heard.add(name);
  }
  assert.deepEqual([...heard].sort(), operations.filter(isMethod).map(({ name }) => name).filter((name) => name !== "admit").sort());
});

test("a variant that nobody knows is an error with a code, never another variant", () => {
  const { readDecision, readSettling, readWrite } = require("../dist/cjs/codec.js");
  for (const [reader, frame] of [
    [readDecision, [9]],
    [readSettling, [0]],
    [readWrite, [0, 0, 0, 0, 0, 7]],
  ]) {
    assert.throws(() => reader(new FrameReader(new Uint8Array(frame), 0)), { code: "internal", number: 510 });
  }
});
