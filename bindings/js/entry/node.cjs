// Node, CommonJS.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { provide } = require("./cjs/module.js");

provide(() => new WebAssembly.Module(readFileSync(join(__dirname, "countersign.wasm"))));
module.exports = require("./cjs/index.js");
