// What every entry of the package exports.

export { compute } from "./compute.js";
export { CountersignError, type Problem } from "./error.js";
export { type About, Gate, type GateOptions, type Observer, type Perform, type Step, Refusal, accepted } from "./gate.js";
export { wipe } from "./module.js";
export { Seller } from "./seller.js";
export { MemoryStore } from "./store/memory.js";
export { StoreError, type Store } from "./store/contract.js";
export type * from "./types.js";
export type { Admitted, Refused, Verdict } from "./verdict.js";
