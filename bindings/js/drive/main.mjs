// `npm run -s drive`: the driver over standard input and output. Every answer is flushed; blank lines are passed over.

import { Driver } from "./driver.mjs";
import { print } from "./json.mjs";

process.stdout.on("error", () => process.exit(0)); // whoever read the answers has gone

/** Lines end with a line feed and nothing else: a text may hold every other separator. */
async function* lines(input) {
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
  yield rest;
}

const driver = new Driver({ revealSecrets: process.argv.includes("--reveal-secrets") });
for await (const line of lines(process.stdin)) {
  if (/^[ \t\r\f]*$/.test(line.toString("latin1"))) continue;
  process.stdout.write(`${print(await driver.answer(line))}\n`);
}
