// What happened to a call, step by step, for logs, metrics and whoever watches. Holds no secret and no contact data; only
// `error` is as the application or the store threw it.

import type { Reason } from "../types.js";

/** Whose step it is; `null` as long as nobody knows. */
export interface About {
  product: string | null;
  dialect: string | null;
  order: string | null;
  instance: string | null;
}

/** Why something is no success: the reason's code, and what else the reason has. */
export type Why = { reason: string } & Omit<Reason, "code">;

/** It is one. */
export interface Success {
  reason: null;
}

/** A message to the application. */
export interface Sent {
  effect: string;
  /** The type of the event. */
  event: string;
  /** Which send of this effect it is, from 1; 0 for a question. */
  attempt: number;
}

/** A request that was refused before anything was read. */
export interface Refused {
  method: string;
  /** Without its query, which never reaches a log. */
  path: string;
  product: string | null;
  dialect: string | null;
  /** Where the connection came from, as far as the server says. */
  peer: string | null;
}

/** What the application threw. */
export interface Thrown {
  /** The thrown value itself. */
  error: unknown;
  /** What it says, without whatever in it may be the data of a person. */
  message: string;
  /** Where it was thrown, if it says so; made like `message`. */
  stack: string | null;
}

/** One step. */
export type Step =
  | (Refused & Why & { step: "refused" })
  | (About & { step: "admitted"; event: string; test: boolean })
  /** Another call is at work on it. */
  | (About & { step: "waited" })
  /** The rows changed meanwhile. */
  | (About & { step: "conflicted" })
  /** Nobody knows whether a commit was written: the rows are read again. */
  | (About & { step: "uncertain"; reason: string; message: string; error: unknown })
  /** From the ledger. */
  | (About & (Why | Success) & { step: "answered" })
  /** Reserved, and given to the application; `last` is why the send before did not end it, as far as this process knows. */
  | (About & Sent & { step: "performed"; last: string | null })
  | (About & Sent & { step: "asked" })
  /** The application threw, rejected, or gave what is no answer. The same effect comes again. */
  | (About & Sent & Thrown & { step: "threw" })
  /** The application did not end before its time was over. The same effect comes again. */
  | (About & Sent & { step: "gave-up" })
  /** The outcome is in the ledger. */
  | (About & (Why | Success) & { step: "settled"; effect: string; outcome: string })
  /** The answer left before the application's. */
  | (About & { step: "out-of-time" })
  /** The store or the core failed. */
  | (About & { step: "failed"; reason: string; message: string; error: unknown })
  /** An operator should look. */
  | (About & { step: "alarm"; code: string; instance: string; tenant?: string });

/** Is told of every step of the call with this request id (lower-case hex); `owed` for works that the gate took up. */
export type Observer = (request: string, step: Step) => void;

/** Before a call was admitted. */
export const NOBODY: About = { product: null, dialect: null, order: null, instance: null };

/** Why it is no success, if it is none. */
export function why(reason: Reason | null): Why | Success {
  if (reason === null) return { reason: null };
  const { code, ...more } = reason;
  return { reason: code, ...more };
}
