// One callback judged in Node: by the package, and by hand with `node:crypto`. Both take what `node:http` gives and come
// to the event, or to the reason why there is none.
//
//   countersign-benches calls | node admit.mjs SECONDS

import assert from 'node:assert/strict';

import { Seller } from '../../bindings/js/dist/node.mjs';
import { FastMac, PlainMac } from '../peer/mac.mjs';
import { Verifier } from '../peer/verify.mjs';
import { calls } from './calls.mjs';
import { median } from './statistics.mjs';

/** Each side's turn; they follow each other so closely that a disturbance meets all. */
const TURN_NS = 5e6;

const seconds = Number(process.argv[2] ?? 4);
const requestId = new Uint8Array(16).fill(7);
const all = calls();

function contenders(keys) {
  const { route } = all[0];
  const seller = Seller.open({ routes: [{ ...route, keys: route.keys.slice(0, keys) }] });
  const byHand = (Mac) => {
    const verifier = new Verifier({ path: route.path, keys: route.keys.slice(0, keys), Mac });
    return ({ theirs, now }) => {
      const { event, reason } = verifier.admit(theirs, now);
      return event ?? reason;
    };
  };
  return {
    ours: ({ ours, now }) => {
      const verdict = seller.admit(ours, { requestId, now });
      return verdict.verdict === 'admitted' ? verdict.event : verdict.reason.code;
    },
    plain: byHand(PlainMac),
    tuned: byHand(FastMac),
  };
}

/** What is compared must come to the same. */
function agree(sides, call) {
  const [ours, ...others] = Object.values(sides).map((judge) => judge(call));
  for (const other of others) {
    if (typeof ours === 'string') assert.equal(other, ours, call.call);
    else assert.deepEqual(comparable(other), comparable(ours), call.call);
  }
}

/** Further members stand in an object here and in a list there. */
function comparable({ extra = {}, ...fields }) {
  return { ...fields, extra: Object.fromEntries(Array.isArray(extra) ? extra : Object.entries(extra)) };
}

let kept; // so that no verdict is without use

/**
 * Nanoseconds of one verdict in one turn: of processor time, all threads of this process together. Where nothing else runs
 * it is the time that passes; elsewhere it is what would have passed.
 */
function turn(judge, call) {
  let rounds = 0;
  let batch = 1;
  const begun = process.cpuUsage();
  for (;;) {
    for (let left = batch; left > 0; left--) kept = judge(call);
    rounds += batch;
    const { user, system } = process.cpuUsage(begun);
    const took = (user + system) * 1e3;
    if (took >= TURN_NS) return took / rounds;
    batch = Math.min(2 * batch, 128);
  }
}

const ring = contenders(3);
for (const call of all) agree(ring, call);

const single = contenders(1);
for (const call of all.filter(({ measured }) => measured)) {
  // The refused call is the worst case, of a whole ring; the others meet one key, as most calls do.
  const sides = call.call === 'v2-refused' ? ring : single;
  const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  const turns = Math.max(3, Math.round((seconds * 1e9) / TURN_NS / 3));
  for (let number = -Math.ceil(turns / 5); number < turns; number++) {
    for (const [side, judge] of Object.entries(sides)) {
      const took = turn(judge, call);
      if (number >= 0) times[side].push(took);
    }
  }
  const medians = Object.entries(times).map(([side, values]) => [side, median(values)]);
  console.log(JSON.stringify({ call: call.call, ...Object.fromEntries(medians) }));
}
assert.notEqual(kept, undefined);
