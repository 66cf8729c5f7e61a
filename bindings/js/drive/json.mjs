// JSON out, with texts that are JSON already standing as they are: numbers keep their digits.

/** JSON text that stands as it is. */
export class Raw {
  constructor(text) {
    this.text = text;
  }
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
