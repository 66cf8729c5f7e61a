// Generated from the core's table of operations by `cargo xtask generate`: encode, one call, decode.

import {
  readAccessUpdate,
  readAdvance,
  readAnswer,
  readAssignment,
  readDecision,
  readDirectoryKeys,
  readDue,
  readImport,
  readSettlement,
} from "./codec.js";
import type { FrameReader, FrameWriter } from "./frame.js";
import type {
  AccessUpdate,
  Advance,
  Answer,
  Arrival,
  Assignment,
  ChangeRequest,
  Decision,
  DirectoryKeys,
  Due,
  FlowInput,
  Import,
  Moment,
  Outcome,
  Request,
  Row,
  SellerDescription,
  Settlement,
} from "./types.js";
import {
  type Exported,
  bytesBound,
  octetsBound,
  optionalBytesBound,
  printChangeRequest,
  printFlowInput,
  printJson,
  printOutcome,
  printRequest,
  printRow,
  printRowList,
  readExport,
  readJson,
  textBound,
  writeFresh,
  writeOptionalBytes,
} from "./values.js";
import { type Verdict, readVerdict } from "./verdict.js";

/** The numbers of the operations. */
export const Operation = {
  open: 1,
  close: 2,
  admit: 3,
  decide: 4,
  settle: 5,
  due: 6,
  decline: 7,
  report: 8,
  viewInstance: 9,
  updateAccess: 10,
  compute: 11,
  importInstance: 12,
  describe: 13,
  exportInstance: 14,
  claim: 15,
  bodyLimit: 16,
  begin: 17,
  advance: 18,
  takeUp: 19,
  change: 20,
  reveal: 21,
  directoryKeys: 22,
  viewDirectory: 23,
} as const;

/** The operations of one seller. All calls are synchronous and do no I/O. */
export abstract class Operations {
  /** @internal One operation: `length` bounds what `write` writes, `read` reads the answer. */
  abstract invoke<T>(
    operation: number,
    length: number,
    write: (frame: FrameWriter) => void,
    read: (answer: FrameReader) => T,
  ): T;

  /** Judges one HTTP request: route, sizes, freshness, authenticity, decryption, meaning, in this order. */
  admit(request: Request, options: Arrival = {}): Verdict {
    const printedRequest = printRequest(request, "request");
    return this.invoke(
      Operation.admit,
      24 + printedRequest.bound,
      (frame) => {
        writeFresh(frame, options.requestId, 16, "requestId");
        frame.u64(options.now ?? Date.now(), "now");
        printedRequest.write(frame);
      },
      readVerdict,
    );
  }

  /** Decides what is to be done with an admitted call, over the rows that were loaded so far. */
  decide(admission: Uint8Array, rows: readonly Row[], options: Moment = {}): Decision {
    const printedRows = printRowList(rows, "rows");
    return this.invoke(
      Operation.decide,
      40 + bytesBound(admission, "admission") + printedRows.bound,
      (frame) => {
        frame.bytes(admission);
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRows.write(frame);
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
    options: Moment = {},
  ): Settlement {
    const printedRows = printRowList(rows, "rows");
    const printedOutcome = printOutcome(outcome, "outcome");
    return this.invoke(
      Operation.settle,
      40 +
        bytesBound(work, "work") +
        optionalBytesBound(admission, "admission") +
        printedRows.bound +
        printedOutcome.bound,
      (frame) => {
        frame.bytes(work);
        writeOptionalBytes(frame, admission);
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedOutcome.write(frame);
        printedRows.write(frame);
      },
      readSettlement,
    );
  }

  /** Lists the owed works among the rows of a scan over `work/`, each with the time from which it is due. */
  due(rows: readonly Row[], options: { now?: number } = {}): Due {
    const printedRows = printRowList(rows, "rows");
    return this.invoke(
      Operation.due,
      8 + printedRows.bound,
      (frame) => {
        frame.u64(options.now ?? Date.now(), "now");
        printedRows.write(frame);
      },
      readDue,
    );
  }

  /** The answer when nothing else can be said: the platform will call again. */
  decline(admission: Uint8Array): Answer {
    return this.invoke(
      Operation.decline,
      bytesBound(admission, "admission"),
      (frame) => void frame.bytes(admission),
      readAnswer,
    );
  }

  /** Takes in that the application reports by itself how an effect ended. */
  report(effectId: string, rows: readonly Row[], outcome: Outcome, options: Moment = {}): Settlement {
    const printedRows = printRowList(rows, "rows");
    const printedOutcome = printOutcome(outcome, "outcome");
    return this.invoke(
      Operation.report,
      40 + textBound(effectId, "effectId") + printedRows.bound + printedOutcome.bound,
      (frame) => {
        frame.text(effectId);
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedOutcome.write(frame);
        printedRows.write(frame);
      },
      readSettlement,
    );
  }

  /** An instance row as JSON; access data only where they are asked for. */
  viewInstance(row: Uint8Array, options: { access?: boolean } = {}): Record<string, unknown> {
    return this.invoke(
      Operation.viewInstance,
      1 + bytesBound(row, "row"),
      (frame) => {
        frame.bytes(row);
        frame.u8(options.access === true ? 1 : 0);
      },
      readJson<Record<string, unknown>>,
    );
  }

  /** Replaces the access data of an open instance. */
  updateAccess(
    product: string,
    instanceId: string,
    access: object | string,
    rows: readonly Row[],
    options: { entropy?: Uint8Array } = {},
  ): AccessUpdate {
    const printedAccess = printJson(access, "access");
    const printedRows = printRowList(rows, "rows");
    return this.invoke(
      Operation.updateAccess,
      32 +
        textBound(product, "product") +
        textBound(instanceId, "instanceId") +
        printedAccess.bound +
        printedRows.bound,
      (frame) => {
        frame.text(product);
        frame.text(instanceId);
        printedAccess.write(frame);
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRows.write(frame);
      },
      readAccessUpdate,
    );
  }

  /** What an instance that was opened before the gate comes to. Without a product the line names its own. */
  importInstance(product: string, instance: object | string, rows: readonly Row[], options: Moment = {}): Import {
    const printedInstance = printJson(instance, "instance");
    const printedRows = printRowList(rows, "rows");
    return this.invoke(
      Operation.importInstance,
      40 + textBound(product, "product") + printedInstance.bound + printedRows.bound,
      (frame) => {
        frame.text(product);
        printedInstance.write(frame);
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRows.write(frame);
      },
      readImport,
    );
  }

  /** What a host needs of the configuration; holds no key. */
  describe(): SellerDescription {
    return this.invoke(Operation.describe, 0, () => {}, readJson<SellerDescription>);
  }

  /** An instance row as the line that imports it elsewhere. */
  exportInstance(row: Uint8Array, options: { access?: boolean } = {}): Exported {
    return this.invoke(
      Operation.exportInstance,
      1 + bytesBound(row, "row"),
      (frame) => {
        frame.bytes(row);
        frame.u8(options.access === true ? 1 : 0);
      },
      readExport,
    );
  }

  /** Leases one work, if it is due and nobody runs it. Send it once its commit held. */
  claim(row: Row, options: Moment = {}): Assignment | null {
    const printedRow = printRow(row, "row");
    return this.invoke(
      Operation.claim,
      40 + printedRow.bound,
      (frame) => {
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRow.write(frame);
      },
      (answer) => answer.optional(readAssignment),
    );
  }

  /** The largest body that calls of this method and target may have, bytes; none where no route takes them. */
  bodyLimit(method: string, target: string | Uint8Array): number | null {
    return this.invoke(
      Operation.bodyLimit,
      textBound(method, "method") + octetsBound(target, "target"),
      (frame) => {
        frame.text(method);
        frame.octets(target, "target");
      },
      (answer) => answer.optional((item) => item.u64()),
    );
  }

  /** Judges one HTTP request like `admit` and begins its flow. */
  begin(request: Request, options: Arrival = {}): Advance {
    const printedRequest = printRequest(request, "request");
    return this.invoke(
      Operation.begin,
      24 + printedRequest.bound,
      (frame) => {
        writeFresh(frame, options.requestId, 16, "requestId");
        frame.u64(options.now ?? Date.now(), "now");
        printedRequest.write(frame);
      },
      readAdvance,
    );
  }

  /** Goes on with a flow: says what became of its step. */
  advance(flow: Uint8Array, input: FlowInput, options: Moment = {}): Advance {
    const printedInput = printFlowInput(input, "input");
    return this.invoke(
      Operation.advance,
      40 + bytesBound(flow, "flow") + printedInput.bound,
      (frame) => {
        frame.bytes(flow);
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedInput.write(frame);
      },
      readAdvance,
    );
  }

  /** Begins the flow of one owed work, if it is due and nobody runs it. */
  takeUp(row: Row, options: Moment = {}): Advance | null {
    const printedRow = printRow(row, "row");
    return this.invoke(
      Operation.takeUp,
      40 + printedRow.bound,
      (frame) => {
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRow.write(frame);
      },
      (answer) => answer.optional(readAdvance),
    );
  }

  /** Begins a change that no call of the platform brings; its flow ends with what became of it. */
  change(request: ChangeRequest, options: Moment = {}): Advance {
    const printedRequest = printChangeRequest(request, "request");
    return this.invoke(
      Operation.change,
      40 + printedRequest.bound,
      (frame) => {
        frame.u64(options.now ?? Date.now(), "now");
        writeFresh(frame, options.entropy, 32, "entropy");
        printedRequest.write(frame);
      },
      readAdvance,
    );
  }

  /** The secret that an admitted call carries under the seller's public key, in plain text. */
  reveal(admission: Uint8Array): unknown {
    return this.invoke(
      Operation.reveal,
      bytesBound(admission, "admission"),
      (frame) => void frame.bytes(admission),
      readJson<unknown>,
    );
  }

  /** Where everything stands that is kept of a tenant under one instance; without instance an empty text. */
  directoryKeys(product: string, tenantId: string, instanceId: string): DirectoryKeys {
    return this.invoke(
      Operation.directoryKeys,
      textBound(product, "product") + textBound(tenantId, "tenantId") + textBound(instanceId, "instanceId"),
      (frame) => {
        frame.text(product);
        frame.text(tenantId);
        frame.text(instanceId);
      },
      readDirectoryKeys,
    );
  }

  /** What is kept of a tenant under one instance, of the rows that `directory_keys` names. Holds personal data. */
  viewDirectory(product: string, tenantId: string, instanceId: string, rows: readonly Row[]): unknown {
    const printedRows = printRowList(rows, "rows");
    return this.invoke(
      Operation.viewDirectory,
      textBound(product, "product") +
        textBound(tenantId, "tenantId") +
        textBound(instanceId, "instanceId") +
        printedRows.bound,
      (frame) => {
        frame.text(product);
        frame.text(tenantId);
        frame.text(instanceId);
        printedRows.write(frame);
      },
      readJson<unknown>,
    );
  }
}
