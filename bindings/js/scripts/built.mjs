// Builds the package where it stands, if nobody has yet. What the build says goes to standard error: standard output
// belongs to the program that is about to run.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const parts = ["dist/countersign.wasm", "dist/node.mjs", "dist/cjs/index.js"];

if (!parts.every((part) => existsSync(join(root, part)))) {
  const { status, error } = spawnSync("cargo", ["xtask", "js"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined) console.error("the package is built by `cargo xtask js`, and there is no cargo here");
  process.exit(status ?? 1);
}
