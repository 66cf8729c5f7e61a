// What happened to a call, step by step, for logs, metrics and whoever watches. Holds no secret and no contact data; only
// `error` is as the application or the store threw it.

import type { CloudEvent, Effect } from "../types.js";

/** Whose step it is; `null` as long as nobody knows. */
export interface About {
  product: string | null;
  dialect: string | null;
  order: string | null;
  instance: string | null;
}

/** Why something is no success. */
export interface Why {
  /** The reason's code. */
  reason: string;
  /** A sentence for the operator. */
  message: string;
}

/** A request that was refused before anything was read. */
export interface Refused extends Why {
  number: number;
  /** The field that it is about. */
  field: string | null;
  method: string;
  /** Without its query, which never reaches a log. */
  path: string;
  product: string | null;
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
  | (Refused & { step: "refused" })
  | (About & { step: "admitted"; event: string; test: boolean })
  /** Another call is at work on it. */
  | (About & { step: "waited" })
  /** The rows changed meanwhile. */
  | (About & { step: "conflicted" })
  /** From the ledger; `reason` and `message` where it is no success. */
  | (About & { step: "answered"; reason: string | null; message: string | null })
  /** Reserved, and given to the application. */
  | (About & { step: "performed"; effect: string })
  | (About & { step: "asked"; effect: string })
  /** The application threw, rejected, or gave what is no answer. The same effect comes again. */
  | (About & Thrown & { step: "threw"; effect: string; event: string })
  /** The application did not end before its time was over. The same effect comes again. */
  | (About & { step: "gave-up"; effect: string; event: string })
  /** The outcome is in the ledger; `reason` and `message` where it is no success. */
  | (About & { step: "settled"; outcome: string; reason: string | null; message: string | null })
  /** The answer left before the application's. */
  | (About & { step: "out-of-time" })
  /** The store or the core failed. */
  | (About & Why & { step: "failed"; error: unknown })
  /** An operator should look. */
  | (About & { step: "alarm"; code: string; instance: string });

/** Is told of every step of the call with this request id (lower-case hex); `owed` for works that the gate took up. */
export type Observer = (request: string, step: Step) => void;

/** Before a call was admitted. */
export const NOBODY: About = { product: null, dialect: null, order: null, instance: null };

/** Whose effect it is. */
export function aboutEffect({ product, dialect, body }: Effect): About {
  const { order_id = null, instance_id = null } = (JSON.parse(body) as CloudEvent).data;
  return { product, dialect, order: order_id, instance: instance_id };
}
