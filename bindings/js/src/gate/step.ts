// What happened to a call, step by step, for logs, metrics and whoever watches. Holds no secret.

/** One step. */
export type Step =
  /** Before anything was read; `reason` is the reason's code. */
  | { step: "refused"; reason: string }
  | { step: "admitted"; dialect: string; product: string; event: string; test: boolean }
  /** Another call is at work on it. */
  | { step: "waited" }
  /** The rows changed meanwhile. */
  | { step: "conflicted" }
  /** From the ledger; `reason` where it is no success. */
  | { step: "answered"; reason: string | null }
  /** Reserved, and given to the application. */
  | { step: "performed"; effect: string }
  | { step: "asked"; effect: string }
  /** The outcome is in the ledger. */
  | { step: "settled"; outcome: string; reason: string | null }
  /** The answer left before the application's. */
  | { step: "out-of-time" }
  /** The store or the core failed. */
  | { step: "failed"; reason: string }
  /** An operator should look. */
  | { step: "alarm"; code: string; instance: string };

/** Is told of every step of the call with this request id (lower-case hex); `owed` for works that the gate took up. */
export type Observer = (request: string, step: Step) => void;

/** The stable code of whatever was thrown. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "internal";
}
