// One page of rows, filled as far as its limits go.

import type { Row } from "../types.js";

export class Page {
  readonly rows: Row[] = [];
  readonly #limit: number;
  #left: number;

  constructor(limit: number, bytes: number) {
    this.#limit = limit;
    this.#left = bytes;
  }

  /** Whether the row has a place; it then has taken it. The first one has, whatever its size. */
  takes(row: Row): boolean {
    // Keys are printable ASCII.
    const size = row.key.length + (row.value?.bytes.length ?? 0);
    if (this.rows.length >= this.#limit || (size > this.#left && this.rows.length > 0)) return false;
    this.#left -= size;
    this.rows.push(row);
    return true;
  }
}
