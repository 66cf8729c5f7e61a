// A SaaS V2 production address by hand: Express in front, SQLite behind, the seller's backend called between two commits.
// It answers newInstance, once per order, as a careful seller would have it; other activities are not what is measured.
//
//   KEY=… BACKEND=http://127.0.0.1:9000/events BACKEND_SECRET=whsec_… DATABASE=file.db node gateway.mjs

import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';

import express from 'express';

import { Ledger } from './ledger.mjs';
import { Verifier } from './verify.mjs';

const WINDOW_MS = 60_000;
const REMEMBERED_MS = WINDOW_MS + 600_000;
const LEASE_MS = 15_000;
const SEND_MS = 10_000;
const MAX_ANSWER_BYTES = 262_144;

const { KEY, BACKEND, BACKEND_SECRET, DATABASE, PATH_OF_ROUTE = '/koogallery', PORT = '0' } = process.env;
const verifier = new Verifier({ path: PATH_OF_ROUTE, keys: [KEY], windowMs: WINDOW_MS });
const ledger = new Ledger(DATABASE);
const webhookKey = Buffer.from(BACKEND_SECRET.slice('whsec_'.length), 'base64');
const backend = new URL(BACKEND);
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64, timeout: SEND_MS });

const MESSAGES = {
  '000000': 'success.',
  '000001': 'authentication failed.',
  '000002': 'invalid request parameter.',
  '000004': 'being processed.',
  '000005': 'internal error.',
};

/** Standard Webhooks around a CloudEvent; resolves to the backend's answer. */
function send(work, now) {
  const timestamp = Math.floor(now / 1000);
  const body = JSON.stringify({
    specversion: '1.0',
    id: work.id,
    source: PATH_OF_ROUTE,
    type: 'countersign.subscribe',
    subject: work.instance,
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    fencingtoken: 1,
    data: work.data,
  });
  const signature = createHmac('sha256', webhookKey).update(`${work.id}.${timestamp}.${body}`).digest('base64');
  const options = {
    agent,
    method: 'POST',
    timeout: SEND_MS,
    headers: {
      'content-type': 'application/cloudevents+json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': work.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(backend, options, (response) => {
      const chunks = [];
      let bytes = 0;
      response.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('too large'));
        chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body);
  });
}

/** The access data of an instance that is open. */
function access({ status, body }) {
  if (status !== 200) throw new Error(`the backend answered ${status}`);
  const data = JSON.parse(body.toString());
  if (typeof data.front_end_url !== 'string' || data.front_end_url.length > 512) throw new Error('no front_end_url');
  return JSON.stringify(data);
}

function answer(response, resultCode, key, instanceId) {
  const body = Buffer.from(JSON.stringify({ resultCode, resultMsg: MESSAGES[resultCode], instanceId }));
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', body.length);
  response.setHeader('Body-Sign', verifier.bodySign(body, key));
  response.end(body);
}

async function subscribe(call, response) {
  const { event, key, now } = call;
  const instance = /^[!-+\--~]{1,64}$/.test(event.business_id) ? event.business_id : randomUUID();
  const data = { ...event, instance_id: instance, phase: 'active' };
  const work = { id: randomUUID(), instance, data, event: JSON.stringify(data), leasedUntil: now + LEASE_MS };
  const { replayed, known } = ledger.reserve(call, work);
  if (replayed) return answer(response, '000001', key);
  if (known) {
    return known.state === 'completed'
      ? answer(response, '000000', key, known.id)
      : answer(response, '000004', key, known.id);
  }
  ledger.settle(work, access(await send(work, now)));
  answer(response, '000000', key, instance);
}

const RESULT_OF_REFUSAL = { 'signature-missing': '000001', 'signature-malformed': '000001', 'signature-mismatch': '000001' };

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.set('query parser', false);
app.post(PATH_OF_ROUTE, express.raw({ type: () => true, limit: '64kb' }), async (request, response) => {
  const now = Date.now();
  const { method, url, rawHeaders, body } = request;
  const verdict = verifier.admit({ method, url, rawHeaders, body }, now);
  if (verdict.reason !== undefined) return answer(response, RESULT_OF_REFUSAL[verdict.reason] ?? '000002');
  if (verdict.event.type !== 'subscribe') return answer(response, '000005', verdict.key);
  const call = { ...verdict, now, request: randomBytes(16).toString('hex'), expiresAt: verdict.signedAt + REMEMBERED_MS };
  try {
    await subscribe(call, response);
  } catch {
    answer(response, '000005', verdict.key); // owed: a timer sends it again
  }
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening public 127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
