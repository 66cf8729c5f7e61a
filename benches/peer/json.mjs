// JSON as a signature needs it: names that stand twice are found, and numbers keep their digits. `JSON.parse` alone
// keeps the last of two equal names and makes 1.1 of 1.10.

const DEPTH_LIMIT = 64;
/** Up to so many names are compared in turn, which is faster than a set. */
const FEW_NAMES = 16;

/**
 * The value of a JSON text whose objects name nothing twice, or the reason why it is none.
 *
 * @param {string} text
 * @returns {{ value: unknown } | { reason: 'malformed-json' | 'too-deep' | 'duplicate-name' }}
 */
export function read(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'malformed-json' };
  }
  const reason = fault(text);
  return reason === undefined ? { value } : { reason };
}

/**
 * What `JSON.parse` does not mind. The text is JSON, so only strings, commas and brackets have to be looked at: a string
 * is a name when it is the first thing in an object or behind one of its commas.
 */
function fault(text) {
  const outer = [];
  let names = null; // of the innermost object; null inside an array
  let expectsName = false;
  let repeated = false;
  let backslash = text.indexOf('\\');
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        let end = text.indexOf('"', at + 1);
        let escaped = false;
        while (backslash !== -1 && backslash < end) {
          escaped = true;
          if (backslash + 1 === end) end = text.indexOf('"', end + 1);
          backslash = text.indexOf('\\', backslash + 2);
        }
        if (escaped || expectsName) {
          const string = escaped ? JSON.parse(text.slice(at, end + 1)) : text.slice(at + 1, end);
          if (escaped && !string.isWellFormed()) return 'malformed-json'; // no UTF-8 says a lone surrogate
          if (expectsName) {
            repeated = add(names, string) || repeated;
            expectsName = false;
          }
        }
        at = end;
        break;
      }
      case 0x2c: // ,
        expectsName = names !== null;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (outer.length === DEPTH_LIMIT) return 'too-deep';
        outer.push(names);
        expectsName = text.charCodeAt(at) === 0x7b;
        names = expectsName ? { few: [], many: null } : null;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        names = outer.pop();
        expectsName = false;
        break;
    }
  }
  return repeated ? 'duplicate-name' : undefined;
}

/** Adds a name; whether it was there. */
function add(names, name) {
  if (names.many !== null) {
    const before = names.many.size;
    return names.many.add(name).size === before;
  }
  if (names.few.includes(name)) return true;
  names.few.push(name);
  if (names.few.length > FEW_NAMES) names.many = new Set(names.few);
  return false;
}

/**
 * The other texts that the platform may have signed, in the order in which they are tried: top-level names sorted and
 * nulls left out; all names sorted; top-level numbers and truth values quoted. Numbers stand as they arrived.
 *
 * @param {string} text a JSON text without repeated names
 * @returns {Generator<string>} nothing if it is no object
 */
export function* canonicalForms(text) {
  const document = new Reader(text).value();
  if (document.members === undefined) return;
  const members = sorted(document.members).filter(([, value]) => value.scalar !== 'null');
  yield object(members, compact);
  yield object(members, recursivelySorted);
  yield object(members, (value) => (/^[-\dtf]/.test(value.scalar ?? '') ? `"${value.scalar}"` : compact(value)));
}

/** Keeps the order of members and the text of numbers. */
class Reader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  value() {
    switch (this.#peek()) {
      case '{':
        return { members: this.#list('}', () => [this.#string(), (this.#take(), this.value())]) };
      case '[':
        return { elements: this.#list(']', () => this.value()) };
      case '"':
        return { string: this.#string() };
      default:
        return { scalar: this.#token(/[^\s,\]}]+/y) };
    }
  }

  #list(close, item) {
    const items = [];
    this.#take();
    if (this.#peek() === close) this.#take();
    else do items.push(item()); while (this.#take() !== close);
    return items;
  }

  #string() {
    this.#peek();
    return JSON.parse(this.#token(/"(?:[^"\\]|\\.)*"/y));
  }

  #peek() {
    while (' \t\n\r'.includes(this.#text[this.#at])) this.#at++;
    return this.#text[this.#at];
  }

  #take() {
    const character = this.#peek();
    this.#at++;
    return character;
  }

  #token(pattern) {
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text);
    this.#at = pattern.lastIndex;
    return token;
  }
}

const sorted = (members) => members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

const object = (members, write) => `{${members.map(([name, value]) => `${quote(name)}:${write(value)}`).join(',')}}`;

function write(value, ofMembers, again) {
  if (value.members !== undefined) return object(ofMembers(value.members), again);
  if (value.elements !== undefined) return `[${value.elements.map(again).join(',')}]`;
  return value.scalar ?? quote(value.string);
}

const compact = (value) => write(value, (members) => members, compact);
const recursivelySorted = (value) => write(value, sorted, recursivelySorted);

/** As Jackson escapes: control characters with upper-case digits. */
const quote = (string) => JSON.stringify(string).replace(/\\u00[01][\da-f]/g, (unit) => `\\u${unit.slice(2).toUpperCase()}`);
