// Responses for fuzzing, as mutated.ts makes requests: valid for the most part, then damaged.
import { lines, responseSamples } from "./message-samples.ts";
import { bodies, type Chance, damage, framingFields, pick } from "./mutated.ts";

const statusLines = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 ",
  "HTTP/1.1 200",
  "HTTP/1.1 404 Very \xe9 \t odd",
  "HTTP/1.0 200 OK",
  "HTTP/1.0 500 no",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 599 x",
  "HTTP/1.1 099 x",
  "HTTP/1.1 600 x",
  "HTTP/1.3 200 OK",
  "HTTP/2.0 200 OK",
  "ICY 200 OK",
];
const fields = [
  "Server: x",
  "Set-Cookie: a=b; Path=/",
  "Set-Cookie: c=d",
  "X-Obs: \x80\xfe",
  "X-Tab:\t a\tb \t",
  "X-Empty:",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: x-empty, close",
  "Keep-Alive: timeout=5",
  "Trailer: Digest",
];
/** Half of them with a length that fits the body. */
const framings = [
  "Content-Length: 3",
  "Content-Length: 3",
  "Content-Length: 3",
  "Transfer-Encoding: chunked",
  "transfer-encoding:CHUNKED  ",
  "",
];
const interim = [
  lines("HTTP/1.1 100 Continue", ""),
  lines("HTTP/1.1 103 Early Hints", "Link: </a>", ""),
  lines("HTTP/1.1 102 Processing", ""),
];

function response(chance: Chance): string {
  const all: string[] = [];
  while (chance() < 0.5) all.push(pick(chance, fields));
  if (chance() < 0.1) all.push(pick(chance, framingFields));
  const framing = pick(chance, framings);
  if (framing !== "") all.push(framing);
  const fitting = framing.startsWith("C") ? "abc" : pick(chance, bodies.slice(2, 5));
  const head = lines(pick(chance, statusLines), ...all, "");
  return head + (chance() < 0.9 ? fitting : pick(chance, bodies));
}

/** What one connection brings in answer to one request, and sometimes what nobody has asked for. */
export function answerBytes(chance: Chance): string {
  let whole = "";
  while (chance() < 0.2) whole += pick(chance, interim);
  whole += chance() < 0.2 ? pick(chance, responseSamples) : response(chance);
  if (chance() < 0.1) whole += response(chance);
  for (let damages = Math.floor(chance() * 2.2); damages > 0; damages--)
    whole = damage(whole, chance);
  return whole;
}
