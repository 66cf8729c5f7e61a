import * as given from "./arguments.js";
import { textBound } from "./codec.js";
import type { FrameReader } from "./frame.js";
import { Operation, call, present } from "./module.js";

/**
 * One primitive of the rules by name, for known-answer tests of the very module that this runtime loaded:
 * `compute("hmac-sha256", key, message)`. Throws the coded refusal of the primitive.
 */
export function compute(name: string, ...inputs: Uint8Array[]): Uint8Array {
  given.text(name, "name");
  for (const input of inputs) given.bytes(input, "inputs");
  present();
  return call(
    Operation.compute,
    0,
    inputs.reduce((sum, input) => sum + 4 + input.length, textBound(name) + 4),
    (frame) => {
      frame.text(name).u32(inputs.length);
      for (const input of inputs) frame.bytes(input);
    },
    (answer: FrameReader) => answer.bytes(),
  );
}
