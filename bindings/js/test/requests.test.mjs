// One table of raw requests through Node's handler, alone and behind Express. The other doors are sent the same table by
// host/service/tests/serve/requests.rs.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import express from "express";

import { Gate, MemoryStore, Seller } from "countersign";
import { nodeHandler } from "countersign/http";

import { KEY, purchase, signed, signedV1 } from "./platform.mjs";

const { requests } = JSON.parse(readFileSync(new URL("../../../tests/vectors/requests.json", import.meta.url), "utf8"));
const CONFIG = {
  routes: [
    { path: "/v1", dialect: "saas-v1", keys: [KEY] },
    { path: "/v2", dialect: "saas-v2", keys: [KEY] },
  ],
};

/** The bytes of a request, with calls in it that are genuine now. */
function filled({ raw, head, body = "" }) {
  const v1 = signedV1({ activity: "newInstance", orderId: randomUUID(), businessId: randomUUID() }, { path: "/v1" });
  const v2 = signed(purchase(), { path: "/v2", now: Date.now() });
  const [sent, length] = [v2.body.toString(), v2.body.length];
  const values = {
    v1: v1.target,
    v2: v2.target,
    "v1-query": v1.target.split("?")[1],
    "v2-query": v2.target.split("?")[1],
    body: sent,
    length,
    "length+1": length + 1,
    "length+3": length + 3,
    "length-hex": length.toString(16),
    chunked: `${length.toString(16)}\r\n${sent}\r\n0\r\n\r\n`,
    bytewise: `${[...sent].map((one) => `1\r\n${one}\r\n`).join("")}0\r\n\r\n`,
  };
  const text = raw ?? `${head.join("\r\n")}\r\n\r\n${body}`;
  return Buffer.from(text.replace(/\{([a-z0-9+-]+)\}/g, (all, name) => values[name] ?? all), "latin1");
}

function exchanged(port, bytes) {
  return new Promise((resolve) => {
    const pieces = [];
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    const end = () => resolve(Buffer.concat(pieces).toString("latin1"));
    socket.on("data", (piece) => pieces.push(piece)).on("close", end).on("error", end);
  });
}

/** What the handler says, in the words of the table. */
function said(answer, steps) {
  const [first = ""] = answer.split(/(?=HTTP\/1\.1 )/).filter((part) => part !== "" && !part.startsWith("HTTP/1.1 100 "));
  const status = Number(first.slice(9, 12));
  const seen = steps.find(({ step }) => step === "refused" || step === "admitted" || step === "failed");
  if (seen === undefined) return { http: status };
  const result = /"resultCode":"([0-9]{6})"/.exec(first)?.[1];
  if (seen.step === "admitted" && status === 200 && result === "000000") return "admitted";
  return { reason: seen.reason ?? seen.step, ...(status === 200 ? {} : { status }), ...(result === undefined ? {} : { result }) };
}

for (const kind of ["alone", "behind Express"]) {
  test(`every raw request gets the verdict of every other door, ${kind}`, async () => {
    const steps = [];
    const gate = new Gate({
      seller: Seller.open(CONFIG),
      store: new MemoryStore(),
      perform: ({ data }) => ({ front_end_url: `https://crm.example.com/${data.instance_id}` }),
      observe: (_, step) => steps.push(step),
    });
    const handler = kind === "alone" ? nodeHandler(gate) : express().use(nodeHandler(gate));
    const server = createServer(handler).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const wrong = [];
    for (const request of requests) {
      steps.length = 0;
      const expected = request.http?.node === undefined ? request.expect : { http: request.http.node };
      const actual = said(await exchanged(server.address().port, filled(request)), steps);
      // Express answers itself where no route of ours has the path.
      const express404 = kind !== "alone" && expected.reason === "unknown-route" && actual.http === 404;
      if (express404) continue;
      try {
        assert.deepEqual(actual, expected);
      } catch {
        wrong.push(`${request.name}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
      }
    }
    server.close();
    server.closeAllConnections();
    assert.deepEqual(wrong, []);
  });
}
