// Where nobody observes, the console hears what an engineer has to know: what was refused, what failed, what an operator
// should look at. One call of the console for each; a line in the words of the step.

import type { Observer, Step } from "./step.js";

/** Says nothing of what went well, or is only under way. */
export const toConsole: Observer = (request, step) => {
  switch (step.step) {
    case "refused":
      return console.warn(line(request, step, ["reason", ...DETAILS, "method", "path", "product", "dialect", "peer"]));
    case "answered":
    case "settled":
      if (step.reason === null || step.reason === "in-progress") return;
      if (step.step === "settled" && step.outcome === "failed") return; // what the application threw was a line already
      return console.warn(line(request, step, ["reason", ...DETAILS, ...ABOUT]));
    case "alarm":
      if (step.code === "backend-answer-invalid") return; // said where it is settled, with the field
      return console.warn(line(request, step, ["code", ...ABOUT]));
    case "threw":
      return console.error(line(request, step, EFFECT) + (step.stack === null ? "" : `\n${step.stack}`));
    case "gave-up":
      return console.error(line(request, step, EFFECT));
    case "failed":
      return console.error(line(request, step, ["reason", ...ABOUT]));
  }
};

const ABOUT = ["product", "dialect", "order", "instance"];
const EFFECT = ["event", ...ABOUT, "effect", "attempt"];
/** What a reason may have beside its code. */
const DETAILS = ["field", "distance_ms", "keys_tried", "limit", "at", "activity", "found", "cause", "did_you_mean"];
const LINE_ENDS = /[\r\n\u2028\u2029]/;

function line(request: string, step: Step, names: readonly string[]): string {
  const members = step as unknown as Record<string, unknown>;
  const parts = [...names.map((name) => [name, members[name]] as const), ["request", request] as const]
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${shown(String(value))}`);
  const message = typeof members["message"] === "string" ? `: ${members["message"].split(LINE_ENDS, 1)[0]}` : "";
  return `countersign: ${step.step} ${parts.join(" ")}${message}`;
}

/** As it is where that leaves no doubt, else quoted: what a stranger sends makes no second line. */
const shown = (value: string): string => (/^[!#-~]{1,256}$/.test(value) ? value : JSON.stringify(value.slice(0, 256)));
