// The seller's own application: one workspace per instance, in the same database file as the ledger. It carries out each
// effect once, however often it arrives.

import { randomBytes, randomInt } from "node:crypto";

import { Refusal } from "countersign";

import { Tenants } from "./tenants.mjs";

const TABLES = `
  CREATE TABLE IF NOT EXISTS workspaces (
    product   TEXT NOT NULL,
    instance  TEXT NOT NULL,
    name      TEXT NOT NULL UNIQUE,
    phase     TEXT NOT NULL,
    plan      TEXT,
    expires   INTEGER,           -- milliseconds, UTC
    token     INTEGER NOT NULL,  -- the highest fencing token that was seen
    PRIMARY KEY (product, instance)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS effects (id TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT;
`;

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
const password = () => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");

export class Workspaces {
  #database;
  #origin;
  #once;

  /** Who may work. */
  tenants;

  /** `origin` is where users reach the application: `https://crm.example.com`. */
  constructor(database, origin) {
    database.exec(TABLES);
    this.#database = database;
    this.tenants = new Tenants(database);
    this.#origin = origin;
    this.#once = database.transaction((event, sending) => this.#carryOut(event, sending)).immediate;
  }

  /** What the gate calls: questions are answered, effects are carried out. */
  perform = (event, sending) => {
    switch (event.type) {
      case "countersign.query_instances":
        return { usage: event.data.instance_ids.map((id) => this.#usage(id)) };
      case "countersign.check_change":
        return {};
      default:
        return this.#once(event, sending);
    }
  };

  /** One workspace by its name; `undefined` when there is none, or none any more. */
  find(name) {
    return this.#database.prepare("SELECT * FROM workspaces WHERE name = ? AND phase <> 'released'").get(name);
  }

  /** Every workspace that was ever opened. */
  all() {
    return this.#database.prepare("SELECT product, instance, phase FROM workspaces ORDER BY product, instance").all();
  }

  /** The effect and the memory of it are one transaction: a crash leaves both or neither. */
  #carryOut(event, { effectId, fencingToken }) {
    const known = this.#database.prepare("SELECT answer FROM effects WHERE id = ?").pluck().get(effectId);
    if (known !== undefined) return JSON.parse(known);
    const { source: product, data } = event;
    if (data.tenant_id !== undefined) {
      this.tenants.take(product, data, fencingToken);
      return this.#remember(effectId, {});
    }
    const workspace = this.#database
      .prepare("SELECT * FROM workspaces WHERE product = ? AND instance = ?")
      .get(product, data.instance_id);
    if (workspace !== undefined && fencingToken < workspace.token) {
      throw new Error("somebody else has taken over this instance");
    }
    const answer = event.type === "countersign.subscribe" ? this.#open(product, data, fencingToken) : {};
    if (event.type !== "countersign.subscribe") {
      if (workspace === undefined) throw new Refusal("000003", "no such workspace");
      this.#change(workspace, data, fencingToken);
    }
    return this.#remember(effectId, answer);
  }

  #remember(effectId, answer) {
    this.#database.prepare("INSERT INTO effects (id, answer) VALUES (?, ?)").run(effectId, JSON.stringify(answer));
    return answer;
  }

  #open(product, data, token) {
    const name = `w${randomBytes(6).toString("hex")}`;
    this.#database
      .prepare("INSERT INTO workspaces (product, instance, name, phase, plan, expires, token) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(product, data.instance_id, name, data.phase, data.sku_code ?? null, data.expire_time ?? null, token);
    return {
      front_end_url: `${this.#origin}/w/${name}`,
      admin_url: `${this.#origin}/w/${name}/admin`,
      user_name: "admin",
      password: password(),
      memo: "首次登录请修改密码",
    };
  }

  /** `phase` is where the instance stands once the effect is carried out. */
  #change({ product, instance }, { phase, sku_code, expire_time }, token) {
    this.#database
      .prepare(
        `UPDATE workspaces SET phase = ?, plan = coalesce(?, plan), expires = coalesce(?, expires), token = ?
         WHERE product = ? AND instance = ?`,
      )
      .run(phase, sku_code ?? null, expire_time ?? null, token, product, instance);
  }

  #usage(instance) {
    return { instance_id: instance, usage_value: "1", statistical_time: "20260101000000000" };
  }
}
