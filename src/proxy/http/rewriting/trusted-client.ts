// Who the client is when a trusted proxy is in between: the right-most address in X-Forwarded-For (or
// in the `for` parameters of Forwarded) that is not a trusted proxy's itself. What stands left of it
// is whatever the client has sent. And whether that client speaks TLS: X-Forwarded-Proto, or `proto` in
// its element of Forwarded. Called for requests of trusted peers only; makes strings.
import type { SocketAddress } from "../../../config/address.ts";
import { newIpGroups, socketAddress } from "../../../config/ip-groups.ts";
import { parseIp } from "../../../config/ip-scan.ts";
import { type FieldName, known } from "../../../http/field-name.ts";
import { type Head, text } from "../../../http/head.ts";
import { forwardedParameter } from "./forwarded-syntax.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;
const groups = newIpGroups();

/** What trusted proxies say of a client. */
export interface ToldClient {
  /** Null: nothing usable. The port is 0 unless the element has one. */
  readonly address: SocketAddress | null;
  /** It speaks TLS with the first of them; null: they do not say. */
  readonly secure: boolean | null;
}

const untold: ToldClient = { address: null, secure: null };

/**
 * `mode`: which of the fields the proxies write; the other one may be the client's own and is never
 * looked at. An element that is no address (`unknown`, a made-up name, rubbish) ends the search: the
 * proxy right of it is all that is known. Who is not trusted tells nothing.
 */
export function trustedClient(
  head: Head,
  peer: SocketAddress,
  proxies: TrustedProxies,
  mode: "off" | "x-forwarded" | "rfc7239",
): ToldClient {
  if (!proxies.trusts(peer)) return untold;
  const isForwarded = mode === "rfc7239";
  const elements = listElements(head, isForwarded ? known.forwarded : known["x-forwarded-for"]);
  let client: SocketAddress | null = null;
  let at = elements.length;
  while (at > 0) {
    const element = elements[--at] as string;
    const address = parseNode(isForwarded ? forwardedParameter(element, "for") : element);
    if (address === null) break;
    client = address;
    if (!proxies.trusts(address)) break;
  }
  // Proxies replace X-Forwarded-Proto. Of several values only the last one is surely a proxy's.
  const scheme = isForwarded
    ? forwardedParameter(elements[at] ?? "", "proto")
    : listElements(head, known["x-forwarded-proto"]).at(-1);
  return { address: client, secure: meansTls(scheme ?? "") };
}

/** WebSocket's schemes are written too (RFC 6455 section 3). Null: it says neither. */
function meansTls(scheme: string): boolean | null {
  switch (scheme.toLowerCase()) {
    case "https":
    case "wss":
      return true;
    case "http":
    case "ws":
      return false;
    default:
      return null;
  }
}

/** The elements of all fields of that name, in order; a comma inside quotes does not separate. */
function listElements(head: Head, name: FieldName): string[] {
  const elements: string[] = [];
  for (let i = head.find(name); i >= 0; i = head.find(name, i + 1)) {
    const bytes = head.bytesOf(i);
    const end = head.valueEnd(i);
    let quoted = false;
    let start = head.valueStart(i);
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote && name === known.forwarded) quoted = !quoted;
      else if (quoted && byte === backslash) at++;
      else if (byte === comma && !quoted) {
        elements.push(text(bytes, start, at).trim());
        start = at + 1;
      }
    }
    elements.push(text(bytes, start, end).trim());
  }
  // Empty elements mean nothing (RFC 9110 section 5.6.1).
  return elements.filter((element) => element !== "");
}

/** `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, each with a port or without one in what has brackets. */
export function parseNode(node: string): SocketAddress | null {
  let host = node;
  let port = "";
  if (node.startsWith("[")) {
    const close = node.indexOf("]");
    if (close < 0) return null;
    host = node.slice(1, close);
    const rest = node.slice(close + 1);
    if (rest !== "" && !rest.startsWith(":")) return null;
    if (!host.includes(":")) return null;
    port = rest.slice(1);
  } else if (node.indexOf(":") === node.lastIndexOf(":") && node.includes(":")) {
    host = node.slice(0, node.indexOf(":"));
    port = node.slice(host.length + 1);
  }
  if (host.includes("%")) return null;
  if (!parseIp(host.includes(":") ? "ipv6" : "ipv4", host, groups)) return null;
  // RFC 7239 section 6.2 lets a port be a made-up name; that is none for us.
  const number = /^[0-9]{1,5}$/.test(port) ? Number(port) : 0;
  return socketAddress(groups, number > 65_535 ? 0 : number);
}
