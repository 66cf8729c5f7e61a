// The black-box face: one JSON object per line in, one per line out, the same as `countersign drive`.

import { CountersignError, MemoryStore, Seller, compute } from "../dist/node.mjs";
import { Flow } from "../dist/cjs/gate/flow.js";
import { Notes, hex } from "../dist/cjs/gate/notes.js";
import { Watch } from "../dist/cjs/gate/watch.js";
import { Raw } from "./json.mjs";
import { Line, base64, malformed } from "./line.mjs";
import { Script } from "./script.mjs";
import { resolveSecrets } from "./secrets.mjs";
import {
  answerShape,
  decisionShape,
  dueShape,
  exportShape,
  importShape,
  settlementShape,
  verdictShape,
} from "./shape.mjs";
import { sign } from "./sign.mjs";

/** Open sellers and one ledger. */
export class Driver {
  #sellers = new Map();
  #last = 0;
  #store = new MemoryStore();
  #reveals;

  /** `revealSecrets`: takes `reveal`, which shows the secret that a call carries in plain text. */
  constructor({ revealSecrets = false } = {}) {
    this.#reveals = revealSecrets;
  }

  /** Answers one line, raw bytes; whatever is wrong with it is an answer too. */
  async answer(bytes) {
    try {
      const text = decoded(bytes);
      return await this.#operate(new Line(parse(text), text));
    } catch (error) {
      if (error instanceof CountersignError) return { error: error.toJSON() };
      return { error: { code: "internal", number: 510, message: String(error) } };
    }
  }

  #operate(line) {
    switch (line.text("op")) {
      case "open":
        return this.#open(line);
      case "close":
        return this.#close(line);
      case "admit": {
        const [seller, request] = [this.#seller(line), line.request()];
        const [requestId, now] = [line.bytes("request_id", 16), line.now()];
        return verdictShape(seller.admit(request, { requestId, now }));
      }
      case "decide":
        return decisionShape(this.#seller(line).decide(line.handle("admission"), line.rows(), moment(line)));
      case "settle": {
        const seller = this.#seller(line);
        const work = line.optionalHandle("work") ?? line.handle("question");
        const [admission, rows, outcome] = [line.optionalHandle("admission"), line.rows(), line.outcome()];
        return settlementShape(seller.settle(work, admission, rows, outcome, moment(line)));
      }
      case "due":
        return this.#due(line);
      case "decline":
        return answerShape(this.#seller(line).decline(line.handle("admission")));
      case "report": {
        const seller = this.#seller(line);
        const [effect, rows, outcome] = [line.text("effect"), line.rows(), line.outcome()];
        return settlementShape(seller.report(effect, rows, outcome, moment(line)));
      }
      case "import": {
        const seller = this.#seller(line);
        if (line.get("instance") === undefined) throw malformed("instance");
        const [product, rows] = [line.optionalText("product") ?? "", line.rows()];
        const instance = line.raw("instance"); // numbers keep their digits
        return importShape(seller.importInstance(product, instance, rows, moment(line)));
      }
      case "export": {
        const row = line.row("row").value;
        if (row === null) throw malformed("row");
        const access = line.get("with_access") === true;
        return exportShape(this.#seller(line).exportInstance(row.bytes, { access }));
      }
      case "handle":
        return this.#handle(line);
      case "deliver":
        return this.#deliver(line);
      case "directory":
        return this.#directory(line);
      case "reveal":
        if (this.#reveals) return this.#seller(line).reveal(line.handle("admission"));
        throw unknownOperation();
      case "sign":
        return sign(line);
      case "compute": {
        const inputs = line.list("inputs_base64").map((input) => {
          if (typeof input !== "string") throw malformed("inputs_base64");
          return base64(input, "inputs_base64");
        });
        return { output_base64: Buffer.from(compute(line.text("name"), ...inputs)).toString("base64") };
      }
      default:
        throw unknownOperation();
    }
  }

  #open(line) {
    if (line.get("config") === undefined) throw malformed("config");
    const seller = Seller.open(resolveSecrets(line.get("config")));
    this.#sellers.set(++this.#last, seller);
    return { seller: this.#last };
  }

  #close(line) {
    const handle = this.#handleOf(line);
    this.#seller(line).close();
    this.#sellers.delete(handle);
    return { closed: handle };
  }

  /** Every work among the rows whose time has come, claimed. */
  #due(line) {
    const [seller, rows, { now, entropy }] = [this.#seller(line), line.rows(), moment(line)];
    const { works, next_at } = seller.due(rows, { now });
    const due = works.filter(({ at }) => at <= now).flatMap(({ key }) => rows.filter((row) => row.key === key));
    const claims = due.map((row) => seller.claim(row, { now, entropy })).filter((claim) => claim !== null);
    return dueShape(claims, next_at);
  }

  #handleOf(line) {
    const handle = line.get("seller");
    if (!Number.isSafeInteger(handle) || handle < 0) throw malformed("seller");
    return handle;
  }

  #seller(line) {
    const seller = this.#sellers.get(this.#handleOf(line));
    if (seller === undefined) throw new CountersignError("unknown-seller", 604, "no seller with this handle is open");
    return seller;
  }

  /**
   * The whole loop on the driver's ledger. What a call queued that is answered first is sent after its answer, as far as
   * there are outcomes for it.
   */
  async #handle(line) {
    const { seller, script, surroundings } = this.#world(line);
    const request = line.request();
    const requestId = line.bytes("request_id", 16);
    const before = new Set(works(this.#store).map(({ key }) => key));
    const observe = (_name, step) => script.steps.push(step);
    const flow = new Flow(surroundings, new Notes(observe, hex(requestId), new Map(), { request, peer: null }));
    const { answer } = await flow.run(flow.take(seller.begin(request, { requestId, now: script.clock.now() })));
    const answered = script.steps.splice(0);
    await this.#send(surroundings, script, ({ key }) => !before.has(key));
    const reasons = answered.map(({ reason }) => reason).filter((reason) => typeof reason === "string");
    return {
      answer: answerShape(answer),
      effects: script.effects.map(({ body }) => new Raw(body)),
      steps: [...answered.map(({ step }) => step), ...delivered(script.steps)],
      reason: reasons.at(-1) ?? null,
    };
  }

  /** What this seller's products owe on the driver's ledger. */
  async #deliver(line) {
    const { seller, script, surroundings } = this.#world(line);
    await this.#send(surroundings, script, () => true);
    const times = this.#owed(seller, script).map(({ at }) => at);
    return {
      effects: script.effects.map(({ body }) => new Raw(body)),
      steps: delivered(script.steps),
      next_at: times.length === 0 ? null : Math.min(...times),
    };
  }

  /** What is kept of a tenant on the driver's ledger. */
  #directory(line) {
    const seller = this.#seller(line);
    const product = line.optionalText("product") ?? seller.describe().products[0] ?? "";
    const binding = [product, line.text("tenant_id"), line.optionalText("instance_id") ?? ""];
    const { tenant, prefixes } = seller.directoryKeys(...binding);
    const found = prefixes.flatMap((prefix) => this.#store.scan(prefix, null, Number.MAX_SAFE_INTEGER));
    return seller.viewDirectory(...binding, [...this.#store.load([tenant]), ...found]);
  }

  /** Everything around the seller, in the world of one line. */
  #world(line) {
    const seller = this.#seller(line);
    const script = new Script({ now: line.now(), outcomes: line.outcomes(), entropy: line.bytes("entropy", 32) });
    const { clock, entropy, send } = script;
    const nothing = () => {};
    const around = { store: this.#store, watch: new Watch(), detach: nothing, look: nothing };
    return { seller, script, surroundings: { seller, clock, entropy, send, ...around } };
  }

  /** Sends what is due, in the order of its times, one outcome each, until nothing of it is due or they are used up. */
  async #send(surroundings, script, only) {
    const { seller, clock } = surroundings;
    while (script.hasOutcome()) {
      const due = this.#owed(seller, script).filter((work) => work.at <= clock.now() && only(work));
      if (due.length === 0) return;
      const { key } = due.reduce((first, work) => (work.at < first.at ? work : first));
      const observe = (_name, step) => script.steps.push(step);
      const flow = new Flow(surroundings, new Notes(observe, "owed", new Map()));
      const [row] = this.#store.load([key]);
      const claim = seller.takeUp(row, flow.moment());
      if (claim === null) return;
      await flow.run(flow.take(claim));
    }
  }

  /** The works at the front of their lanes, as far as they are the seller's. */
  #owed(seller, script) {
    const { products } = seller.describe();
    const { works: owed } = seller.due(works(this.#store), { now: script.clock.now() });
    return owed.filter(({ product }) => products.includes(product));
  }
}

const unknownOperation = () => new CountersignError("unknown-operation", 603, "there is no such operation");

/** Every work of a ledger in memory. */
const works = (store) => store.scan("work/", null, Number.MAX_SAFE_INTEGER);

/** The names of the steps of deliveries: that a work was sent is one step, whatever became of it. */
const delivered = (steps) =>
  steps.filter(({ step }) => step !== "performed").map(({ step }) => (step === "settled" ? "delivered" : step));

const moment = (line) => ({ now: line.now(), entropy: line.bytes("entropy", 32) });

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const unreadable = () => new CountersignError("malformed-frame", 602, "the request cannot be read");

function decoded(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw unreadable();
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}
