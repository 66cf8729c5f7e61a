import entry from "./http.cjs";

export const { nodeHandler } = entry;
