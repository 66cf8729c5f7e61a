// In front of sockets: Node's own server and Express.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import express from "express";

import { Gate, MemoryStore, Seller } from "countersign";
import { nodeHandler } from "countersign/http";

import { CONFIG, checked, purchase, signed } from "./platform.mjs";

const gate = () =>
  new Gate({
    seller: Seller.open({ ...CONFIG, settings: { max_body_bytes: 2_048, max_base_body_bytes: 2_048 } }),
    store: new MemoryStore(),
    perform: ({ data }) => ({ front_end_url: `https://crm.example.com/${data.instance_id}` }),
  });

async function listening(handler, use) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await use(server.address().port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function post(port, { target, body }) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`http://127.0.0.1:${port}${target}`, { method: "POST", headers, body });
  return { status: response.status, headers: [...response.headers], body: Buffer.from(await response.arrayBuffer()) };
}

const now = () => ({ now: Date.now() });
const decoded = (answer) => JSON.parse(answer.body.toString());

test("header names leave in exactly the platform's case", async () => {
  const { target, body } = signed(purchase(), now());
  const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  const answer = await listening(nodeHandler(gate()), (port) =>
    new Promise((resolve, reject) => {
      let received = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(head + body));
      socket.on("data", (chunk) => (received += chunk)).on("end", () => resolve(received)).on("error", reject);
    }),
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /\r\nBody-Sign: sign_type="HMAC-SHA256"/);
});

test("a body in many pieces has the bytes that were signed", async () => {
  const { target, body } = signed(purchase("订单"), now());
  await listening(nodeHandler(gate()), async (port) => {
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of body) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const response = await fetch(`http://127.0.0.1:${port}${target}`, { method: "POST", body: pieces, duplex: "half" });
    assert.equal((await response.json()).resultCode, "000000");
  });
});

test("a body over the limit is a signed refusal, announced or not", async () => {
  const app = express();
  app.use(nodeHandler(gate()));
  for (const handler of [nodeHandler(gate()), app]) {
    await listening(handler, async (port) => {
      const { target } = signed(purchase(), now());
      for (const length of [2_049, 4_096, 8 << 20]) {
        const answer = await post(port, { target, body: Buffer.alloc(length, 0x20) });
        assert.deepEqual([answer.status, decoded(answer).resultCode], [200, "000002"]);
        const pieces = new Blob([Buffer.alloc(length, 0x20)]).stream();
        const response = await fetch(`http://127.0.0.1:${port}${target}`, { method: "POST", body: pieces, duplex: "half" });
        assert.equal((await response.json()).resultCode, "000002");
      }
    });
  }
});

test("a body that is of no use is not waited for", async () => {
  await listening(nodeHandler(gate()), async (port) => {
    const { target } = signed(purchase(), now());
    for (const [line, length, status] of [
      ["POST /nowhere", 1_000, 404],
      [`PUT ${target}`, 1_000, 405],
      [`POST ${target}`, 2_049, 200],
    ]) {
      const head = `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
      const answer = await new Promise((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(head));
        socket.once("data", (chunk) => (resolve(chunk.toString()), socket.destroy())).on("error", reject);
      });
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer);
    }
  });
});

test("a target in absolute form means its path and query, to Express too", async () => {
  const app = express();
  app.use(nodeHandler(gate()));
  app.use((request, response) => response.status(418).end());
  for (const handler of [nodeHandler(gate()), app]) {
    await listening(handler, async (port) => {
      const { target, body } = signed(purchase(), now());
      const head = `POST http://isv.example.com${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
      const answer = await new Promise((resolve, reject) => {
        let received = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(head + body));
        socket.on("data", (chunk) => (received += chunk)).on("end", () => resolve(received)).on("error", reject);
      });
      assert.ok(answer.includes('"resultCode":"000000"'), answer);
    });
  }
});

test("paths that are nobody's are 404 without Express, and Express's own with it", async () => {
  await listening(nodeHandler(gate()), async (port) => {
    assert.equal((await post(port, { target: "/else", body: "" })).status, 404);
  });
  const app = express();
  app.use(nodeHandler(gate()));
  app.use(express.json());
  app.post("/else", (request, response) => response.json(request.body));
  await listening(app, async (port) => {
    const response = await fetch(`http://127.0.0.1:${port}/else`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"mine":true}',
    });
    assert.deepEqual(await response.json(), { mine: true });
    const answer = await post(port, signed(purchase(), now()));
    assert.equal(decoded(answer).resultCode, "000000");
  });
});

test("behind express.raw the bytes are those that it read", async () => {
  const app = express();
  app.use(express.raw({ type: "*/*" }));
  app.use(nodeHandler(gate()));
  await listening(app, async (port) => {
    const answer = await post(port, signed(purchase(), now()));
    assert.equal(decoded(answer).resultCode, "000000");
  });
});

test("behind a parser that ate the bytes the mistake is said, and nothing is admitted", async () => {
  const app = express();
  app.use(express.json({ type: "*/*" }));
  app.use(nodeHandler(gate()));
  app.use((error, request, response, next) => response.status(500).send(error.message));
  await listening(app, async (port) => {
    const answer = await post(port, signed(purchase(), now()));
    assert.equal(answer.status, 500);
    assert.match(answer.body.toString(), /before any body parser/);
  });
});

test("mounted under a path, the whole path counts", async () => {
  const app = express();
  app.use("/koogallery", nodeHandler(gate()));
  await listening(app, async (port) => {
    const answer = await post(port, signed(purchase(), now()));
    assert.equal(decoded(answer).resultCode, "000000");
    assert.equal(checked({ ...answer, headers: answer.headers.map(([name, value]) => [name === "body-sign" ? "Body-Sign" : name, value]) }).resultCode, "000000");
  });
});
