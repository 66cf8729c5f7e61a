// Generated from the core's table of operations by `cargo xtask generate`: how each type of an answer stands in
// a frame, in the order of its fields.

import { type Problem, internal } from "./error.js";
import type { FrameReader } from "./frame.js";
import { readReason } from "./reason.js";
import type {
  AccessUpdate,
  Advance,
  Alarm,
  Answer,
  Assignment,
  Changed,
  Decision,
  DirectoryKeys,
  Due,
  DueWork,
  Effect,
  FlowNote,
  FlowStep,
  Import,
  Outcome,
  Settlement,
  Settling,
  Unreadable,
  Write,
} from "./types.js";

const flag = (frame: FrameReader): boolean => frame.u8() === 1;
const u64 = (frame: FrameReader): number => frame.u64();
const text = (frame: FrameReader): string => frame.text();
const bytes = (frame: FrameReader): Uint8Array => frame.bytes();
const textPair = (frame: FrameReader): [string, string] => [frame.text(), frame.text()];

export function readDecision(frame: FrameReader): Decision {
  switch (frame.u8()) {
    case 1:
      return { decision: "need", keys: frame.list(text) };
    case 2:
      return { decision: "wait", keys: frame.list(text), until: frame.u64() };
    case 3:
      return {
        decision: "answer",
        answer: readAnswer(frame),
        instance: frame.optional(text),
        commit: frame.list(readWrite),
        reason: frame.optional(readReason),
        alarms: frame.list(readAlarm),
      };
    case 4:
      return {
        decision: "ask",
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
    case 5:
      return {
        decision: "perform",
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
    default:
      throw internal("`Decision` has a variant of another version");
  }
}

export function readSettlement(frame: FrameReader): Settlement {
  switch (frame.u8()) {
    case 1:
      return { settlement: "need", keys: frame.list(text) };
    case 2:
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
    default:
      throw internal("`Settlement` has a variant of another version");
  }
}

export function readDue(frame: FrameReader): Due {
  return { works: frame.list(readDueWork), unreadable: frame.list(readUnreadable), next_at: frame.optional(u64) };
}

export function readAnswer(frame: FrameReader): Answer {
  return { status: frame.u16(), headers: frame.list(textPair), body: frame.bytes() };
}

export function readAccessUpdate(frame: FrameReader): AccessUpdate {
  switch (frame.u8()) {
    case 1:
      return { update: "need", keys: frame.list(text) };
    case 2:
      return { update: "commit", commit: frame.list(readWrite) };
    case 3:
      return { update: "unknown" };
    default:
      throw internal("`AccessUpdate` has a variant of another version");
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
    case 4:
      return { import: "refused", problems: frame.list(readProblem) };
    default:
      throw internal("`Import` has a variant of another version");
  }
}

export function readAssignment(frame: FrameReader): Assignment {
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

export function readAdvance(frame: FrameReader): Advance {
  return {
    flow: frame.bytes(),
    step: readFlowStep(frame),
    notes: frame.list(readFlowNote),
    promoted: frame.u8() === 1,
    detached: frame.optional(bytes),
  };
}

export function readDirectoryKeys(frame: FrameReader): DirectoryKeys {
  return { tenant: frame.text(), prefixes: frame.list(text) };
}

export function readWrite(frame: FrameReader): Write {
  const key = frame.text();
  const expect = frame.optional(u64);
  switch (frame.u8()) {
    case 1:
      return { key, expect, change: "check" };
    case 2:
      return { key, expect, change: "put", bytes: frame.bytes(), expires_at: frame.optional(u64) };
    case 3:
      return { key, expect, change: "delete" };
    default:
      throw internal("`Write` has a variant of another version");
  }
}

export function readAlarm(frame: FrameReader): Alarm {
  return { code: frame.text(), instance: frame.text(), tenant: frame.text() };
}

export function readEffect(frame: FrameReader): Effect {
  return { id: frame.text(), product: frame.text(), path: frame.text(), dialect: frame.text(), body: frame.text() };
}

export function readSettling(frame: FrameReader): Settling {
  switch (frame.u8()) {
    case 1:
      return "ended";
    case 2:
      return "owed";
    case 3:
      return "asked";
    case 4:
      return "repeated";
    case 5:
      return "superseded";
    case 6:
      return "unknown";
    default:
      throw internal("`Settling` has a variant of another version");
  }
}

export function readDueWork(frame: FrameReader): DueWork {
  return {
    key: frame.text(),
    product: frame.text(),
    path: frame.text(),
    dialect: frame.text(),
    instance: frame.text(),
    order: frame.text(),
    at: frame.u64(),
    sends: frame.u32(),
    accepted: frame.optional(flag),
  };
}

export function readUnreadable(frame: FrameReader): Unreadable {
  return { key: frame.text(), reason: readReason(frame) };
}

export function readProblem(frame: FrameReader): Problem {
  return { path: frame.text(), code: frame.text(), message: frame.text() };
}

export function readFlowStep(frame: FrameReader): FlowStep {
  switch (frame.u8()) {
    case 1:
      return { step: "load", keys: frame.list(text), watch: frame.list(text), until: frame.deadline() };
    case 2:
      return { step: "commit", writes: frame.list(readWrite), until: frame.deadline() };
    case 3:
      return { step: "send", effect: readEffect(frame), until: frame.deadline(), give_up_at: frame.u64() };
    case 4:
      return { step: "wait", until: frame.deadline() };
    case 5:
      return { step: "answer", answer: readAnswer(frame) };
    case 6:
      return { step: "done", changed: frame.optional(readChanged) };
    default:
      throw internal("`FlowStep` has a variant of another version");
  }
}

export function readFlowNote(frame: FrameReader): FlowNote {
  switch (frame.u8()) {
    case 1:
      return {
        note: "refused",
        reason: readReason(frame),
        dialect: frame.optional(text),
        product: frame.optional(text),
      };
    case 2:
      return {
        note: "admitted",
        dialect: frame.text(),
        product: frame.text(),
        event: frame.text(),
        test: frame.u8() === 1,
        order: frame.text(),
        instance: frame.text(),
      };
    case 3:
      return { note: "waited" };
    case 4:
      return { note: "conflicted" };
    case 5:
      return { note: "uncertain", code: frame.text() };
    case 6:
      return { note: "answered", instance: frame.optional(text), reason: frame.optional(readReason) };
    case 7:
      return {
        note: "performed",
        effect: frame.text(),
        instance: frame.text(),
        order: frame.text(),
        attempt: frame.u32(),
      };
    case 8:
      return { note: "asked", effect: frame.text() };
    case 9:
      return { note: "out-of-time" };
    case 10:
      return {
        note: "settled",
        effect: frame.text(),
        instance: frame.optional(text),
        settling: readSettling(frame),
        outcome: frame.text() as Outcome["kind"],
        reason: frame.optional(readReason),
      };
    case 11:
      return { note: "failed", code: frame.text() };
    case 12:
      return { note: "alarm", code: frame.text(), instance: frame.text(), tenant: frame.text() };
    default:
      throw internal("`FlowNote` has a variant of another version");
  }
}

export function readChanged(frame: FrameReader): Changed {
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
    case 7:
      return { changed: "invalid", reason: readReason(frame) };
    default:
      throw internal("`Changed` has a variant of another version");
  }
}

/** The fields of `Admitted`, by number. */
export const ADMITTED = { dialect: 0, product: 1, test: 2, event: 3, keys: 4, admission: 5, answer_by: 6 } as const;

/** Moves a reader that stands before `Admitted` to one of its fields. */
export function seekAdmitted(frame: FrameReader, field: number): FrameReader {
  if (field > 0) frame.skip(); // dialect
  if (field > 1) frame.skip(); // product
  if (field > 2) frame.u8(); // test
  if (field > 3) frame.skip(); // event
  if (field > 4) frame.list((item) => item.skip()); // keys
  if (field > 5) frame.skip(); // admission
  return frame;
}
