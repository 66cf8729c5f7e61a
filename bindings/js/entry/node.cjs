// Node, CommonJS. What `require` loads here is parsed after the release was looked at, and not before.
"use strict";

require("./release.cjs");
var readFileSync = require("fs").readFileSync;
var join = require("path").join;
var provide = require("./cjs/module.js").provide;

provide(function () {
  return new WebAssembly.Module(readFileSync(join(__dirname, "countersign.wasm")));
});
module.exports = require("./cjs/index.js");
