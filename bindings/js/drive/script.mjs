// A world without chance for `handle`: the clock stands still until somebody waits, and the application answers what the
// line says.

import { createHmac } from "node:crypto";

/** One `handle`: clock, entropy, application and observer. */
export class Script {
  constructor({ now, outcomes, entropy }) {
    let drawn = 0n;
    this.effects = [];
    this.hasOutcome = () => outcomes.length > 0;
    this.steps = [];
    this.clock = {
      now: () => now,
      // Nothing else happens meanwhile, so waiting is moving the clock; but only once somebody really waits.
      sleepUntil: async (time, signal) => {
        await new Promise(setImmediate);
        if (!signal.aborted) now = Math.max(now, time);
      },
    };
    // What the line gave, or what was drawn for it; every draw is derived from it.
    this.entropy = () => {
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(drawn++);
      return new Uint8Array(createHmac("sha256", entropy).update(number).digest());
    };
    // Once the outcomes are used up there is no answer in time.
    this.send = async (effect) => {
      this.effects.push(effect);
      return outcomes.shift() ?? { kind: "running" };
    };
  }
}
