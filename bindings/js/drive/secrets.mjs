// Secrets of a configuration: a string, `{ env = "NAME" }` or `{ file = "PATH" }`.

import { readFileSync } from "node:fs";

import { CountersignError } from "../dist/node.mjs";

const FORMS = 'must be a string, { env = "NAME" } or { file = "path" }';
const MAX_FILE_BYTES = 65_536;

/** The same configuration with every secret as text; all that cannot be had are named at once. */
export function resolveSecrets(config) {
  const resolved = structuredClone(config);
  const problems = [];
  const routes = Array.isArray(resolved?.routes) ? resolved.routes : [];
  routes.forEach((route, number) => {
    if (!Array.isArray(route?.keys)) return;
    route.keys = route.keys.map((key, index) => {
      if (typeof key !== "object" || key === null || Array.isArray(key)) return key;
      const found = read(key);
      if (typeof found === "string") return found;
      problems.push({ path: `routes[${number}].keys[${index}]`, ...found });
      return "";
    });
  });
  if (problems.length > 0) {
    throw new CountersignError("invalid-configuration", 601, "the configuration has mistakes", problems);
  }
  return resolved;
}

function read(secret) {
  const members = Object.entries(secret);
  const [name, value] = members.length === 1 && typeof members[0][1] === "string" ? members[0] : [];
  if (name === "env") {
    return process.env[value] ?? { code: "missing", message: `the environment variable ${JSON.stringify(value)} is not set` };
  }
  return name === "file" ? readFile(value) : { code: "wrong-type", message: FORMS };
}

function readFile(path) {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { code: "unreadable", message: `cannot read ${path}: ${error.code}` };
  }
  if (bytes.length > MAX_FILE_BYTES) return { code: "out-of-range", message: `${path} is larger than 64 KiB` };
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    return { code: "unreadable", message: `${path} is not UTF-8` };
  }
}
