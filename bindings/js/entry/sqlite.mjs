import entry from "./sqlite.cjs";

export const { SqliteStore } = entry;
