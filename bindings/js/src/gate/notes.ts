// The notes of a flow, as the steps that an observer hears: what the flow is about, and what the host knows beside the core.

import { CountersignError, coded } from "../error.js";
import type { CloudEvent, FlowNote, FlowStep, Request } from "../types.js";
import { pathOf } from "./path.js";
import { type About, NOBODY, type Observer, type Sent, type Step, type Thrown, why } from "./step.js";

/** A request, and where its connection came from: what a refusal is told with. */
export interface Arrived {
  readonly request: Request;
  readonly peer: string | null;
}

/** Why the last send of an effect that is owed did not end it; by effect id, as far as this process knows. */
export type Causes = Map<string, string>;

/** What went wrong, with the code under which the core hears of it. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly error: unknown;
}

/** The code and the sentence of whatever was thrown. */
export function failure(error: unknown): Failure {
  if (error instanceof CountersignError) return { reason: error.code, message: error.message, error };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { reason: "internal", message, error };
}

/** Tells the steps of one flow. */
export class Notes {
  readonly #observe: Observer;
  readonly #name: string;
  readonly #causes: Causes;
  readonly #arrived: Arrived | undefined;
  #about: About = NOBODY;
  #sent: Sent = { effect: "", event: "", attempt: 0 };
  #failure: Failure | undefined;

  /** `name` is the request id (lower-case hex), or whatever else began the flow. */
  constructor(observe: Observer, name: string, causes: Causes, arrived?: Arrived) {
    this.#observe = observe;
    this.#name = name;
    this.#causes = causes;
    this.#arrived = arrived;
  }

  /** For a flow that goes on by itself: about the same. */
  fork(): Notes {
    const fork = new Notes(this.#observe, this.#name, this.#causes, this.#arrived);
    fork.#about = this.#about;
    fork.#sent = this.#sent;
    return fork;
  }

  /** What went wrong last. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Remembers what went wrong, until a note says what came of it. */
  keep(failed: Failure): void {
    this.#failure = failed;
  }

  /** What went wrong under this code: the error itself where the host had one. */
  error(code: string): unknown {
    return this.#failed(code).error;
  }

  #failed(code: string): Failure {
    return this.#failure?.reason === code ? this.#failure : failure(coded(code));
  }

  /** Tells of an end that no note tells. */
  tellFailure(error: unknown): void {
    this.tell({ step: "failed", ...this.#about, ...failure(error) });
  }

  /** Tells what the application did with the effect that was sent. */
  teller(): (what: Told) => void {
    const sent = { ...this.#about, ...this.#sent };
    return (what) => this.tell({ ...sent, ...what });
  }

  tell(step: Step): void {
    this.#observe(this.#name, step);
  }

  /** Tells a note; `next` is the step that it came with. */
  note(note: FlowNote, next: FlowStep): void {
    switch (note.note) {
      case "refused": {
        const { dialect, product, reason } = note;
        const { code, ...more } = reason;
        const { request: { method, target } = NOTHING, peer = null } = this.#arrived ?? {};
        const refused = { method, path: pathOf(target), product, dialect, peer };
        return this.tell({ step: "refused", reason: code, ...more, ...refused });
      }
      case "admitted": {
        const { dialect, product, event, test } = note;
        this.#about = { product, dialect, order: known(note.order), instance: known(note.instance) };
        return this.tell({ step: "admitted", ...this.#about, event, test });
      }
      case "waited":
      case "conflicted":
      case "out-of-time":
        return this.tell({ step: note.note, ...this.#about });
      case "uncertain":
        return this.tell({ step: "uncertain", ...this.#about, ...this.#failed(note.code) });
      case "answered":
        this.#about = { ...this.#about, instance: note.instance ?? this.#about.instance };
        return this.tell({ step: "answered", ...this.#about, ...why(note.reason) });
      case "performed": {
        this.#about = { ...this.#about, order: known(note.order), instance: known(note.instance) };
        this.#send(next, note.attempt);
        const last = this.#causes.get(note.effect) ?? null;
        return this.tell({ step: "performed", ...this.#about, ...this.#sent, last });
      }
      case "asked":
        this.#send(next, 0);
        return this.tell({ step: "asked", ...this.#about, ...this.#sent });
      case "settled": {
        const { effect, outcome, reason, settling } = note;
        if (settling !== "owed") this.#causes.delete(effect);
        else if (outcome !== "running") this.#causes.set(effect, reason?.code ?? outcome);
        const about = { ...this.#about, instance: note.instance ?? this.#about.instance };
        return this.tell({ step: "settled", ...about, effect, outcome, ...why(reason) });
      }
      case "failed":
        return this.tell({ step: "failed", ...this.#about, ...this.#failed(note.code) });
      case "alarm": {
        const { code, instance, tenant } = note;
        return this.tell({ step: "alarm", ...this.#about, code, instance, ...(tenant === "" ? {} : { tenant }) });
      }
    }
  }

  /** Learns what is sent. A work that was owed brings its product and its dialect along. */
  #send(next: FlowStep, attempt: number): void {
    if (next.step !== "send") return;
    const { id: effect, product, dialect, body } = next.effect;
    this.#about = { ...this.#about, product, dialect };
    this.#sent = { effect, event: (JSON.parse(body) as CloudEvent).type, attempt };
  }
}

/** What the host itself knows of a send. */
export type Told = { step: "gave-up" } | ({ step: "threw" } & Thrown);

const NOTHING: Request = { method: "", target: "" };

const known = (text: string): string | null => (text === "" ? null : text);

/** The name of a call in its steps. */
export const hex = (requestId: Uint8Array): string =>
  Array.from(requestId, (byte) => byte.toString(16).padStart(2, "0")).join("");
