// Who may work with the application: tenants, their applications and users, as the kit tells of them. Every event is state, and
// the events of a tenant come in order, so each is written down as it comes.

const TABLES = `
  CREATE TABLE IF NOT EXISTS tenants (
    product  TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    instance TEXT NOT NULL,
    domain   TEXT,
    token    INTEGER NOT NULL,  -- the highest fencing token that was seen
    PRIMARY KEY (product, tenant, instance)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS members (
    product  TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    instance TEXT NOT NULL,
    app      TEXT NOT NULL,
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    PRIMARY KEY (product, tenant, instance, app, name)
  ) STRICT;
`;

export class Tenants {
  #database;

  constructor(database) {
    database.exec(TABLES);
    this.#database = database;
  }

  /** Takes in what an event says; runs in the transaction of its caller. */
  take(product, data, token) {
    const binding = [product, data.tenant_id, data.instance_id ?? ""];
    const known = this.#get("SELECT token FROM tenants WHERE product = ? AND tenant = ? AND instance = ?", binding);
    if (known !== undefined && token < known.token) throw new Error("somebody else has taken over this tenant");
    this.#run(
      `INSERT INTO tenants (product, tenant, instance, token) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET token = excluded.token`,
      [...binding, token],
    );
    switch (data.type) {
      case "tenant_add":
      case "tenant_update":
        if (data.domain_name !== undefined) {
          this.#run("UPDATE tenants SET domain = ? WHERE product = ? AND tenant = ? AND instance = ?", [data.domain_name, ...binding]);
        }
        break;
      case "tenant_remove": // whatever belonged to the binding has ended with it
        this.#run("DELETE FROM members WHERE product = ? AND tenant = ? AND instance = ?", binding);
        this.#run("UPDATE tenants SET domain = NULL WHERE product = ? AND tenant = ? AND instance = ?", binding);
        break;
      case "application_remove":
        this.#run("DELETE FROM members WHERE product = ? AND tenant = ? AND instance = ? AND app = ?", [...binding, data.app_id]);
        break;
      case "members_add":
      case "members_update":
        for (const user of data.users) this.#member(binding, data.app_id, user);
        break;
      case "members_revoke":
      case "members_remove":
        for (const { user_name } of data.users) this.#gone(binding, data.app_id, user_name);
        break;
      default: // applications bring credentials for single sign-on, and departments are drawn nowhere here
    }
    // Here an application with sessions ends those that `data.end_sessions` names.
  }

  /** Who may work: product, tenant and user. */
  active() {
    return this.#database.prepare("SELECT product, tenant, name, role FROM members ORDER BY product, tenant, name").all();
  }

  /** An entry is the whole record of a user: one that is not enabled may not work. */
  #member(binding, app, { user_name, role = "user", enabled = "true" }) {
    if (enabled !== "true") return this.#gone(binding, app, user_name);
    this.#run(
      `INSERT INTO members (product, tenant, instance, app, name, role) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET role = excluded.role`,
      [...binding, app, user_name, role],
    );
  }

  #gone(binding, app, name) {
    this.#run("DELETE FROM members WHERE product = ? AND tenant = ? AND instance = ? AND app = ? AND name = ?", [...binding, app, name]);
  }

  #run(sql, values) {
    this.#database.prepare(sql).run(...values);
  }

  #get(sql, values) {
    return this.#database.prepare(sql).get(...values);
  }
}
