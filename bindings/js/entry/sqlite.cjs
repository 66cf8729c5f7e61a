"use strict";

require("./release.cjs");
module.exports = require("./cjs/store/sqlite.js");
