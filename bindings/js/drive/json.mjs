// JSON out, with texts that are JSON already standing as they are: numbers keep their digits.

/** JSON text that stands as it is. */
export class Raw {
  constructor(text) {
    this.text = text;
  }
}

/**
 * The text of one member of the object that a text is, as it stands there; `undefined` when it is absent. The text is JSON
 * already: only strings have to be told from what holds them.
 */
export function memberText(text, name) {
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gu;
  let [depth, key, begins, found] = [0, undefined, undefined, undefined];
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [mark] = token;
    if (depth === 1 && (mark === "," || mark === "}")) {
      if (key === name && begins !== undefined) found = text.slice(begins, token.index).trim();
      [key, begins] = [undefined, undefined];
    }
    if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
    else if (depth === 1 && mark === ":" && begins === undefined) begins = tokens.lastIndex;
    else if (depth === 1 && key === undefined && mark.startsWith('"')) key = JSON.parse(mark);
  }
  return found;
}

export function print(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => print(item)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${print(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
