// Compiles the sources twice, as ECMAScript modules and as CommonJS, and puts the entries beside them.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

for (const [kind, options] of [
  ["esm", []],
  ["cjs", ["--module", "commonjs", "--moduleResolution", "bundler"]],
]) {
  const folder = join(dist, kind);
  rmSync(folder, { recursive: true, force: true });
  execFileSync(process.execPath, [compiler, "--outDir", folder, ...options], { cwd: root, stdio: "inherit" });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: kind === "esm" ? "module" : "commonjs" }) + "\n");
}
cpSync(join(root, "entry"), dist, { recursive: true });
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(join(root, "../..", licence), join(root, licence));
