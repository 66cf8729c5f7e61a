// Node, ECMAScript modules.
import { readFileSync } from "node:fs";
import { provide } from "./esm/module.js";

provide(() => new WebAssembly.Module(readFileSync(new URL("./countersign.wasm", import.meta.url))));
export * from "./esm/index.js";
