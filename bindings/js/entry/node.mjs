// Node, ECMAScript modules: the same modules as for `require`, so that a class is one class however it was imported. A static
// import of anything modern would be parsed before a line of this file ran.
import entry from "./node.cjs";

export const {
  CountersignError,
  Gate,
  MemoryStore,
  Refusal,
  Seller,
  StoreError,
  accepted,
  compute,
  handlers,
  wipe,
} = entry;
