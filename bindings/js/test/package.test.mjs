// The packed tarball, installed as a user installs it, in a project of either kind.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let folder;
let tarball;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-package-"));
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  tarball = { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
});

after(() => rmSync(folder, { recursive: true, force: true }));

function project(type, files) {
  const consumer = mkdtempSync(join(folder, "consumer-"));
  const manifest = { name: "consumer", version: "1.0.0", private: true, type };
  writeFileSync(join(consumer, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--offline", "--omit=optional", tarball.path], consumer);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(consumer, name), text);
  return consumer;
}

/** A package that is installed here already, for a consumer that depends on it too. */
const lend = (consumer, name) => symlinkSync(join(root, "node_modules", name), join(consumer, "node_modules", name));

const STORY = `
  const crypto = { createHmac };
  const hmac = (text) => crypto.createHmac("sha256", "key").update(text);
  const body = Buffer.from(JSON.stringify({ activity: "newInstance", orderId: "o", orderLineId: "l", businessId: "b" }));
  const now = Date.now();
  const signature = hmac("key" + "nonce" + now + hmac(body).digest("hex")).digest("hex");
  const seller = Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: ["key"] }] });
  const perform = ({ data }) => ({ front_end_url: "https://" + data.instance_id });
  const gate = new Gate({ seller, store, perform });
  const target = "/k?signature=" + signature + "&timestamp=" + now + "&nonce=nonce";
  gate.handle({ method: "POST", target, body }).then(async ({ body }) => {
    console.log(Buffer.from(body).toString(), typeof nodeHandler(gate));
    await gate.close();
    store.close?.();
  });
`;

test("the tarball holds what it needs and nothing else", () => {
  for (const needed of ["dist/countersign.wasm", "dist/node.mjs", "dist/node.cjs", "dist/cjs/index.d.ts", "README.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.ok(tarball.files.includes(needed), needed);
  }
  assert.deepEqual(tarball.files.filter((path) => !/^(dist\/|README|LICENSE-|package\.json$)/.test(path)), []);
});

test("an ECMAScript module imports it", () => {
  const consumer = project("module", {
    "main.js": `
      import { createHmac } from "node:crypto";
      import { Gate, MemoryStore, Seller } from "countersign";
      import { nodeHandler } from "countersign/http";
      const store = new MemoryStore();
      ${STORY}`,
  });
  assert.match(run("node", ["main.js"], consumer), /"resultCode":"000000".* function/);
});

test("a CommonJS module requires it", () => {
  const consumer = project("commonjs", {
    "main.js": `
      const { createHmac } = require("node:crypto");
      const { Gate, Seller } = require("countersign");
      const { nodeHandler } = require("countersign/http");
      const { SqliteStore } = require("countersign/sqlite");
      const store = new SqliteStore("ledger.db");
      ${STORY}`,
  });
  lend(consumer, "better-sqlite3");
  assert.match(run("node", ["main.js"], consumer), /"resultCode":"000000".* function/);
});

test("a class is one class, imported or required", () => {
  const consumer = project("module", {
    "main.js": `
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      for (const name of ["countersign", "countersign/http"]) {
        const [imported, required] = [await import(name), require(name)];
        const names = Object.keys(required);
        console.log(names.length > 0 && names.every((one) => imported[one] === required[one]), names.length === Object.keys(imported).length);
      }`,
  });
  assert.equal(run("node", ["main.js"], consumer), "true true\ntrue true\n");
});

/** Pretends to be an older Node before a line of anything else runs. */
const PRETEND = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.19.0" } });`;
const SENTENCE = "countersign needs Node.js 20 or later; this is Node.js 18.19.0";
const ENTRIES = ["countersign", "countersign/http", "countersign/sqlite"];

test("an old Node gets a sentence, whichever entry it loads and however", () => {
  const consumer = project("commonjs", { "pretend.cjs": PRETEND });
  // What an old release cannot parse stands behind the entries, and nothing of it may be read before the sentence.
  const modern = join(consumer, "node_modules/countersign/dist/cjs");
  for (const name of readdirSync(modern, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    writeFileSync(join(modern, name), "no release parses this");
  }
  for (const entry of ENTRIES) {
    for (const source of [`require("${entry}");`, `import("${entry}");`]) {
      const { status, stderr } = spawnSync("node", ["--require", "./pretend.cjs", "--eval", source], { cwd: consumer, encoding: "utf8" });
      assert.equal(status, 1, source);
      assert.ok(stderr.includes(SENTENCE) && !stderr.includes("SyntaxError"), `${source} ${stderr}`);
    }
  }
});

test("the entries are in a language that an old Node parses", () => {
  for (const name of readdirSync(join(root, "entry"))) {
    const code = readFileSync(join(root, "entry", name), "utf8").replace(/^ *\/\/.*$/gm, "");
    if (name.endsWith(".cjs")) assert.doesNotMatch(code, /=>|`|\b(const|let|class|async|await|import|export)\b|\?\.|\?\?|\.\.\./, name);
    if (name.endsWith(".mjs")) assert.doesNotMatch(code, /=>|`|\b(class|async|await)\b|\?\.|\?\?|node:|import\(/, name);
  }
});

test("TypeScript reads its types, and tells verdicts apart", () => {
  const source = `
    import { Gate, MemoryStore, Seller, accepted, handlers, type CloudEvent, type Decision, type Observer, type Perform, type Verdict } from "countersign";
    import { nodeHandler } from "countersign/http";
    const seller = Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: ["k"] }] });
    const verdict: Verdict = seller.admit({ method: "POST", target: "/k", body: new Uint8Array(0) });
    export const code: string = verdict.verdict === "refused" ? verdict.reason.code : verdict.event.type;
    // @ts-expect-error an admitted call has no answer yet
    export const none = verdict.verdict === "admitted" ? verdict.answer : null;
    export function next(decision: Decision): number {
      switch (decision.decision) {
        case "need": return decision.keys.length;
        case "wait": return decision.until;
        case "answer": return decision.answer.status;
        case "ask":
        case "perform": return decision.answer_by;
      }
    }
    const gate = new Gate({ seller, store: new MemoryStore(), perform: async (event) => ({ front_end_url: event.source }) });
    nodeHandler(gate);
    const observe: Observer = (request, step) => {
      if (step.step === "threw") console.error(request, step.effect, step.error);
      if (step.step === "refused") console.warn(step.reason, step.path, step.product);
    };
    // A variable of the environment may not be set; what a destructured event holds is known.
    const strict = Seller.open({ routes: [{ path: "/k", dialect: "saas-v2", keys: [process.env.KOOGALLERY_KEY] }] });
    const perform = handlers({
      subscribe: ({ data }) => ({ front_end_url: \`https://\${data.instance_id}\` }),
      account_create: async ({ data }) => ({ id: String(data.message["username"]) }),
      members_add: ({ data }) => void data.users.map((user) => user.user_name),
      release: () => accepted,
      query_instances: ({ data }) => ({
        usage: data.instance_ids.map((instance_id) => ({ instance_id, usage_value: 1, statistical_time: "20260101000000000" })),
      }),
    });
    new Gate({ seller: strict, store: new MemoryStore(), observe, perform });
    export function told(event: CloudEvent): string {
      switch (event.type) {
        case "countersign.tenant_add": return event.data.domain_name;
        case "countersign.members_revoke": return event.data.end_sessions?.scope ?? "nobody";
        // @ts-expect-error there is no such type
        case "countersign.freez": return "";
        // @ts-expect-error a release names an instance, and no address
        case "countersign.release": return event.data.domain_name;
        default: return event.data.activity;
      }
    }
    // @ts-expect-error the answer has no such member
    handlers({ subscribe: () => ({ frontEndUrl: "https://crm.example.com" }) });
    // @ts-expect-error an account has an id
    handlers({ account_create: () => ({ front_end_url: "https://crm.example.com" }) });
    // @ts-expect-error there is no such event
    handlers({ freez: () => {} });
    // @ts-expect-error an event has no such field
    handlers({ renew: ({ data }) => void data.order_idd });
    // @ts-expect-error whatever the event is, this is no answer
    export const wrong: Perform = () => ({ frontEndUrl: "https://crm.example.com" });
  `;
  for (const [type, resolution] of [
    ["module", ["--module", "nodenext"]],
    ["commonjs", ["--module", "nodenext"]],
    ["module", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ]) {
    const consumer = project(type, { "main.ts": source });
    lend(consumer, "typescript");
    // A project of Node alone has no DOM, and reads the declarations of what it imports to the end.
    for (const lib of ["es2023", "es2023,dom"]) {
      const options = ["--noEmit", "--strict", ...resolution, "--target", "es2022", "--lib", lib];
      run("node", ["node_modules/typescript/bin/tsc", ...options, "--typeRoots", join(root, "node_modules/@types"), "--types", "node", "main.ts"], consumer);
    }
  }
});

test("conditions stand in the order in which runtimes look for them, types first", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const entry of Object.values(exports).filter((entry) => typeof entry === "object")) {
    assert.deepEqual(Object.keys(entry), ["node", "import", "require"]);
    for (const kind of ["import", "require"]) {
      assert.deepEqual(Object.keys(entry[kind]), ["types", "default"]);
      assert.deepEqual(entry.node[kind], entry[kind]);
    }
  }
});
