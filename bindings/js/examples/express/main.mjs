// A seller's backend with Express, SQLite and Countersign:
//
//   npm install countersign express better-sqlite3
//   KOOGALLERY_KEY=… node main.mjs
//
// Register http://…/koogallery as the production address of the product.

import { backend } from "./backend.mjs";

const port = Number(process.env.PORT ?? 8080);
const key = process.env.KOOGALLERY_KEY;
if (key === undefined) {
  console.error("KOOGALLERY_KEY is the access key of the seller console");
  process.exit(2);
}

const { app, close } = backend({
  config: { routes: [{ path: "/koogallery", dialect: "saas-v2", keys: [key], product: "crm", usage: true }] },
  file: "seller.db",
  origin: process.env.ORIGIN ?? `http://127.0.0.1:${port}`,
  observe: (request, step) => console.log(JSON.stringify({ request, ...step })),
});

const server = app.listen(port, () => console.log(`listening on ${port}`));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.close(() => close().then(() => process.exit(0))));
}
