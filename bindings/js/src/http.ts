// Node's HTTP server, and whatever is built on it (Express, Connect, Koa's raw request), in front of a gate.

import type { IncomingMessage, ServerResponse } from "node:http";

import * as given from "./arguments.js";
import { CountersignError } from "./error.js";
import type { Gate } from "./gate.js";
import type { Answer } from "./types.js";

/** What Express and Connect add to a request. */
type Incoming = IncomingMessage & { originalUrl?: string; body?: unknown };

/**
 * A handler for `http.createServer` and for `app.use` of Express. It reads the body itself, since what was signed is its
 * exact bytes: mount it before any body parser (`express.raw()` is fine). Paths that the seller has no route for go to
 * `next` where there is one, and are answered 404 otherwise.
 */
export function nodeHandler(
  gate: Gate,
): (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void {
  given.able(gate, "gate", "handle");
  return (request: Incoming, response, next) => {
    const target = request.originalUrl ?? request.url ?? "/";
    if (next !== undefined && !gate.knows(target)) return next();
    if (!isSound(request)) return void response.writeHead(400, { Connection: "close" }).end();
    const failed = (error: unknown): void => {
      if (error instanceof CutShort) return void response.destroy(); // whoever called has gone
      if (next !== undefined) return next(error);
      gate.fail(error);
      response.writeHead(500).end();
    };
    answer(gate, request, target).then((said) => send(response, said), failed);
  };
}

/**
 * What HTTP asks of a head and Node's own parser lets pass: exactly one host, a version that there is, and no chunks before
 * HTTP/1.1 (RFC 9112 §2.3, §3.2, §6.1). The gateway says the same.
 */
function isSound({ httpVersion, rawHeaders, headers }: Incoming): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (httpVersion === "1.1") return hosts === 1;
  return httpVersion === "1.0" && hosts <= 1 && headers["transfer-encoding"] === undefined;
}

async function answer(gate: Gate, request: Incoming, target: string): Promise<Answer> {
  const { method = "", rawHeaders } = request;
  const peer = request.socket.remoteAddress; // a request that was read has no socket any more
  const body = await read(request, gate.bodyLimit(method, target));
  return gate.handle({ method, target, headers: pairs(rawHeaders), body }, peer === undefined ? {} : { peer });
}

/**
 * The exact bytes; `null` beyond the limit. What is announced as more is not read at all, and what nobody reads Node drops
 * once the answer is out.
 */
async function read(request: Incoming, limit: number): Promise<Uint8Array | null> {
  if (given.isBytes(request.body)) return request.body.length > limit ? null : request.body;
  if (request.readableDidRead) {
    const message = "the body was parsed already: mount the handler before any body parser";
    throw new CountersignError("malformed-frame", 602, message);
  }
  if (Number(request.headers["content-length"] ?? 0) > limit) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const body: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of body) {
      length += chunk.length;
      if (length > limit) return null;
      chunks.push(chunk);
    }
  } catch {
    throw new CutShort();
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/** The connection ended before the body did: nobody is left to be answered. */
class CutShort extends Error {}

function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? "", raw[index * 2 + 1] ?? ""]);
}

/** Header names in exactly the case that the core gave: the platform compares `Body-Sign` case-sensitively. */
function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers, ["Content-Length", String(body.length)]].flat());
  response.end(body);
}
