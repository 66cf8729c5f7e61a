"use strict";

require("./release.cjs");
module.exports = require("./cjs/http.js");
