// Who the client is when a trusted proxy is in between: the right-most address in X-Forwarded-For (or
// in the `for` parameters of Forwarded) that is not a trusted proxy's itself. What stands left of it
// is whatever the client has sent. Called for requests of trusted peers only; makes strings.
import type { SocketAddress } from "../../../config/address.ts";
import { newIpGroups, socketAddress } from "../../../config/ip-groups.ts";
import { parseIp } from "../../../config/ip-scan.ts";
import { type FieldName, known } from "../../../http/field-name.ts";
import { type Head, text } from "../../../http/head.ts";
import { forParameter } from "./forwarded-syntax.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;
const groups = newIpGroups();

/**
 * Null: the peer is not trusted, or nothing usable stands there. `mode`: which of the two fields the
 * proxies write; the other one may be the client's own and is never looked at. An element that is no
 * address (`unknown`, a made-up name, rubbish) ends the search: the proxy right of it is all that
 * is known. The port is 0 unless the element has one.
 */
export function trustedClient(
  head: Head,
  peer: SocketAddress,
  proxies: TrustedProxies,
  mode: "off" | "x-forwarded" | "rfc7239",
): SocketAddress | null {
  if (!proxies.trusts(peer)) return null;
  const isForwarded = mode === "rfc7239";
  const elements = listElements(head, isForwarded ? known.forwarded : known["x-forwarded-for"]);
  let client: SocketAddress | null = null;
  for (let i = elements.length - 1; i >= 0; i--) {
    const element = elements[i] as string;
    const address = parseNode(isForwarded ? forParameter(element) : element);
    if (address === null) break;
    client = address;
    if (!proxies.trusts(address)) break;
  }
  return client;
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
