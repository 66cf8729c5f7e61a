// The Express example as the simulator plays through it. The configuration and what the application does next come as one
// JSON object per line; each is acknowledged by a line.

import { createInterface } from "node:readline";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Refusal, accepted } from "countersign";

import { backend } from "../../examples/express/backend.mjs";

/** Stands between the gate and the application, and does to it what a story says. */
class Mood {
  reset() {
    Object.assign(this, { accepted: 0, failing: 0, slow: 0, soldOut: null, refusedNext: null, reportAfter: null });
  }

  constructor() {
    this.reset();
  }

  wrap = (perform) => async (event, sending) => {
    if (this.refusedNext !== null) {
      const code = this.refusedNext;
      this.refusedNext = null;
      throw new Refusal(code, "not now");
    }
    if (sending.fencingToken === undefined) return perform(event, sending);
    if (this.failing > 0) {
      this.failing--;
      throw new Error("failed on purpose");
    }
    if (this.soldOut !== null && event.type === "countersign.subscribe") throw new Refusal(this.soldOut, "售罄");
    if (this.accepted > 0) {
      this.accepted--;
      return accepted;
    }
    if (this.reporting.has(sending.effectId)) return accepted;
    if (this.reportAfter !== null) {
      setTimeout(() => this.report(perform, event, sending), this.reportAfter);
      this.reporting.add(sending.effectId);
      this.reportAfter = null;
      return accepted;
    }
    // A purchase takes a while, so that duplicates really meet one that is under way.
    const pause = this.slow || (event.type === "countersign.subscribe" ? 100 : 0);
    this.slow = 0;
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    return perform(event, sending);
  };

  reporting = new Set();

  async report(perform, event, sending) {
    const answer = await perform(event, sending);
    const reported = await running.gate.report(sending.effectId, { kind: "done", answer });
    if (reported !== "taken") complaints.push(`a report was ${reported}`);
    this.reporting.delete(sending.effectId);
  }
}

const folder = mkdtempSync(join(tmpdir(), "countersign-express-"));
const mood = new Mood();
const complaints = [];
let running;
let server;

const commands = {
  open: ({ config }) =>
    new Promise((resolve) => {
      running = backend({ config, file: join(folder, "seller.db"), origin: "https://crm.example.com", wrap: mood.wrap });
      server = running.app.listen(0, "127.0.0.1", () => resolve({ port: server.address().port }));
    }),
  mood: ({ set }) => {
    if (set === null) mood.reset();
    else Object.assign(mood, set);
    return {};
  },
  workspaces: () => ({ workspaces: running.workspaces.all(), members: running.workspaces.tenants.active(), complaints }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  console.log(JSON.stringify(await commands[command.op](command)));
}
server?.close();
server?.closeAllConnections();
await running?.close();
rmSync(folder, { recursive: true });
