// From the start of a Node process to its first verdict: with the package, and by hand.
//
//   countersign-benches calls | node start.mjs ROUNDS

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { median } from './statistics.mjs';

const first = fileURLToPath(new URL('first.mjs', import.meta.url));
const input = readFileSync(0);
const times = { ours: [], peer: [] };
for (let rounds = Number(process.argv[2] ?? 10); rounds > 0; rounds--) {
  for (const [side, milliseconds] of Object.entries(times)) {
    const { status, stdout } = spawnSync(process.execPath, [first, side], { input, stdio: ['pipe', 'pipe', 'inherit'] });
    if (status !== 0) throw new Error(`no verdict of ${side}`);
    milliseconds.push(Number(stdout));
  }
}
console.log(JSON.stringify({ ours: median(times.ours) * 1e6, peer: median(times.peer) * 1e6 }));
