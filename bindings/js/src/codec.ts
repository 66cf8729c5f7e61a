// How each shape stands in a frame, in the order of its fields.

import * as given from "./arguments.js";
import { type Problem, malformed } from "./error.js";
import type { FrameReader, FrameWriter } from "./frame.js";
import { REASONS } from "./reasons.js";
import type {
  AccessUpdate,
  Advance,
  Alarm,
  Answer,
  Assignment,
  ChangeRequest,
  Changed,
  Decision,
  Due,
  DueWork,
  Effect,
  FlowInput,
  FlowNote,
  FlowStep,
  Import,
  Outcome,
  Reason,
  Row,
  Settlement,
  Settling,
  Write,
} from "./types.js";

const encoder = new TextEncoder();

const text = (frame: FrameReader): string => frame.text();

export function readAnswer(frame: FrameReader): Answer {
  const status = frame.u16();
  const headers = frame.list((pair): [string, string] => [pair.text(), pair.text()]);
  return { status, headers, body: frame.bytes() };
}

export function readReason(frame: FrameReader): Reason {
  const number = frame.u16();
  const field = frame.optional(text);
  const [code, message] = REASONS[number] ?? ["unknown", "a reason of a later release"];
  const details = Object.fromEntries(frame.list(readDetail));
  return { code, number, message: field === null ? message : `${message}: \`${field}\``, field, ...details };
}

/** The name, then 1 and a number from zero, 2 and the size of one below zero, or 3 and a text. */
function readDetail(frame: FrameReader): [name: string, value: number | string] {
  const name = frame.text();
  switch (frame.u8()) {
    case 1:
      return [name, frame.u64()];
    case 2:
      return [name, -frame.u64()];
    default:
      return [name, frame.text()];
  }
}

function readAlarm(frame: FrameReader): Alarm {
  return { code: frame.text(), instance: frame.text() };
}

function readWrite(frame: FrameReader): Write {
  const entry = { key: frame.text(), expect: frame.optional((field) => field.u64()) };
  switch (frame.u8()) {
    case 1:
      return { ...entry, change: "check" };
    case 2: {
      const bytes = frame.bytes();
      return { ...entry, change: "put", bytes, expires_at: frame.optional((field) => field.u64()) };
    }
    default:
      return { ...entry, change: "delete" };
  }
}

function readEffect(frame: FrameReader): Effect {
  const [id, product, path, dialect] = [frame.text(), frame.text(), frame.text(), frame.text()];
  return { id, product, path, dialect, body: frame.text() };
}

function readAssignment(frame: FrameReader): Assignment {
  return {
    work: frame.bytes(),
    effect: readEffect(frame),
    instance: frame.text(),
    order: frame.text(),
    attempt: frame.u32(),
    commit: frame.list(readWrite),
    answer_by: frame.u64(),
    give_up_at: frame.u64(),
    alarms: frame.list(readAlarm),
  };
}

export function readDecision(frame: FrameReader): Decision {
  switch (frame.u8()) {
    case 1:
      return { decision: "need", keys: frame.list(text) };
    case 2:
      return { decision: "wait", keys: frame.list(text), until: frame.u64() };
    case 3: {
      const [answer, instance, commit] = [readAnswer(frame), frame.optional(text), frame.list(readWrite)];
      const [reason, alarms] = [frame.optional(readReason), frame.list(readAlarm)];
      return { decision: "answer", answer, instance, commit, reason, alarms };
    }
    case 4:
      return { decision: "ask", ...readAssignment(frame) };
    default:
      return { decision: "perform", ...readAssignment(frame) };
  }
}

/** By number, from 1. */
const SETTLINGS = ["ended", "owed", "asked", "repeated", "superseded", "unknown"] as const;

const readSettling = (frame: FrameReader): Settling => SETTLINGS[frame.u8() - 1] ?? "unknown";

export function readSettlement(frame: FrameReader): Settlement {
  if (frame.u8() === 1) return { settlement: "need", keys: frame.list(text) };
  return {
    settlement: "settled",
    answer: frame.optional(readAnswer),
    instance: frame.optional(text),
    commit: frame.list(readWrite),
    settling: readSettling(frame),
    promoted: frame.u8() === 1,
    reason: frame.optional(readReason),
    alarms: frame.list(readAlarm),
  };
}

export function readDue(frame: FrameReader): Due {
  const works = frame.list(readDueWork);
  const unreadable = frame.list((row) => ({ key: row.text(), reason: readReason(row) }));
  return { works, unreadable, next_at: frame.optional((field) => field.u64()) };
}

function readDueWork(frame: FrameReader): DueWork {
  return {
    key: frame.text(),
    product: frame.text(),
    path: frame.text(),
    dialect: frame.text(),
    instance: frame.text(),
    order: frame.text(),
    at: frame.u64(),
    sends: frame.u32(),
    accepted: frame.optional((field) => field.u8() === 1),
  };
}

export function readClaim(frame: FrameReader): Assignment | null {
  return frame.optional(readAssignment);
}

export function readAccessUpdate(frame: FrameReader): AccessUpdate {
  switch (frame.u8()) {
    case 1:
      return { update: "need", keys: frame.list(text) };
    case 2:
      return { update: "commit", commit: frame.list(readWrite) };
    default:
      return { update: "unknown" };
  }
}

export function readImport(frame: FrameReader): Import {
  switch (frame.u8()) {
    case 1:
      return { import: "need", keys: frame.list(text) };
    case 2:
      return { import: "commit", commit: frame.list(readWrite) };
    case 3:
      return { import: "unchanged" };
    default:
      return { import: "refused", problems: frame.list(readProblem) };
  }
}

function readProblem(frame: FrameReader): Problem {
  return { path: frame.text(), code: frame.text(), message: frame.text() };
}

export function readAdvance(frame: FrameReader): Advance {
  return {
    flow: frame.bytes(),
    step: readStep(frame),
    notes: frame.list(readNote),
    promoted: frame.u8() === 1,
    detached: frame.optional((field) => field.bytes()),
  };
}

export function readTakenUp(frame: FrameReader): Advance | null {
  return frame.optional(readAdvance);
}

/** No bound at all is the largest number of 64 bits. */
function readDeadline(frame: FrameReader): number {
  const until = frame.u64();
  return Number.isSafeInteger(until) ? until : Infinity;
}

function readStep(frame: FrameReader): FlowStep {
  switch (frame.u8()) {
    case 1:
      return { step: "load", keys: frame.list(text), watch: frame.list(text), until: readDeadline(frame) };
    case 2:
      return { step: "commit", writes: frame.list(readWrite), until: readDeadline(frame) };
    case 3: {
      const [effect, until] = [readEffect(frame), readDeadline(frame)];
      return { step: "send", effect, until, give_up_at: frame.u64() };
    }
    case 4:
      return { step: "wait", until: readDeadline(frame) };
    case 5:
      return { step: "answer", answer: readAnswer(frame) };
    default:
      return { step: "done", changed: frame.optional(readChanged) };
  }
}

function readChanged(frame: FrameReader): Changed {
  switch (frame.u8()) {
    case 1:
      return { changed: "reported", settling: readSettling(frame) };
    case 2:
      return { changed: "committed" };
    case 3:
      return { changed: "unchanged" };
    case 4:
      return { changed: "unknown" };
    case 5:
      return { changed: "refused", problems: frame.list(readProblem) };
    case 6:
      return { changed: "failed", code: frame.text() };
    default:
      return { changed: "invalid", reason: readReason(frame) };
  }
}

function readNote(frame: FrameReader): FlowNote {
  switch (frame.u8()) {
    case 1: {
      const reason = readReason(frame);
      return { note: "refused", reason, dialect: frame.optional(text), product: frame.optional(text) };
    }
    case 2: {
      const [dialect, product, event] = [frame.text(), frame.text(), frame.text()];
      const test = frame.u8() === 1;
      return { note: "admitted", dialect, product, event, test, order: frame.text(), instance: frame.text() };
    }
    case 3:
      return { note: "waited" };
    case 4:
      return { note: "conflicted" };
    case 5:
      return { note: "uncertain", code: frame.text() };
    case 6:
      return { note: "answered", instance: frame.optional(text), reason: frame.optional(readReason) };
    case 7: {
      const [effect, instance, order] = [frame.text(), frame.text(), frame.text()];
      return { note: "performed", effect, instance, order, attempt: frame.u32() };
    }
    case 8:
      return { note: "asked", effect: frame.text() };
    case 9:
      return { note: "out-of-time" };
    case 10: {
      const [effect, instance, settling] = [frame.text(), frame.optional(text), readSettling(frame)];
      const outcome = frame.text() as Outcome["kind"];
      return { note: "settled", effect, instance, settling, outcome, reason: frame.optional(readReason) };
    }
    case 11:
      return { note: "failed", code: frame.text() };
    default:
      return { note: "alarm", ...readAlarm(frame) };
  }
}

/** At most so many bytes, with the length before them. */
export const textBound = (value: string): number => 4 + value.length * 3;

export function rowsBound(rows: readonly Row[]): number {
  let sum = 4;
  for (const row of given.list(rows, "rows")) {
    const { key, value } = given.object(row, "rows");
    sum += textBound(given.text(key, "rows")) + 1;
    if (value !== null) sum += 12 + given.bytes(given.object(value, "rows").bytes, "rows").length;
  }
  return sum;
}

export function writeRows(frame: FrameWriter, rows: readonly Row[]): void {
  frame.u32(rows.length);
  for (const row of rows) writeRow(frame, row);
}

export function writeRow(frame: FrameWriter, { key, value }: Row): void {
  frame.text(key);
  if (value === null) frame.u8(0);
  else frame.u8(1).bytes(value.bytes).u64(value.version, "rows");
}

/** An outcome as it will be written: JSON is printed once, and its length is known before. */
export type PrintedOutcome = { number: number; first: Uint8Array; second: Uint8Array | null };

export function printOutcome(outcome: Outcome): PrintedOutcome {
  const none = new Uint8Array(0);
  given.object(outcome, "outcome");
  switch (outcome.kind) {
    case "done": {
      const { answer } = outcome;
      const first = answer === undefined ? none : encoder.encode(given.printed(answer, "outcome"));
      return { number: 1, first, second: null };
    }
    case "accepted":
      return { number: 2, first: none, second: null };
    case "refused": {
      const [code, message] = [given.text(outcome.code, "outcome"), given.text(outcome.message ?? "", "outcome")];
      return { number: 3, first: encoder.encode(code), second: encoder.encode(message) };
    }
    case "failed":
      return { number: 4, first: none, second: null };
    case "running":
      return { number: 5, first: none, second: null };
    default:
      throw malformed("outcome");
  }
}

export const outcomeBound = ({ first, second }: PrintedOutcome): number =>
  9 + first.length + (second?.length ?? 0);

export function writeOutcome(frame: FrameWriter, { number, first, second }: PrintedOutcome): void {
  frame.u8(number);
  if (number === 1 || number === 3) frame.bytes(first);
  if (second !== null) frame.bytes(second);
}

/** What will be written, and at most how many bytes it takes. */
export interface Printed {
  readonly bound: number;
  write(frame: FrameWriter): void;
}

export function printInput(input: FlowInput): Printed {
  given.object(input, "input");
  switch (input.input) {
    case "loaded":
      return { bound: 1 + rowsBound(input.rows), write: (frame) => writeRows(frame.u8(1), input.rows) };
    case "committed":
      return bare(2);
    case "conflicted":
      return bare(3);
    case "uncertain":
      return coded(4, input.code);
    case "failed":
      return coded(5, input.code);
    case "late":
      return bare(6);
    case "sent": {
      const outcome = printOutcome(input.outcome);
      return { bound: 1 + outcomeBound(outcome), write: (frame) => writeOutcome(frame.u8(7), outcome) };
    }
    case "woken":
      return bare(8);
    default:
      throw malformed("input");
  }
}

const bare = (number: number): Printed => ({ bound: 1, write: (frame) => void frame.u8(number) });

function coded(number: number, code: string): Printed {
  return { bound: 1 + textBound(given.text(code, "input")), write: (frame) => void frame.u8(number).text(code) };
}

export function printChange(request: ChangeRequest): Printed {
  given.object(request, "request");
  switch (request.change) {
    case "report": {
      const [effect, outcome] = [given.text(request.effect, "effect"), printOutcome(request.outcome)];
      const write = (frame: FrameWriter): void => writeOutcome(frame.u8(1).text(effect), outcome);
      return { bound: 1 + textBound(effect) + outcomeBound(outcome), write };
    }
    case "access": {
      const [product, instance] = [given.text(request.product, "product"), given.text(request.instance, "instance")];
      return texts(2, product, instance, given.exact(request.access, "access"));
    }
    case "import": {
      const { product = "", line } = request;
      return texts(3, given.text(product, "product"), typeof line === "string" ? line : given.exact(line, "line"));
    }
    default:
      throw malformed("request");
  }
}

function texts(number: number, ...values: readonly string[]): Printed {
  const bound = values.reduce((sum, value) => sum + textBound(value), 1);
  return { bound, write: (frame) => void values.reduce((to, value) => to.text(value), frame.u8(number)) };
}
