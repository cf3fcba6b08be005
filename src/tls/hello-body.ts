// The inside of a ClientHello (RFC 8446 section 4.1.2): a walk along its lengths to the two
// extensions that a load balancer wants. client-hello.ts calls it with the whole message in one
// piece. It reads nothing beyond the message, whatever the lengths in it say, and never throws.

/** What is read out of a hello. */
export interface HelloNames {
  sni: string;
  alpn: readonly string[];
}

/** Protocols that are kept; further ones are checked only. Browsers offer two or three. */
export const alpnMax = 16;

const randomBytes = 32;
const sessionIdBytesMax = 32;
const typeServerName = 0;
const typeAlpn = 16;
const nameTypeHost = 0;
/** RFC 1035 section 2.3.4, without the root: 255 bytes on the wire are 253 characters. */
const hostNameMax = 253;
const labelMax = 63;

const cutShort = "the hello ends in the middle of a field";
const notEven = "its cipher suites are no list of pairs of bytes";

/** Two bytes in network order. */
export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Reads `bytes[at..end)`, a hello without its header. Answers what is wrong with it, or "". */
export function readHelloBody(
  bytes: Uint8Array,
  at: number,
  end: number,
  names: HelloNames,
): string {
  const sessionId = at + 2 + randomBytes;
  if (sessionId >= end) return cutShort;
  const sessionIdBytes = bytes[sessionId] ?? 0;
  if (sessionIdBytes > sessionIdBytesMax) return "its session id is too long";

  const suites = sessionId + 1 + sessionIdBytes;
  if (suites + 2 > end) return cutShort;
  const suiteBytes = uint16(bytes, suites);
  if (suiteBytes === 0 || suiteBytes % 2 === 1) return notEven;

  const methods = suites + 2 + suiteBytes;
  if (methods >= end) return cutShort;
  const methodBytes = bytes[methods] ?? 0;
  if (methodBytes === 0) return "it has no compression method";

  const extensions = methods + 1 + methodBytes;
  if (extensions === end) return ""; // before TLS 1.3 a hello may have none
  if (extensions + 2 > end) return cutShort;
  if (extensions + 2 + uint16(bytes, extensions) !== end) {
    return "its extensions do not end where it ends";
  }
  return readExtensions(bytes, extensions + 2, end, names);
}

function readExtensions(bytes: Uint8Array, at: number, end: number, names: HelloNames): string {
  let serverNames = 0;
  let alpns = 0;
  while (at < end) {
    if (at + 4 > end) return cutShort;
    const type = uint16(bytes, at);
    const from = at + 4;
    const to = from + uint16(bytes, at + 2);
    if (to > end) return cutShort;
    let problem = "";
    if (type === typeServerName) {
      problem = serverNames++ > 0 ? "it has two server names" : readSni(bytes, from, to, names);
    } else if (type === typeAlpn) {
      problem = alpns++ > 0 ? "it has two lists of protocols" : readAlpn(bytes, from, to, names);
    }
    if (problem !== "") return problem;
    at = to;
  }
  return "";
}

/** RFC 6066 section 3: a list with one name of each type, of which only one type was ever made. */
function readSni(bytes: Uint8Array, at: number, end: number, names: HelloNames): string {
  if (at + 2 > end || at + 2 + uint16(bytes, at) !== end || at + 2 === end) {
    return "its server name is no list of names";
  }
  let hosts = 0;
  for (let name = at + 2; name < end;) {
    if (name + 3 > end) return cutShort;
    const from = name + 3;
    const to = from + uint16(bytes, name + 1);
    if (to > end) return cutShort;
    if (bytes[name] === nameTypeHost) {
      if (hosts++ > 0) return "it has two server names";
      names.sni = hostName(bytes, from, to);
      if (names.sni === "") return "its server name is no host name";
    }
    name = to;
  }
  return "";
}

/**
 * The name in lower case and without a final dot; empty if it cannot be one. Labels of letters,
 * digits, hyphens and, as real names have them, underscores. An IPv4 address passes: clients send
 * it against RFC 6066, and it does no harm.
 */
function hostName(bytes: Uint8Array, from: number, to: number): string {
  const end = to - from > 1 && bytes[to - 1] === dot ? to - 1 : to;
  if (end - from > hostNameMax) return "";
  let name = "";
  let label = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === dot) {
      if (label === 0) return "";
      label = 0;
    } else {
      if (!isNameByte(byte) || ++label > labelMax) return "";
    }
    name += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
  }
  return label === 0 ? "" : name;
}

const dot = 0x2e;
const hyphen = 0x2d;
const underscore = 0x5f;

function isNameByte(byte: number): boolean {
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return (byte >= 0x30 && byte <= 0x39) || byte === hyphen || byte === underscore;
}

/** RFC 7301 section 3.1: a list of names of 1 to 255 bytes. */
function readAlpn(bytes: Uint8Array, at: number, end: number, names: HelloNames): string {
  if (at + 2 > end || at + 2 + uint16(bytes, at) !== end || at + 2 === end) {
    return "its protocols are no list of names";
  }
  const found: string[] = [];
  for (let name = at + 2; name < end;) {
    const length = bytes[name] ?? 0;
    const to = name + 1 + length;
    if (length === 0 || to > end) return "its protocols are no list of names";
    if (found.length < alpnMax) found.push(latin1(bytes, name + 1, to));
    name = to;
  }
  names.alpn = found;
  return "";
}

/** In one piece: put together byte by byte, a name that is kept would be 30 times as large. */
function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}
