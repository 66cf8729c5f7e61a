// The whole backend of a seller who runs Express: the marketplace calls it on the production addresses, users on the rest.

import Database from "better-sqlite3";
import express from "express";

import { Gate, Seller } from "countersign";
import { nodeHandler } from "countersign/http";
import { SqliteStore } from "countersign/sqlite";

import { Workspaces } from "./workspaces.mjs";

/**
 * `config` is what the seller sets, routes and settings; `file` holds the ledger and the workspaces; `wrap` may stand
 * between the gate and the application.
 */
export function backend({ config, file, origin, observe, wrap = (perform) => perform }) {
  const store = new SqliteStore(file);
  const database = new Database(file);
  const workspaces = new Workspaces(database, origin);
  const gate = new Gate({ seller: Seller.open(config), store, perform: wrap(workspaces.perform), observe }).start();

  const app = express();
  app.disable("x-powered-by");
  app.use(nodeHandler(gate)); // before every body parser: what was signed is the exact bytes
  app.get("/w/:name", (request, response) => {
    const workspace = workspaces.find(request.params.name);
    if (workspace === undefined) return void response.status(404).send("there is no such workspace\n");
    if (workspace.phase === "frozen") return void response.status(403).send("this workspace is frozen\n");
    response.type("text").send(`welcome to ${workspace.product}\n`);
  });

  const close = async () => {
    await gate.close();
    store.close();
    database.close();
  };
  return { app, gate, workspaces, close };
}
