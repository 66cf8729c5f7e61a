// A seller's backend with Express, SQLite and Countersign:
//
//   npm install countersign express better-sqlite3
//   KOOGALLERY_KEY=… KOOGALLERY_KIT_KEY=… node main.mjs
//
// Register http://…/koogallery as the production address of the product, and of its kit as well: the platform appends
// /produceAPI/v2/… to it.

import { backend } from "./backend.mjs";

const port = Number(process.env.PORT ?? 8080);
const key = process.env.KOOGALLERY_KEY;
if (key === undefined) {
  console.error("KOOGALLERY_KEY is the access key of the seller console");
  process.exit(2);
}

// The kit has a key of its own; without it nobody tells of tenants and users.
const kitKey = process.env.KOOGALLERY_KIT_KEY;
const kit = { path: "/koogallery", dialect: "kit-v2", keys: [kitKey], product: "crm" };

const { app, close } = backend({
  config: {
    routes: [
      { path: "/koogallery", dialect: "saas-v2", keys: [key], product: "crm", usage: true },
      ...(kitKey === undefined ? [] : [kit]),
    ],
  },
  file: "seller.db",
  origin: process.env.ORIGIN ?? `http://127.0.0.1:${port}`,
  observe: (request, step) => console.log(JSON.stringify({ request, ...step })),
});

const server = app.listen(port, () => console.log(`listening on ${port}`));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.close(() => close().then(() => process.exit(0))));
}
