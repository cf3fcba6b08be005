// Requests for fuzzing, drawn by chance that can be repeated: made of parts that are valid for the most
// part, then damaged in a place or two. What others were attacked with is among the parts.
import { lines, requestSamples } from "./message-samples.ts";

export type Chance = () => number;

export function pick<T>(chance: Chance, from: readonly T[]): T {
  return from[Math.floor(chance() * from.length)] as T;
}

const lineStarts = [
  "GET /",
  "GET /a?b",
  "GET /a/../b;c",
  "GET http://x/p",
  "POST /",
  "POST http://x?q",
  "PUT /a?",
  "HEAD /",
  'DELETE /%00"<>',
  "PATCH //y/z",
  "OPTIONS *",
  "OPTIONS http://x",
  "CONNECT x:443",
  "BREW /",
  "GET *",
];
const versions = [
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.1",
  "1.0",
  "1.2",
  "2.0",
];
const fields = [
  "Accept: */*",
  "Cookie: a=b; c=d",
  "X-Obs: \x80\xfe",
  "X-Tab:\t a\tb \t",
  "X-Empty:",
  "Connection: keep-alive",
  "Connection: close",
  "Connection: x-empty, keep-alive",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "TE: trailers",
  "Keep-Alive: timeout=5",
];
export const framingFields: readonly string[] = [
  "Content-Length: 3",
  "Content-Length: 0",
  "Content-Length: +3",
  "Content-Length: 3, 3",
  "Content-Length : 3",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding:\x0bchunked",
  "transfer-encoding: \tChunked ",
  " folded: chunked",
];
export const bodies: readonly string[] = [
  "",
  "abc",
  lines("3", "abc", "0", ""),
  lines('003;a="b;\\""', "abc", "A", "0123456789", "0", "T: v", ""),
  lines("0", "X-T:  a ", "Empty:", ""),
  lines("-1", "abc", "0", ""),
  lines("0x3", "abc", "0", ""),
  lines("3 ", "abc", "0", ""),
  "3\nabc\n0\n\n",
  lines("fffffffffffffffff", "abc"),
];
const bytes = [
  "\r",
  "\n",
  "\r\n",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "0",
  "\x0b",
  "\x7f",
  "\xff",
  "a",
  "#",
];
/** Half of them without a body. */
const framings = [
  "",
  "",
  "",
  "",
  "",
  "",
  "Content-Length: 3",
  "Content-Length: 3",
  "Transfer-Encoding: chunked",
  "transfer-encoding:CHUNKED  ",
  "Transfer-Encoding: chunked\t",
];

function request(chance: Chance): string {
  const line = `${pick(chance, lineStarts)} HTTP/${pick(chance, versions)}`;
  const all = ["Host: x"];
  while (chance() < 0.5) all.push(pick(chance, fields));
  if (chance() < 0.2) all.push(pick(chance, framingFields));
  const framing = pick(chance, framings);
  if (framing === "") return lines(line, ...all, "") + (chance() < 0.1 ? pick(chance, bodies) : "");
  all.push(framing);
  const fitting = framing.startsWith("C") ? "abc" : pick(chance, bodies.slice(2, 5));
  return lines(line, ...all, "") + (chance() < 0.9 ? fitting : pick(chance, bodies));
}

/** One byte, a few, or a line added, taken away or changed; or the end cut off. */
export function damage(whole: string, chance: Chance): string {
  const at = Math.floor(chance() * whole.length);
  const rest = whole.slice(at);
  switch (Math.floor(chance() * 5)) {
    case 0:
      return whole.slice(0, at) + pick(chance, bytes) + rest;
    case 1:
      return whole.slice(0, at) + pick(chance, bytes) + rest.slice(1);
    case 2:
      return whole.slice(0, at) + rest.slice(1 + Math.floor(chance() * 3));
    case 3: {
      const all = whole.split("\r\n");
      const line = Math.floor(chance() * all.length);
      all.splice(line, 0, chance() < 0.5 ? pick(chance, framingFields) : (all[line] as string));
      return all.join("\r\n");
    }
    default:
      return whole.slice(0, at);
  }
}

/** All that a connection brings: one to three messages, most of the time damaged. */
export function connectionBytes(chance: Chance): string {
  let whole = "";
  do whole += chance() < 0.2 ? pick(chance, requestSamples) : request(chance);
  while (chance() < 0.4);
  for (let damages = Math.floor(chance() * 2.5); damages > 0; damages--)
    whole = damage(whole, chance);
  return whole;
}
