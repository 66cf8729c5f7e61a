// The calls of the harness, from standard input, as each side takes them.

import { readFileSync } from 'node:fs';

export function calls() {
  const lines = readFileSync(0, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const { call, measured, now, route, method, target, headers, body: text } = JSON.parse(line);
    const body = Buffer.from(text);
    return {
      call,
      measured,
      now,
      route,
      ours: { method, target, headers, body },
      theirs: { method, url: target, rawHeaders: headers.flat(), body },
    };
  });
}
