// Version 1 of the PROXY protocol: one line of text (section 2.1). Called by parse.ts alone. Every
// word is checked as far as it has arrived, and nothing looser than the specification is taken:
// a header is a claim about who the client is, and a sender that is sloppy here cannot be trusted.
import { newIpGroups, socketAddress } from "../../config/ip-groups.ts";
import { decimalValue, scanIpv4, scanIpv6, scanPort } from "../../config/ip-scan.ts";
import { incomplete, invalid, type ProxyHeader, refuse } from "./proxy-header.ts";

/** The longest line, CR LF included: UNKNOWN with two full IPv6 addresses. */
const lineBytesMax = 107;

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const signature = Buffer.from("PROXY ");
const tcp4 = Buffer.from("TCP4 ");
const tcp6 = Buffer.from("TCP6 ");
const unknown = Buffer.from("UNKNOWN");

const sourceGroups = newIpGroups();
const destinationGroups = newIpGroups();

/** As parseProxyHeader, for a header whose first byte is `P`. */
export function parseVersion1(
  bytes: Uint8Array,
  start: number,
  end: number,
  header: ProxyHeader,
): number {
  const lineEnd = Math.min(end, start + lineBytesMax);
  const at = parseLine(bytes, start, lineEnd, header);
  if (at > 0) return at - start;
  if (at === incomplete && lineEnd - start === lineBytesMax) {
    return refuse(header, "no CR LF within 107 bytes");
  }
  return at;
}

function parseLine(bytes: Uint8Array, start: number, end: number, header: ProxyHeader): number {
  const at = match(bytes, start, end, signature);
  if (at <= 0) return stop(header, at, "not a PROXY protocol header");
  if (bytes[at] === unknown[0]) return parseUnknown(bytes, at, end, header);
  const inet4 = match(bytes, at, end, tcp4);
  if (inet4 !== invalid) return parseTcp(bytes, inet4, end, header, scanIpv4);
  return parseTcp(bytes, match(bytes, at, end, tcp6), end, header, scanIpv6);
}

/** Source, destination, source port, destination port; `words` stands behind the protocol. */
function parseTcp(
  bytes: Uint8Array,
  words: number,
  end: number,
  header: ProxyHeader,
  scanIp: typeof scanIpv4,
): number {
  if (words <= 0) return stop(header, words, "protocol is not TCP4, TCP6 or UNKNOWN");

  const source = scanIp(bytes, words, end, sourceGroups);
  const destinationStart = source > 0 ? matchByte(bytes, source, end, space) : source;
  if (destinationStart <= 0) return stop(header, destinationStart, "bad source address");

  const destination = scanIp(bytes, destinationStart, end, destinationGroups);
  const portStart = destination > 0 ? matchByte(bytes, destination, end, space) : destination;
  if (portStart <= 0) return stop(header, portStart, "bad destination address");

  const port = scanPort(bytes, portStart, end);
  const toPortStart = port > 0 ? matchByte(bytes, port, end, space) : port;
  if (toPortStart <= 0) return stop(header, toPortStart, "bad source port");

  const toPort = scanPort(bytes, toPortStart, end);
  if (toPort <= 0) return stop(header, toPort, "bad destination port");

  const at = matchLineEnd(bytes, toPort, end);
  if (at <= 0) return stop(header, at, "line does not end with CR LF");
  header.source = socketAddress(sourceGroups, decimalValue(bytes, portStart, port));
  header.destination = socketAddress(destinationGroups, decimalValue(bytes, toPortStart, toPort));
  return at;
}

/** Whatever stands between UNKNOWN and CR LF must be ignored, but one of the two alone is wrong. */
function parseUnknown(bytes: Uint8Array, word: number, end: number, header: ProxyHeader): number {
  let at = match(bytes, word, end, unknown);
  if (at <= 0) return stop(header, at, "protocol is not TCP4, TCP6 or UNKNOWN");
  if (at < end && bytes[at] !== space && bytes[at] !== cr) {
    return refuse(header, "protocol is not TCP4, TCP6 or UNKNOWN");
  }
  while (at < end && bytes[at] !== cr && bytes[at] !== lf) at++;
  const lineEnd = matchLineEnd(bytes, at, end);
  if (lineEnd <= 0) return stop(header, lineEnd, "line does not end with CR LF");
  header.local = true;
  return lineEnd;
}

function matchLineEnd(bytes: Uint8Array, at: number, end: number): number {
  const second = matchByte(bytes, at, end, cr);
  return second > 0 ? matchByte(bytes, second, end, lf) : second;
}

function match(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) {
    if (at + i === end) return incomplete;
    if (bytes[at + i] !== word[i]) return invalid;
  }
  return at + word.length;
}

function matchByte(bytes: Uint8Array, at: number, end: number, byte: number): number {
  if (at === end) return incomplete;
  return bytes[at] === byte ? at + 1 : invalid;
}

function stop(header: ProxyHeader, answer: number, problem: string): number {
  return answer === invalid ? refuse(header, problem) : answer;
}
