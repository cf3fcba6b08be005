// Names of servers in TLS (SNI), and what a route compares with them. The schemas of routes and of `tls`
// read them here; route-cover.ts compares the patterns of routes.
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { z } from "zod";
import { textOf } from "./http-values.ts";
import { leaf } from "./leaf.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";

/** RFC 1035 section 2.3.4. */
const nameMax = 253;

export const serverName: z.ZodType<string> = leaf(readServerName, {
  title: "name of a server",
  type: "string",
  examples: ["app.example.com"],
});

/** Lower case, without a dot at its end (RFC 6066 section 3). */
export function readServerName(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  const name = text.value.toLowerCase().replace(/\.$/, "");
  const message = `${shown(input)} is not the name of a server`;
  if (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) {
    return reject(message, "TLS sends no address; without a name the server's own address counts.");
  }
  if (/^[^/:]+:[0-9]+$/.test(name)) {
    return reject(message, `Write ${quoted(name.replace(/:[0-9]+$/, ""))}, without a port.`);
  }
  if (/[^\x20-\x7e]/.test(name) && domainToASCII(name) !== "") {
    return reject(message, `Write it as it is sent: ${quoted(domainToASCII(name))}.`);
  }
  if (name.length <= nameMax && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return accept(name);
  return reject(message, "Write a name such as app.example.com.");
}

export const serverNameMatch: z.ZodType<string> = leaf(readServerNameMatch, {
  title: "server name, or `*.suffix`",
  type: "string",
  examples: ["*.example.com"],
});

/** A name, or `*.` and a name, in lower case. */
export function readServerNameMatch(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  const message = `${shown(input)} is not the name of a server`;
  if (text.value === "*") return reject(message, "Leave sni out, and every name matches.");
  if (text.value.startsWith("~")) {
    return reject(message, "Write a name, *.example.com, or a list.");
  }
  const isWild = text.value.startsWith("*.");
  const name = isWild ? text.value.slice(2) : text.value;
  if (name.includes("*")) return reject(message, "A * stands alone before the first dot.");
  const reading = readServerName(name);
  if (reading.ok) return accept(isWild ? `*.${reading.value}` : reading.value);
  const hint = isIP(name) === 0 ? reading.hint : "TLS sends no address; write source, or a name.";
  return reject(message, hint);
}
