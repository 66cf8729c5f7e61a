// What an application threw, as it may stand in a log.

import type { CloudEvent } from "../types.js";
import type { Thrown } from "./step.js";

/** Stands in the place of what may be the data of a person. */
const REDACTED = "[redacted]";

/** Of an error its message and where it was thrown, never its other members: they are often the whole request. */
export function thrown(error: unknown, event: CloudEvent | undefined): Thrown {
  const discreet = redactor(event);
  if (!isError(error)) return { error, message: discreet(plain(error)), stack: null };
  const message = `${String(error.name)}: ${String(error.message)}`;
  return { error, message: discreet(message), stack: discreet(traces(error)) };
}

const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return `an object of the class ${typeof name === "string" && name !== "" ? name : "Object"}, which is no Error`;
}

/** The error's own trace and those of its causes. */
function traces(error: Error): string {
  const all: string[] = [];
  for (let one: unknown = error; isError(one) && all.length < MOST_CAUSES; one = one.cause) {
    const trace = typeof one.stack === "string" ? one.stack : `${String(one.name)}: ${String(one.message)}`;
    all.push(all.length === 0 ? trace : `caused by ${trace}`);
  }
  return all.join("\n");
}

const MOST_CAUSES = 8;

/**
 * Takes out of a text whatever the event says of a person: names, addresses, telephone numbers, a password. A message often
 * repeats what it could not work with.
 */
function redactor(event: CloudEvent | undefined): (text: string) => string {
  const data: Partial<Record<string, unknown>> | undefined = event && { ...event.data };
  const told = new Set([data?.["order_id"], data?.["order_line_id"], data?.["instance_id"], data?.["product_id"], event?.id]);
  const isPersonal = (text: string) => !told.has(text) && PERSONAL.test(text.replace(SEPARATORS, ""));
  const { password } = (data?.["message"] ?? {}) as { password?: unknown };
  const personal = [...[...texts(data)].filter(isPersonal), ...texts(password)];
  personal.sort((a, b) => b.length - a.length);
  return (text) => personal.reduce((rest, one) => rest.split(one).join(REDACTED), text);
}

/** An address, a number as long as a telephone's, or a name that is not written in ASCII. */
const PERSONAL = /@|[0-9]{6}|[^\x20-\x7e]/;
/** Whatever people put between the digits of a number. */
const SEPARATORS = /[ ().+\/-]/g;

function* texts(value: unknown): Generator<string> {
  if ((typeof value === "string" && value.length > 1) || typeof value === "number") yield String(value);
  else if (typeof value === "object" && value !== null) for (const member of Object.values(value)) yield* texts(member);
}
