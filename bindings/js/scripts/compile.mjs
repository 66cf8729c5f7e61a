// Compiles the sources as CommonJS, and puts the entries beside them. Of what was built before only the module stays.

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

for (const name of readdirSync(dist)) {
  if (name !== "countersign.wasm") rmSync(join(dist, name), { recursive: true });
}
execFileSync(process.execPath, [compiler], { cwd: root, stdio: "inherit" });
writeFileSync(join(dist, "cjs", "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
cpSync(join(root, "entry"), dist, { recursive: true });
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(join(root, "../..", licence), join(root, licence));
