// Prints the milliseconds from the start of this process to its first verdict.

import assert from 'node:assert/strict';

import { calls } from './calls.mjs';

const [{ ours, theirs, route, now }] = calls();
let event;
if (process.argv[2] === 'ours') {
  const { Seller } = await import('../../bindings/js/dist/node.mjs');
  ({ event } = Seller.open({ routes: [route] }).admit(ours, { now }));
} else {
  const { Verifier } = await import('../peer/verify.mjs');
  ({ event } = new Verifier({ path: route.path, keys: route.keys }).admit(theirs, now));
}
const took = performance.now();
assert.equal(event.type, 'subscribe');
console.log(took);
