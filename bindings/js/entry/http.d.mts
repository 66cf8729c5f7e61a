export * from "./cjs/http.js";
