import type { FrameReader } from "./frame.js";
import { call, present } from "./module.js";
import { Operation } from "./operations.js";
import { bytesBound, textBound } from "./values.js";

/**
 * One primitive of the rules by name, for known-answer tests of the very module that this runtime loaded:
 * `compute("hmac-sha256", key, message)`. Throws the coded refusal of the primitive.
 */
export function compute(name: string, ...inputs: Uint8Array[]): Uint8Array {
  const bound = inputs.reduce((sum, input) => sum + bytesBound(input, "inputs"), 4 + textBound(name, "name"));
  present();
  return call(
    Operation.compute,
    0,
    bound,
    (frame) => {
      frame.text(name).u32(inputs.length);
      for (const input of inputs) frame.bytes(input);
    },
    (answer: FrameReader) => answer.bytes(),
  );
}
