// The operations of the core for one seller. Nothing here knows a rule: encode, one call, decode.

import * as given from "./arguments.js";
import {
  outcomeBound,
  printChange,
  printInput,
  printOutcome,
  readAccessUpdate,
  readAdvance,
  readAnswer,
  readClaim,
  readDecision,
  readDue,
  readImport,
  readSettlement,
  readTakenUp,
  rowsBound,
  textBound,
  writeOutcome,
  writeRow,
  writeRows,
} from "./codec.js";
import { malformed, misused, unknownSeller } from "./error.js";
import type { FrameReader, FrameWriter } from "./frame.js";
import { Operation, call, open, present } from "./module.js";
import type {
  AccessUpdate,
  Advance,
  Answer,
  Assignment,
  ChangeRequest,
  Decision,
  Due,
  FlowInput,
  Import,
  Outcome,
  Request,
  Row,
  SellerConfig,
  Settlement,
} from "./types.js";
import { type Verdict, readVerdict } from "./verdict.js";

/** What the clock and the generator say; both are asked where it is absent. */
export interface Moment {
  /** Milliseconds since the epoch, UTC. */
  now?: number;
  /** 32 fresh bytes that were never used before. */
  entropy?: Uint8Array;
}

/** What the clock and the generator say when a request arrives; both are asked where it is absent. */
export interface Arrival {
  /** Milliseconds since the epoch, UTC. */
  now?: number;
  /** 16 fresh bytes: they own what the call reserves. */
  requestId?: Uint8Array;
}

/** What a host reads of an opened configuration. */
export interface SellerDescription {
  /** Times in milliseconds and limits in bytes, defaults filled in. */
  settings: Record<string, number>;
  /** The products of the routes, each once, in the order of the configuration. */
  products: string[];
  routes: { path: string; method: string; dialect: string; product: string }[];
  /** What is allowed and may still be a mistake: a short key, one key for two products. */
  warnings: { path: string; code: string; message: string }[];
}

/** A seller: a configuration, checked as a whole and compiled once. All calls are synchronous and do no I/O. */
export class Seller {
  /** The configuration, to be opened again in another instance of the module; `undefined` after `close`. */
  #config: SellerConfig | undefined;
  #handle = 0;
  #epoch = 0;

  private constructor(config: SellerConfig) {
    this.#config = config;
  }

  /** Checks and compiles. Throws `invalid-configuration` with all `problems` at once. */
  static open(config: SellerConfig): Seller {
    const seller = new Seller(copy(config));
    seller.#current();
    return seller;
  }

  /** Judges one HTTP request: route, sizes, freshness, authenticity, decryption, meaning, in this order. */
  admit(request: Request, options: Arrival = {}): Verdict {
    return this.#judge(Operation.admit, request, options, readVerdict);
  }

  /**
   * Judges one HTTP request like {@link Seller.admit} and begins its flow: carry out the step, and say with
   * {@link Seller.advance} what became of it, until an answer ends the flow. The core keeps the order of the steps and every
   * deadline.
   */
  begin(request: Request, options: Arrival = {}): Advance {
    return this.#judge(Operation.begin, request, options, readAdvance);
  }

  /** Goes on with a flow. */
  advance(flow: Uint8Array, input: FlowInput, moment: Moment = {}): Advance {
    const { bound, write } = printInput(input);
    return this.#call(
      Operation.advance,
      64 + given.bytes(flow, "flow").length + bound,
      (frame) => {
        writeMoment(frame.bytes(flow), moment);
        write(frame);
      },
      readAdvance,
    );
  }

  /** Begins the flow of one owed work, if it is due and nobody runs it; `null` otherwise. */
  takeUp(row: Row, moment: Moment = {}): Advance | null {
    return this.#call(
      Operation.takeUp,
      64 + rowsBound([row]),
      (frame) => {
        writeMoment(frame, moment);
        writeRow(frame, row);
      },
      readTakenUp,
    );
  }

  /** Begins a change that no call of the platform brings; its flow ends with what became of it. */
  change(request: ChangeRequest, moment: Moment = {}): Advance {
    const { bound, write } = printChange(request);
    return this.#call(
      Operation.change,
      64 + bound,
      (frame) => {
        writeMoment(frame, moment);
        write(frame);
      },
      readAdvance,
    );
  }

  /**
   * The largest body that calls of this method and target may have, bytes; `null` where no route takes them. Ask it before a
   * body is read: what is then left unread is `body: null` for {@link Seller.admit}, which answers as if it had been read.
   */
  bodyLimit(method: string, target: string | Uint8Array): number | null {
    return this.#call(
      Operation.bodyLimit,
      32 + (given.text(method, "method").length + octets(target, "target").length) * 3,
      (frame) => void frame.text(method).octets(target, "target"),
      (frame) => frame.optional((field) => field.u64()),
    );
  }

  /** Decides what is to be done with an admitted call, over the rows that were loaded so far. */
  decide(admission: Uint8Array, rows: readonly Row[], moment: Moment = {}): Decision {
    return this.#call(
      Operation.decide,
      64 + given.bytes(admission, "admission").length + rowsBound(rows),
      (frame) => {
        frame.bytes(admission);
        writeMoment(frame, moment);
        writeRows(frame, rows);
      },
      readDecision,
    );
  }

  /** Takes in how a work or a question ended; with the admission of the call that began it there is an answer too. */
  settle(
    work: Uint8Array,
    admission: Uint8Array | null,
    rows: readonly Row[],
    outcome: Outcome,
    moment: Moment = {},
  ): Settlement {
    const printed = printOutcome(outcome);
    const began = given.bytes(admission ?? EMPTY, "admission");
    return this.#call(
      Operation.settle,
      64 + given.bytes(work, "work").length + began.length + outcomeBound(printed) + rowsBound(rows),
      (frame) => {
        frame.bytes(work).bytes(began);
        writeMoment(frame, moment);
        writeOutcome(frame, printed);
        writeRows(frame, rows);
      },
      readSettlement,
    );
  }

  /** Lists the owed works among the rows of a scan over `work/`, each with the time from which it is due. */
  due(rows: readonly Row[], moment: { now?: number } = {}): Due {
    return this.#call(
      Operation.due,
      64 + rowsBound(rows),
      (frame) => writeRows(frame.u64(moment.now ?? Date.now(), "now"), rows),
      readDue,
    );
  }

  /** Leases one work, if it is due and nobody runs it; `null` otherwise. Send it once its commit held. */
  claim(row: Row, moment: Moment = {}): Assignment | null {
    return this.#call(
      Operation.claim,
      64 + rowsBound([row]),
      (frame) => {
        writeMoment(frame, moment);
        writeRow(frame, row);
      },
      readClaim,
    );
  }

  /** The answer when nothing else can be said: the platform will call again. */
  decline(admission: Uint8Array): Answer {
    const length = 16 + given.bytes(admission, "admission").length;
    return this.#call(Operation.decline, length, (frame) => frame.bytes(admission), readAnswer);
  }

  /** Takes in that the application reports by itself how an effect ended. */
  report(effectId: string, rows: readonly Row[], outcome: Outcome, moment: Moment = {}): Settlement {
    const printed = printOutcome(outcome);
    return this.#call(
      Operation.report,
      64 + textBound(given.text(effectId, "effectId")) + outcomeBound(printed) + rowsBound(rows),
      (frame) => {
        frame.text(effectId);
        writeMoment(frame, moment);
        writeOutcome(frame, printed);
        writeRows(frame, rows);
      },
      readSettlement,
    );
  }

  /** An instance row as an object; access data only with `access: true`. */
  viewInstance(row: Uint8Array, options: { access?: boolean } = {}): Record<string, unknown> {
    const write = (frame: FrameWriter): void => void frame.bytes(row).u8(options.access === true ? 1 : 0);
    const length = 16 + given.bytes(row, "row").length;
    return this.#call(Operation.viewInstance, length, write, readJson) as Record<string, unknown>;
  }

  /** Replaces the access data of an open instance. */
  updateAccess(
    product: string,
    instanceId: string,
    access: object,
    rows: readonly Row[],
    options: { entropy?: Uint8Array } = {},
  ): AccessUpdate {
    const printed = given.exact(access, "access");
    const names = textBound(given.text(product, "product")) + textBound(given.text(instanceId, "instanceId"));
    return this.#call(
      Operation.updateAccess,
      64 + names + textBound(printed) + rowsBound(rows),
      (frame) => {
        frame.text(product).text(instanceId).text(printed);
        writeEntropy(frame, options.entropy);
        writeRows(frame, rows);
      },
      readAccessUpdate,
    );
  }

  /**
   * What an instance that was opened before this gate comes to: `instance` has `product`, `order_id`, `order_line_id`,
   * `product_id`, `instance_id`, `phase`, `expire_time` and the access data, or the platform's own spelling of them.
   */
  importInstance(
    product: string,
    instance: object | string,
    rows: readonly Row[],
    moment: Moment = {},
  ): Import {
    const printed = typeof instance === "string" ? instance : given.exact(instance, "instance");
    return this.#call(
      Operation.importInstance,
      64 + textBound(given.text(product, "product")) + textBound(printed) + rowsBound(rows),
      (frame) => {
        frame.text(product).text(printed);
        writeMoment(frame, moment);
        writeRows(frame, rows);
      },
      readImport,
    );
  }

  /** An instance row as the line that imports it elsewhere; `null` for one that is not open yet. `owed` effects stay behind. */
  exportInstance(row: Uint8Array, options: { access?: boolean } = {}): { instance: string | null; owed: number } {
    const write = (frame: FrameWriter): void => void frame.bytes(row).u8(options.access === true ? 1 : 0);
    return this.#call(Operation.exportInstance, 16 + given.bytes(row, "row").length, write, (frame) =>
      frame.u8() === 1 ? { instance: frame.text(), owed: frame.u64() } : { instance: null, owed: 0 },
    );
  }

  /** What a host needs of the configuration; holds no key. */
  describe(): SellerDescription {
    return this.#call(Operation.describe, 0, () => {}, readJson) as SellerDescription;
  }

  /** Forgets the configuration and wipes its keys. Later calls throw `unknown-seller`; closing twice is nothing. */
  close(): void {
    if (this.#config === undefined) return;
    this.#config = undefined;
    if (this.#epoch === present()) call(Operation.close, this.#handle, 0, () => {}, () => {});
  }

  /** The handle in the present instance of the module, which may not know this seller yet. */
  #current(): number {
    const epoch = present();
    if (this.#config === undefined) throw unknownSeller();
    if (this.#epoch !== epoch) {
      this.#handle = open(this.#config);
      this.#epoch = epoch;
    }
    return this.#handle;
  }

  #judge<T>(operation: number, request: Request, options: Arrival, read: (answer: FrameReader) => T): T {
    const { method, target, body = EMPTY } = given.object(request, "request");
    const headers = request.headers === undefined ? NONE : listed(request.headers);
    given.text(method, "method");
    octets(target, "target");
    if (body !== null) octets(body, "body");
    let length = 128 + (method.length + target.length + (body === null ? 0 : body.length)) * 3;
    for (const [name, value] of headers) {
      length += 8 + (given.text(name, "headers").length + octets(value, "headers").length) * 3;
    }
    return this.#call(
      operation,
      length,
      (frame) => {
        const { requestId } = options;
        if (requestId === undefined) frame.fresh(16);
        else frame.raw(sized(requestId, 16, "requestId"));
        frame.u64(options.now ?? Date.now(), "now");
        frame.text(method).octets(target, "target").u32(headers.length);
        for (const [name, value] of headers) frame.text(name).octets(value, "headers");
        if (body === null) frame.u8(1).u32(0);
        else if (typeof body === "string") frame.u8(0).text(body);
        else frame.u8(0).bytes(body);
      },
      read,
    );
  }

  #call<T>(
    operation: number,
    length: number,
    write: (frame: FrameWriter) => void,
    read: (answer: FrameReader) => T,
  ): T {
    return call(operation, this.#current(), length, write, read);
  }
}

const EMPTY = new Uint8Array(0);
const NONE: Headers = [];
const decoder = new TextDecoder();

type Headers = readonly (readonly [name: string, value: string | Uint8Array])[];

function listed(headers: Iterable<Headers[number]>): Headers {
  if (Array.isArray(headers) && headers.every(Array.isArray)) return headers as unknown as Headers;
  if (!Array.isArray(headers) && typeof headers?.[Symbol.iterator] === "function") return listed(collected(headers));
  throw misused("headers", "pairs of a name and a value");
}

function collected(headers: Iterable<Headers[number]>): Headers {
  try {
    return [...headers];
  } catch (error) {
    throw malformed("headers", error);
  }
}

/** What HTTP carries: bytes, or a text with one character for each. */
function octets(value: string | Uint8Array, what: string): string | Uint8Array {
  if (typeof value !== "string" && !given.isBytes(value)) throw misused(what, "a text or bytes");
  return value;
}

/** Ours alone, so that nobody changes it later; members that are `undefined` are absent. */
function copy(config: SellerConfig): SellerConfig {
  return JSON.parse(config === undefined ? "null" : given.printed(config, "config")) as SellerConfig;
}

function writeMoment(frame: FrameWriter, { now, entropy }: Moment): void {
  writeEntropy(frame.u64(now ?? Date.now(), "now"), entropy);
}

function writeEntropy(frame: FrameWriter, entropy: Uint8Array | undefined): void {
  if (entropy === undefined) frame.fresh(32);
  else frame.raw(sized(entropy, 32, "entropy"));
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (given.bytes(bytes, what).length !== length) throw malformed(what);
  return bytes;
}

function readJson(frame: FrameReader): unknown {
  return JSON.parse(decoder.decode(frame.bytes()));
}
