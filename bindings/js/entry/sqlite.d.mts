export * from "./cjs/store/sqlite.js";
