// Whether the file is still where it was opened. One that was removed, or another one in its place, goes on existing for
// whoever has it open: commits would succeed, be answered, and be gone with the process.

import { statSync } from "node:fs";
import { resolve } from "node:path";

import { StoreError } from "./contract.js";

/** The files of a store, as they were when it was opened. */
export class Place {
  readonly #files: ReadonlyMap<string, string>;

  /** To be called when the file has been written to: by then its companions exist. */
  constructor(file: string) {
    const files = ["", "-wal", "-shm"].map((ending) => resolve(file + ending));
    this.#files = new Map(files.map((name) => [name, identity(name)]));
  }

  /** Before anything is read or written. */
  check(): void {
    for (const [name, then] of this.#files) {
      const now = identity(name);
      if (now === then) continue;
      const what = now === "" ? "there is no longer" : "another file stands in the place of";
      throw new StoreError("store-unavailable", `${what} ${name}`);
    }
  }
}

/** Which file it is, whatever its name; empty: none. */
function identity(name: string): string {
  const found = statSync(name, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev}:${found.ino}`;
}
