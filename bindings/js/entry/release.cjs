// Read before anything else, and in ECMAScript 5: an old release of Node has to understand it to the end.
"use strict";

var OLDEST = 20;
var release = typeof process === "object" && process.versions ? process.versions.node : undefined;

if (release !== undefined && parseInt(release, 10) < OLDEST) {
  var error = new Error("countersign needs Node.js " + OLDEST + " or later; this is Node.js " + release);
  error.name = "CountersignError";
  error.code = "unsupported-runtime";
  throw error;
}
