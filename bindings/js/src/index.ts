// What every entry of the package exports.

export { compute } from "./compute.js";
export { CountersignError, type Problem } from "./error.js";
export type * from "./events.js";
export {
  type About,
  type Accepted,
  Gate,
  type GateOptions,
  type Handlers,
  type Observer,
  type Perform,
  type Performed,
  type Sending,
  type Step,
  Refusal,
  accepted,
  handlers,
} from "./gate.js";
export { wipe } from "./module.js";
export { Seller } from "./seller.js";
export { MemoryStore } from "./store/memory.js";
export { StoreError, type Store } from "./store/contract.js";
export type * from "./types.js";
export type { Admitted, Refused, Verdict } from "./verdict.js";
