// A seller, and in which instance of the module it is open.

import * as given from "./arguments.js";
import { unknownSeller } from "./error.js";
import type { FrameReader, FrameWriter } from "./frame.js";
import { call, open, present } from "./module.js";
import { Operation, Operations } from "./operations.js";
import type { SellerConfig } from "./types.js";

/** A seller: a configuration, checked as a whole and compiled once. All calls are synchronous and do no I/O. */
export class Seller extends Operations {
  /** The configuration, to be opened again in another instance of the module; `undefined` after `close`. */
  #config: SellerConfig | undefined;
  #handle = 0;
  #epoch = 0;

  private constructor(config: SellerConfig) {
    super();
    this.#config = config;
  }

  /** Checks and compiles. Throws `invalid-configuration` with all `problems` at once. */
  static open(config: SellerConfig): Seller {
    const seller = new Seller(copy(config));
    seller.#current();
    return seller;
  }

  /** Forgets the configuration and wipes its keys. Later calls throw `unknown-seller`; closing twice is nothing. */
  close(): void {
    if (this.#config === undefined) return;
    this.#config = undefined;
    if (this.#epoch === present()) call(Operation.close, this.#handle, 0, () => {}, () => {});
  }

  /** @internal */
  override invoke<T>(
    operation: number,
    length: number,
    write: (frame: FrameWriter) => void,
    read: (answer: FrameReader) => T,
  ): T {
    return call(operation, this.#current(), length, write, read);
  }

  /** The handle in the present instance of the module, which may not know this seller yet. */
  #current(): number {
    const epoch = present();
    if (this.#config === undefined) throw unknownSeller();
    if (this.#epoch !== epoch) {
      this.#handle = open(this.#config);
      this.#epoch = epoch;
    }
    return this.#handle;
  }
}

/** Ours alone, so that nobody changes it later; members that are `undefined` are absent. */
function copy(config: SellerConfig): SellerConfig {
  return JSON.parse(config === undefined ? "null" : given.printed(config, "config")) as SellerConfig;
}
