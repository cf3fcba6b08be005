// Templates: text with variables in braces, cut into its parts when the file is read. A variable
// that is not known at that place is refused. The schema's leaves call it.
import { accept, quoted, type Reading, reject } from "./reading.ts";
import type { Template, TemplatePart, Variable } from "./rewrite-plan.ts";
import { nearest } from "./suggestion.ts";

/** Where a template stands: before a backend is chosen, on the way to a server, or back. */
export type TemplatePlace = "answer" | "request" | "response";

/** As they are written, without those that have an argument. */
const ofRequest: readonly Variable[] = [
  "client.ip",
  "client.port",
  "client.address",
  "bind.port",
  "method",
  "scheme",
  "host",
  "port",
  "path",
  "query",
  "uri",
  "request.id",
  "frontend",
  "tls.version",
  "tls.cipher",
  "tls.sni",
  "tls.alpn",
  "tls.resumed",
  "tls.client.subject",
];
const plain: Readonly<Record<TemplatePlace, readonly Variable[]>> = {
  answer: ofRequest,
  request: [...ofRequest, "backend", "server"],
  response: [...ofRequest, "backend", "server", "status"],
};
const withArgument: Readonly<Record<string, Variable>> = {
  header: "header",
  query: "query-parameter",
  cookie: "cookie",
};
const argumentForms = Object.keys(withArgument).map((word) => `${word}:NAME`);
/** Where the others would make sense. */
const elsewhere: Readonly<Record<string, string>> = {
  backend: "before a backend is chosen",
  server: "before a server is chosen",
  status: "before there is a response",
};

/** What nginx, Caddy and HAProxy call them. */
const foreign: Readonly<Record<string, string>> = {
  args: "query",
  client_ip: "client.ip",
  client_port: "client.port",
  ip: "client.ip",
  query_string: "query",
  remote: "client.address",
  remote_addr: "client.ip",
  remote_host: "client.ip",
  remote_port: "client.port",
  request_id: "request.id",
  request_method: "method",
  request_uri: "uri",
  server_port: "bind.port",
  src: "client.ip",
  ssl_alpn_protocol: "tls.alpn",
  ssl_c_s_dn: "tls.client.subject",
  ssl_cipher: "tls.cipher",
  ssl_client_s_dn: "tls.client.subject",
  ssl_fc_alpn: "tls.alpn",
  ssl_fc_cipher: "tls.cipher",
  ssl_fc_is_resumed: "tls.resumed",
  ssl_fc_protocol: "tls.version",
  ssl_fc_sni: "tls.sni",
  ssl_protocol: "tls.version",
  ssl_server_name: "tls.sni",
  ssl_session_reused: "tls.resumed",
  tls_cipher: "tls.cipher",
  tls_client_subject: "tls.client.subject",
  tls_version: "tls.version",
  upstream: "server",
};

const pieces = /\{\{|\{([^{}]*)(\}?)|[^{]+/gs;

/** What `text` says at that place. `{{` is a brace. */
export function parseTemplate(text: string, place: TemplatePlace): Reading<Template> {
  const parts: TemplatePart[] = [];
  for (const [piece, body, closing] of text.matchAll(pieces)) {
    if (body === undefined) {
      addText(parts, piece === "{{" ? "{" : piece);
      continue;
    }
    if (closing === "") {
      const hint = "Write {client.ip} or another variable, or {{ for a plain brace.";
      return reject(`${quoted(piece)} has no closing brace`, hint);
    }
    const reading = parseVariable(body, place);
    if (!reading.ok) return reading;
    parts.push(reading.value);
  }
  return accept(parts);
}

/** Words of other load balancers that are plain text here, with the variable that they mean. */
export function foreignVariable(text: string): { word: string; meant: string } | null {
  for (const [word, name = ""] of text.matchAll(/\$\{?([a-z_]+)\}?|%\[[^\]]*\]?/g)) {
    if (word.startsWith("%"))
      return { word, meant: meantBy(/^%\[([a-z_]+)/.exec(word)?.[1] ?? "") };
    const isKnown = Object.hasOwn(foreign, name) || name === "host" || name === "scheme";
    if (isKnown || name.startsWith("http_")) return { word, meant: meantBy(name) };
  }
  return null;
}

function meantBy(word: string): string {
  if (word.startsWith("http_")) return `header:${word.slice(5).replaceAll("_", "-")}`;
  if (word === "host" || word === "scheme") return word;
  return foreign[word] ?? "client.ip";
}

function addText(parts: TemplatePart[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind !== "text") parts.push({ kind: "text", text });
  else parts[parts.length - 1] = { kind: "text", text: last.text + text };
}

function parseVariable(body: string, place: TemplatePlace): Reading<TemplatePart> {
  const known = plain[place];
  const variable = known.find((name) => name === body);
  if (variable !== undefined) return accept({ kind: "variable", variable, argument: "" });
  const shown = quoted(`{${body}}`);
  if (Object.hasOwn(elsewhere, body)) {
    const message = `${shown} is not known here, ${elsewhere[body] ?? ""}`;
    return reject(message, listOf(known));
  }
  const colon = body.indexOf(":");
  const word = body.slice(0, Math.max(colon, 0));
  const taken = Object.hasOwn(withArgument, word) ? withArgument[word] : undefined;
  if (taken === undefined) return reject(`${shown} is not a variable`, hintFor(body, known));
  const argument = body.slice(colon + 1);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(argument)) {
    return reject(`${shown} names nothing`, `Write {${word}:NAME}.`);
  }
  const name = taken === "header" ? argument.toLowerCase() : argument;
  return accept({ kind: "variable", variable: taken, argument: name });
}

function hintFor(body: string, known: readonly string[]): string {
  const colon = body.indexOf(":");
  if (colon > 0) {
    const word = nearest(body.slice(0, colon), Object.keys(withArgument));
    if (word !== null) return `Did you mean "{${word}${body.slice(colon)}}"? ${listOf(known)}`;
  }
  const key = body.replaceAll(/[.-]/g, "_").toLowerCase();
  const meant = (Object.hasOwn(foreign, key) ? foreign[key] : null) ?? nearest(body, known);
  const guess = meant === null || meant === undefined ? "" : `Did you mean "{${meant}}"? `;
  return `${guess}${listOf(known)} Write {{ for a plain brace.`;
}

function listOf(known: readonly string[]): string {
  return `There are ${[...known, ...argumentForms].join(", ")}.`;
}
