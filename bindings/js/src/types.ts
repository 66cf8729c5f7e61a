// The shapes of the core: the same names as on the command line and in every other binding. Times are milliseconds since
// the epoch, UTC. Bytes are `Uint8Array`s and never shared with the module.

import type { Problem } from "./error.js";
import type { EventOf, EventType } from "./events.js";

/** What the clock and the generator say; both are asked where it is absent. */
export interface Moment {
  /** Milliseconds since the epoch, UTC. */
  now?: number;
  /** 32 fresh bytes that were never used before. */
  entropy?: Uint8Array;
}

/** What the clock and the generator say when a request arrives; both are asked where it is absent. */
export interface Arrival {
  /** Milliseconds since the epoch, UTC. */
  now?: number;
  /** 16 fresh bytes: they own what the call reserves. */
  requestId?: Uint8Array;
}

/** What a host reads of an opened configuration. */
export interface SellerDescription {
  /** Times in milliseconds and limits in bytes, defaults filled in. */
  settings: Record<string, number>;
  /** The products of the routes, each once, in the order of the configuration. */
  products: string[];
  routes: { path: string; method: string; dialect: string; product: string }[];
  /** What is allowed and may still be a mistake: a short key, one key for two products. */
  warnings: { path: string; code: string; message: string }[];
}

/** One HTTP request as it arrived. */
export interface Request {
  /** Exactly as it stood in the request line. */
  method: string;
  /** Exactly as it stood in the request line, in whatever form, still percent-encoded. */
  target: string | Uint8Array;
  /** In the order of arrival. Texts have one character for each byte, as Node and `fetch` give them. */
  headers?: Iterable<readonly [name: string, value: string | Uint8Array]>;
  /** The exact bytes, never parsed and printed again. `null`: larger than `max_body_bytes`, and not read. */
  body?: Uint8Array | string | null;
}

/** One HTTP answer. What was signed is these bytes: send them unchanged, header names in exactly this case. */
export interface Answer {
  status: number;
  headers: [name: string, value: string][];
  body: Uint8Array;
}

/** Why a call was refused or is no success. */
export interface Reason {
  /** Stable; scripts match on it. */
  code: string;
  /** Stable: hundreds are the stage at which the call ended. */
  number: number;
  /** A sentence for the operator, without secrets. */
  message: string;
  /** The field that it is about. */
  field: string | null;
  /** The signed time minus the time of arrival, milliseconds: below zero the call was signed in the past. */
  distance_ms?: number;
  /** How many keys of the ring were tried. */
  keys_tried?: number;
  /** The largest value that is taken: bytes, or a count. */
  limit?: number;
  /** Where reading stopped, bytes from the beginning of the body. */
  at?: number;
  /** The activity that the call names. */
  activity?: string;
  /** What stands there instead: a short value, or the name of another member. */
  found?: string;
  /** What kind of mistake it is, where a code has several. */
  cause?: string;
  /** The name that was probably meant. */
  did_you_mean?: string;
}

/**
 * What a callback means, free of the dialect that brought it, before the ledger has looked at it: what is added to it on its
 * way to the application may not be there yet, and a type may be one that never gets there.
 */
export type AdmittedEvent = { type: EventType | (string & {}); activity: string } & { [field: string]: unknown };

/** A row of the store. `value` is `null` where the store looked and found none. */
export interface Row {
  key: string;
  value: { bytes: Uint8Array; version: number } | null;
}

/** One entry of a commit; all of them hold or none does. */
export type Write = {
  key: string;
  /** The version that the row must have at the moment of the commit; `null`: it must be absent. */
  expect: number | null;
} & (
  | { change: "check" }
  | { change: "delete" }
  | {
      change: "put";
      bytes: Uint8Array;
      /** After this time the row means nothing; a store deletes it no sooner than ten minutes later. */
      expires_at: number | null;
    }
);

/** Something that an operator should see. */
export interface Alarm {
  code: string;
  /** The instance that it is about; empty where it is about none. */
  instance: string;
  /** The tenant that it is about; empty where it is about none. */
  tenant: string;
}

/** Where the rows of a tenant stand. */
export interface DirectoryKeys {
  /** The key of the tenant's own row. */
  tenant: string;
  /** The prefixes under which its applications, members and departments are found. */
  prefixes: string[];
}

/** A structured CloudEvent of one type. */
export interface CloudEventOf<T extends EventType> {
  specversion: "1.0";
  id: string;
  source: string;
  type: `countersign.${T}`;
  subject?: string;
  time: string;
  datacontenttype: string;
  /** Never goes down within an instance: a lower one comes from somebody who lost his turn. Questions have none. */
  fencingtoken?: number;
  data: EventOf<T>;
}

/** What the application is to do, or is asked: `switch (event.type)` tells one from another. */
export type CloudEvent = { [T in EventType]: CloudEventOf<T> }[EventType];

/** One message to the seller's application. */
export interface Effect {
  /** The same for every send of one effect: whoever has carried it out answers the second one as the first. */
  id: string;
  product: string;
  path: string;
  dialect: string;
  /** The CloudEvent as text, to be sent and signed as it is. */
  body: string;
}

/** An effect or a question, and what must be durable before it is sent. */
export interface Assignment {
  /** Opaque; goes to `settle`. */
  work: Uint8Array;
  effect: Effect;
  /** The instance that it is about; empty for a question about several. */
  instance: string;
  /** The order that the event names; empty where it names none. */
  order: string;
  /** Sends of this effect, this one included; 1 for a question. */
  attempt: number;
  commit: Write[];
  /** The answer to the platform leaves by then. */
  answer_by: number;
  /** The application's answer counts until then. */
  give_up_at: number;
  alarms: Alarm[];
}

/** What to do next with an admitted call. */
export type Decision =
  /** Load these rows and call again with all rows so far. */
  | { decision: "need"; keys: string[] }
  /** Another call is at work on it: call again when one of these rows changes, or at `until`. */
  | { decision: "wait"; keys: string[]; until: number }
  /** Commit, then answer. */
  | {
      decision: "answer";
      answer: Answer;
      /** The instance that the call or its answer names. */
      instance: string | null;
      commit: Write[];
      reason: Reason | null;
      alarms: Alarm[];
    }
  /** Commit, then ask the application; nothing is reserved. Then `settle`. */
  | ({ decision: "ask" } & Assignment)
  /** Commit, then have the application carry out the effect. Then `settle`. */
  | ({ decision: "perform" } & Assignment);

/** How an effect or a question ended. */
export type Outcome =
  /** Done, with what the event needs; for `subscribe` at least `front_end_url`. */
  | { kind: "done"; answer?: object }
  /** Taken in, not finished: the same effect is sent again until it is. */
  | { kind: "accepted" }
  /** For a reason of the seller's own: a result code of the platform, and a sentence for the buyer. */
  | { kind: "refused"; code: string; message?: string }
  /** Anything else, or nothing in time. */
  | { kind: "failed" }
  /** The time for the answer is over, the send goes on. */
  | { kind: "running" };

/** What an outcome did to the ledger. */
export type Settling = "ended" | "owed" | "asked" | "repeated" | "superseded" | "unknown";

/** What came of an outcome. */
export type Settlement =
  /** Load these rows and call again with all rows so far. */
  | { settlement: "need"; keys: string[] }
  /** Commit, then answer; on a conflict load and settle again. */
  | {
      settlement: "settled";
      /** `null` without an admission. */
      answer: Answer | null;
      /** The instance of the work, or the one that the call or its answer names. */
      instance: string | null;
      commit: Write[];
      settling: Settling;
      /** Another work of the instance has come to the front: `due` finds it. */
      promoted: boolean;
      reason: Reason | null;
      alarms: Alarm[];
    };

/** The owed works among some rows: those at the front of their queues, with the time of each. */
export interface Due {
  /** In the order of the rows. Nothing is claimed: `claim` does that, one at a time, when the turn of a work has come. */
  works: DueWork[];
  /** Rows of works that cannot be read: they stay as they are and stop nobody else. */
  unreadable: Unreadable[];
  /** When the next work that is not due yet will be. */
  next_at: number | null;
}

/** A row that this version cannot read. */
export interface Unreadable {
  key: string;
  reason: Reason;
}

/** One owed work that may be sent when its time has come. */
export interface DueWork {
  /** Its row. */
  key: string;
  product: string;
  path: string;
  dialect: string;
  instance: string;
  /** The order that the event names; empty where it names none. */
  order: string;
  /** Due from then on. */
  at: number;
  /** Sends so far. */
  sends: number;
  /** How the last send ended that somebody settled: the application took it in, or it failed. */
  accepted: boolean | null;
}

/** What a change of access data comes to. */
export type AccessUpdate =
  | { update: "need"; keys: string[] }
  | { update: "commit"; commit: Write[] }
  /** The product has no such open instance. */
  | { update: "unknown" };

/** What one instance from before comes to. */
export type Import =
  | { import: "need"; keys: string[] }
  | { import: "commit"; commit: Write[] }
  /** The ledger has it already, just so. */
  | { import: "unchanged" }
  /** It contradicts itself, the platform's limits or the ledger; every mistake with its path. */
  | { import: "refused"; problems: Problem[] };

/** A flow between two steps, and what it asks for next. */
export interface Advance {
  /**
   * Opaque, bound to this configuration; goes to `advance` with what became of the step. Empty when the flow is over. Holds
   * contact data in plain text.
   */
  flow: Uint8Array;
  step: FlowStep;
  /** What happened, in order. Holds no secret and no data of a person. */
  notes: FlowNote[];
  /** A work has come to the front of its queue: `due` finds it. */
  promoted: boolean;
  /**
   * After `late`: a flow of its own, which nobody waits for, of the step that is still under way. Its first input is what
   * becomes of that step.
   */
  detached: Uint8Array | null;
}

/** What a flow asks for. `until` is when the answer to the step is `late`; `Infinity`: never. */
export type FlowStep =
  /** Load these rows: `loaded`, `failed` or `late`. If `watch` names keys, begin to watch them before. */
  | { step: "load"; keys: string[]; watch: string[]; until: number }
  /** Commit all or none: `committed`, `conflicted`, `uncertain`, `failed` or `late`. One that is late goes on. */
  | { step: "commit"; writes: Write[]; until: number }
  /** Have the application carry it out: `sent`, or `late`; it goes on then. After `give_up_at` the outcome is a failure. */
  | { step: "send"; effect: Effect; until: number; give_up_at: number }
  /** Wait for a change of a watched row, at most until then: `woken`. */
  | { step: "wait"; until: number }
  /** Answer; the flow is over. */
  | { step: "answer"; answer: Answer }
  /** The flow is over, and nobody waits. Only a change says what it did. */
  | { step: "done"; changed: Changed | null };

/** What became of a step. Codes are those of the host's errors; they come back in notes, and never in an answer. */
export type FlowInput =
  /** One row for each key. */
  | { input: "loaded"; rows: readonly Row[] }
  | { input: "committed" }
  | { input: "conflicted" }
  /** Nobody knows whether it was written. */
  | { input: "uncertain"; code: string }
  /** The store did nothing, or the host cannot go on. Any step may end so. */
  | { input: "failed"; code: string }
  | { input: "late" }
  | { input: "sent"; outcome: Outcome }
  | { input: "woken" };

/** What happens in a flow, for logs and metrics. An empty text: there is none. */
export type FlowNote =
  | { note: "refused"; reason: Reason; dialect: string | null; product: string | null }
  /** `instance` of a query is all of them, joined by commas. */
  | {
      note: "admitted";
      dialect: string;
      product: string;
      event: string;
      test: boolean;
      order: string;
      instance: string;
    }
  | { note: "waited" }
  | { note: "conflicted" }
  | { note: "uncertain"; code: string }
  | { note: "answered"; instance: string | null; reason: Reason | null }
  | { note: "performed"; effect: string; instance: string; order: string; attempt: number }
  | { note: "asked"; effect: string }
  | { note: "out-of-time" }
  | {
      note: "settled";
      effect: string;
      instance: string | null;
      settling: Settling;
      outcome: Outcome["kind"];
      reason: Reason | null;
    }
  | { note: "failed"; code: string }
  | { note: "alarm"; code: string; instance: string; tenant: string };

/** A change of the ledger that no call of the platform brings. */
export type ChangeRequest =
  /** The application says by itself how an effect ended. */
  | { change: "report"; effect: string; outcome: Outcome }
  /** Replaces the access data of an open instance. */
  | { change: "access"; product: string; instance: string; access: object }
  /** Brings an instance from before, as for `importInstance`; without a product the line names its own. */
  | { change: "import"; product?: string; line: object | string };

/** What became of a change. */
export type Changed =
  | { changed: "reported"; settling: Settling }
  | { changed: "committed" }
  /** The ledger has it already, just so. */
  | { changed: "unchanged" }
  /** There is nothing to change. */
  | { changed: "unknown" }
  /** It contradicts itself, the platform's limits or the ledger; every mistake with its path. */
  | { changed: "refused"; problems: Problem[] }
  /** It cannot be taken as it is. */
  | { changed: "invalid"; reason: Reason }
  /** The code of the host's error, or `too-many-conflicts`. */
  | { changed: "failed"; code: string };

/** One production address under one dialect. Everything that is not here is in the README's table of settings. */
export interface RouteConfig {
  path: string;
  dialect:
    | "saas-v1"
    | "saas-v2"
    | "license-v1"
    | "license-online"
    | "license-code"
    | "order-notify"
    | "kit-v1"
    | "kit-v2"
    | "orgid-sync"
    | "account-events"
    | (string & {});
  /**
   * Each authenticates; the first signs refusals, the one that authenticated signs the answer. Account events have none: they have
   * `token`, `signature_keys` and `encryption_keys`. `undefined`, which a variable
   * of the environment may be, is a mistake that `Seller.open` names.
   */
  keys?: readonly (string | undefined)[];
  cipher?: "aes-256" | "aes-128";
  product?: string;
  /** The price levels of the product: a production call that names another is `000003`. */
  product_ids?: readonly string[];
  [setting: string]: unknown;
}

/** What a seller sets. Unknown fields are mistakes. */
export interface SellerConfig {
  routes: readonly RouteConfig[];
  settings?: Readonly<Record<string, number>>;
}
