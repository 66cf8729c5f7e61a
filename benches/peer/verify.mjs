// Is this call genuine, and what does it mean? A SaaS V2 callback, verified by hand with `node:crypto`: the checks, the
// keys, the signed forms and the result of Countersign's `admit`, written as well as plain JavaScript allows.

import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';

import { canonicalForms, read } from './json.mjs';
import { FastMac } from './mac.mjs';

const LIMITS = { target: 16_384, headers: 100, headerBytes: 32_768, body: 65_536, nonce: 256, key: 128, ids: 100 };

const text = (wire, name, required = true) => ({ wire, name, required, form: 'text' });
const key = (wire, name, required = true) => ({ wire, name, required, form: 'key' });

const ACTIVITIES = new Map(
  Object.entries({
    newInstance: {
      type: 'subscribe',
      fields: [key('orderId', 'order_id'), key('orderLineId', 'order_line_id'), text('businessId', 'business_id')],
    },
    queryInstance: {
      type: 'query_instances',
      fields: [{ wire: 'instanceId', name: 'instance_ids', required: true, form: 'ids' }],
    },
    refreshInstance: {
      type: 'renew',
      fields: [
        text('scene', 'scene'),
        key('orderId', 'order_id'),
        key('orderLineId', 'order_line_id', false),
        key('instanceId', 'instance_id'),
        text('productId', 'product_id', false),
        { wire: 'expireTime', name: 'expire_time', required: true, form: 'time' },
      ],
    },
    updateInstanceStatus: {
      type: null, // by status
      fields: [key('instanceId', 'instance_id'), text('status', 'status')],
    },
    releaseInstance: {
      type: 'release',
      fields: [
        key('instanceId', 'instance_id'),
        key('orderId', 'order_id', false),
        key('orderLineId', 'order_line_id', false),
      ],
    },
    upgradeInstance: {
      type: 'upgrade',
      fields: [key('instanceId', 'instance_id'), key('orderId', 'order_id'), key('orderLineId', 'order_line_id', false)],
    },
    changeInstanceCheck: {
      type: 'check_change',
      fields: [
        key('instanceId', 'instance_id'),
        { wire: 'productInfo', name: 'product_info', required: true, form: 'object' },
      ],
    },
  }).map(([wire, activity]) => {
    const known = new Set(['activity', 'testFlag', ...activity.fields.map((field) => field.wire)]);
    return [wire, { ...activity, known }];
  }),
);

const STATUS = new Map([['FREEZE', 'freeze'], ['UNFREEZE', 'unfreeze'], ['NORMAL', 'unfreeze']]);

class Refused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** One production address and the keys that may sign for it. */
export class Verifier {
  #path;
  #windowMs;
  #ring;

  /** @param {{ path: string, keys: string[], windowMs?: number, Mac?: typeof FastMac }} options */
  constructor({ path, keys, windowMs = 60_000, Mac = FastMac }) {
    this.#path = path;
    this.#windowMs = windowMs;
    this.#ring = keys.map((secret) => ({ secret, mac: new Mac(Buffer.from(secret)) }));
  }

  /**
   * @param {{ method: string, url: string, rawHeaders: string[], body: Buffer }} request as `node:http` gives it
   * @param {number} now milliseconds, UTC
   * @returns {{ event: object, test: boolean, signedAt: number, signature: Buffer, key: number } | { reason: string }}
   */
  admit(request, now) {
    try {
      return this.#admit(request, now);
    } catch (error) {
      if (error instanceof Refused) return { reason: error.reason };
      throw error;
    }
  }

  /** `Body-Sign` over an answer. */
  bodySign(body, key = 0) {
    return `sign_type="HMAC-SHA256", signature= "${this.#ring[key].mac.digest(body, 'base64')}"`;
  }

  #admit({ method, url, rawHeaders, body }, now) {
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    if (path !== this.#path) throw new Refused('unknown-route');
    if (method !== 'POST') throw new Refused('method-not-allowed');
    checkSizes(url, rawHeaders, body);

    const query = readQuery(mark === -1 ? '' : url.slice(mark + 1));
    const timestamp = query.get('timestamp');
    if (!timestamp) throw new Refused('timestamp-missing');
    if (!/^\d{13}$/.test(timestamp)) throw new Refused('timestamp-malformed');
    const signedAt = Number(timestamp);
    if (now - signedAt > this.#windowMs) throw new Refused('timestamp-stale');
    if (signedAt - now > this.#windowMs) throw new Refused('timestamp-future');
    const nonce = query.get('nonce');
    if (!nonce) throw new Refused('nonce-missing');
    if (Buffer.byteLength(nonce) > LIMITS.nonce) throw new Refused('nonce-too-long');
    const claimed = query.get('signature');
    if (!claimed) throw new Refused('signature-missing');
    if (!/^[\da-fA-F]{64}$/.test(claimed)) throw new Refused('signature-malformed');
    const signature = Buffer.from(claimed, 'hex');

    const { key, document } = this.#verify(nonce + timestamp, signature, body);
    if (document.reason !== undefined) throw new Refused(document.reason);
    const members = document.value;
    if (members === null || typeof members !== 'object' || Array.isArray(members)) throw new Refused('malformed-json');
    return { ...readEvent(members), signedAt, signature, key };
  }

  #verify(stamp, signature, body) {
    const readBody = () => (isUtf8(body) ? read(body.utf8Slice()) : { reason: 'malformed-json' });
    let key = this.#matchingKey(stamp, signature, body);
    if (key !== -1) return { key, document: readBody() };
    const document = readBody();
    if (document.reason === undefined) {
      let form = 0;
      for (const text of canonicalForms(body.utf8Slice())) {
        key = this.#matchingKey(stamp, signature, text);
        if (key !== -1) return { key, document: form === SCALARS_AS_TEXTS ? withTexts(document) : document };
        form++;
      }
    }
    throw new Refused('signature-mismatch');
  }

  /** Every key is tried, whichever matches. */
  #matchingKey(stamp, signature, payload) {
    let found = -1;
    for (let index = this.#ring.length - 1; index >= 0; index--) {
      const { secret, mac } = this.#ring[index];
      const expected = mac.digest(secret + stamp + mac.digest(payload, 'hex'));
      if (timingSafeEqual(expected, signature)) found = index;
    }
    return found;
  }
}

/** The place among the canonical forms of the one that has texts for the numbers and truth values at the top. */
const SCALARS_AS_TEXTS = 2;

/** Of `1` and of `"1"` such a signature says the same, so the event has the text. */
function withTexts({ value }) {
  const asText = (member) => (typeof member === 'number' || typeof member === 'boolean' ? String(member) : member);
  return { value: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)])) };
}

function checkSizes(url, rawHeaders, body) {
  if (url.length > LIMITS.target) throw new Refused('target-too-long');
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  if (rawHeaders.length > 2 * LIMITS.headers || bytes > LIMITS.headerBytes) throw new Refused('headers-too-large');
  if (body.length > LIMITS.body) throw new Refused('body-too-large');
}

/** Strict: a broken escape or a repeated name refuses the call. */
function readQuery(query) {
  const pairs = new Map();
  for (const segment of query.split('&')) {
    if (segment === '') continue;
    const equals = segment.indexOf('=');
    const name = decode(equals === -1 ? segment : segment.slice(0, equals));
    if (pairs.has(name)) throw new Refused('repeated-query-name');
    pairs.set(name, equals === -1 ? '' : decode(segment.slice(equals + 1)));
  }
  return pairs;
}

function decode(text) {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Refused('malformed-query');
  }
}

function readEvent(members) {
  const wire = scalar(members.activity);
  if (!wire) throw new Refused('field-missing');
  const activity = ACTIVITIES.get(wire);
  if (activity === undefined) throw new Refused('unknown-activity');
  const flag = scalar(members.testFlag);
  if (flag && flag !== '0' && flag !== '1') throw new Refused('test-flag-invalid');

  const event = { type: activity.type, activity: wire };
  for (const field of activity.fields) {
    const value = datum(field, members[field.wire]);
    if (value !== undefined) event[field.name] = value;
    else if (field.required) throw new Refused('field-missing');
  }
  if (activity.type === null) {
    event.type = STATUS.get(scalar(members.status));
    if (event.type === undefined) throw new Refused('unknown-status');
  }
  for (const name of Object.keys(members)) {
    if (!activity.known.has(name) && members[name] !== null) (event.extra ??= []).push([name, members[name]]);
  }
  return { event, test: flag === '1' };
}

/** The text of a scalar; null and absent are alike. */
function scalar(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return undefined;
    default:
      if (value === null) return undefined;
      throw new Refused('field-malformed');
  }
}

function datum({ form }, value) {
  if (form === 'object') return nested(value);
  const text = scalar(value);
  if (!text) return undefined;
  switch (form) {
    case 'key':
      if (Buffer.byteLength(text) > LIMITS.key) throw new Refused('field-too-long');
      return text;
    case 'time':
      return time(text);
    case 'ids':
      return ids(text);
    default:
      return text;
  }
}

function nested(value) {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') {
    const document = read(value);
    if (document.reason !== undefined) throw new Refused('field-malformed');
    value = document.value;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Refused('field-malformed');
  return value;
}

/** `yyyyMMddHHmmss`, perhaps with milliseconds that do not count; UTC. */
function time(text) {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(text);
  if (parts === null) throw new Refused('field-malformed');
  const [, year, month, day, hour, minute, second] = parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const millis = Date.parse(iso);
  // A day that does not exist is NaN or another day.
  if (Number.isNaN(millis) || millis < 0 || new Date(millis).toISOString() !== iso) throw new Refused('field-malformed');
  return millis;
}

function ids(text) {
  const unique = new Set(text.split(',').map((id) => id.trim()));
  for (const id of unique) if (id === '' || Buffer.byteLength(id) > LIMITS.key) throw new Refused('bad-instance-list');
  if (unique.size > LIMITS.ids) throw new Refused('bad-instance-list');
  return [...unique];
}
