// A reason in a frame: its number, of which the table knows code and message, its field, and details that become
// members.

import type { FrameReader } from "./frame.js";
import { REASONS } from "./reasons.js";
import type { Reason } from "./types.js";

export function readReason(frame: FrameReader): Reason {
  const number = frame.u16();
  const field = frame.optional((text) => text.text());
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
