// The one instance of the module in this realm: made when it is first needed, and made anew after a trap.

import * as glue from "./generated/countersign.js";
import { FRAME_VERSION } from "./constants.js";
import { CountersignError, internal, malformed } from "./error.js";
import { FrameReader, FrameWriter, viewed } from "./frame.js";


let find: (() => WebAssembly.Module) | undefined;
let state: "none" | "ready" | "trapped" = "none";
/** Raised whenever the module forgets its handles: by an instantiation and by a wipe. */
let epoch = 0;
let bytes = new Uint8Array(0);
let request = { pointer: 0, length: 0 };
const writer = new FrameWriter();

/** @internal Says where the compiled module is to be had; the entry of each runtime knows. It is asked once, at the first use. */
export function provide(module: () => WebAssembly.Module): void {
  find = module;
}

/** The present epoch: a handle of another one is worth nothing. Makes an instance where there is none. */
export function present(): number {
  if (state !== "ready") instantiate();
  return epoch;
}

function instantiate(): void {
  if (find === undefined) throw internal("this entry of the package brings no module");
  try {
    if (state === "trapped") glue.__wbg_reset_state();
    else glue.initSync({ module: find() });
  } catch (error) {
    throw internal("the module cannot be loaded", error);
  }
  if (glue.abiVersion() >>> 16 !== FRAME_VERSION) throw internal("the module speaks another version of the frames");
  forget();
  state = "ready";
}

function forget(): void {
  epoch++;
  bytes = new Uint8Array(0);
  request = { pointer: 0, length: 0 };
}

/**
 * Runs `body`. A trap costs the instance; what else is thrown and has no code of ours comes from what was passed: an iterator
 * or a getter of the caller's.
 */
export function guarded<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof CountersignError) throw error;
    if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw malformed("request", error);
    state = "trapped";
    throw internal("the module trapped and was instantiated anew", error);
  }
}

/** The whole memory: its old view is detached when the memory grows. */
function memory(): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) bytes = viewed((glue.moduleMemory() as WebAssembly.Memory).buffer);
  return bytes;
}

/** Overwrites and closes everything that the module holds. Sellers are opened anew when they are next used. */
export function wipe(): void {
  if (state !== "ready") return;
  guarded(() => glue.wipe());
  forget();
}

/**
 * One operation. `length` bounds the bytes that `write` writes after the head; `read` reads the answer and copies what it
 * keeps.
 */
export function call<T>(
  operation: number,
  seller: number,
  length: number,
  write: (frame: FrameWriter) => void,
  read: (answer: FrameReader) => T,
): T {
  return guarded(() => {
    reserve(length + HEAD);
    write(writer.begin(memory(), request.pointer, seller));
    return answer(glue.call(operation, writer.length), read);
  });
}

/** Bytes of the head of a request. */
const HEAD = 8;
/** So much is reserved at once, so that ordinary calls reserve only once. */
const ORDINARY = 4096;

function reserve(length: number): void {
  if (length <= request.length) return;
  // Something without a length was passed for bytes or a text.
  if (!Number.isSafeInteger(length)) throw malformed("request");
  const wanted = Math.max(length, ORDINARY);
  const pointer = glue.reserve(wanted);
  request = { pointer, length: pointer === 0 ? 0 : wanted };
  if (pointer === 0) {
    throw new CountersignError("malformed-frame", 602, "the request is larger than the module takes");
  }
}

function answer<T>(pointer: number, read: (answer: FrameReader) => T): T {
  answered = pointer;
  const frame = new FrameReader(memory(), pointer);
  frame.u16();
  const number = frame.u16();
  if (number === 0) return read(frame);
  const [code, message, problems] = [frame.text(), frame.text(), frame.text()];
  throw new CountersignError(code, number, message, problems === "" ? undefined : JSON.parse(problems));
}

/** Where the last answer stands in the memory, and how long it is. */
export function lastAnswer(): { memory: Uint8Array; start: number; length: number } {
  return { memory: memory(), start: answered, length: glue.answerLength() };
}

let answered = 0;

/** Bytes of the head of an answer. */
export const ANSWER_HEAD = 4;

/** Opens a seller in the present instance. */
export function open(config: unknown): number {
  return guarded(() => {
    try {
      return glue.open(config);
    } catch (error) {
      const { code, number, message, problems } = error as CountersignError;
      if (typeof code !== "string") throw error;
      throw new CountersignError(code, number, message, problems);
    }
  });
}
