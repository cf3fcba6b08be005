// struct sockaddr_in, sockaddr_in6 and sockaddr_un, written and read. The family field is in the
// machine's byte order (little-endian on both supported architectures), ports are big-endian.
import type { SocketAddress } from "../config/address.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "./constants.ts";

/** sizeof(struct sockaddr_un), the largest of the three. */
export const sockaddrBytesMax = 110;

/** Writes `address` at `offset`; returns its length. A unix path beyond 107 bytes is a RangeError. */
export function encodeSockaddr(address: SocketAddress, bytes: Buffer, offset: number): number {
  if (address.family === "unix") {
    const length = Buffer.byteLength(address.path);
    if (length > sockaddrBytesMax - 3) throw new RangeError(`unix path too long: ${address.path}`);
    bytes.writeUInt16LE(AF_UNIX, offset);
    bytes.write(address.path, offset + 2);
    bytes[offset + 2 + length] = 0;
    return 2 + length + 1;
  }
  bytes.writeUInt16BE(address.port, offset + 2);
  if (address.family === "ipv4") {
    bytes.writeUInt16LE(AF_INET, offset);
    encodeIpv4(address.host, bytes, offset + 4);
    bytes.fill(0, offset + 8, offset + 16);
    return 16;
  }
  bytes.writeUInt16LE(AF_INET6, offset);
  bytes.fill(0, offset + 4, offset + 28);
  encodeIpv6(address.host, bytes, offset + 8);
  return 28;
}

/** Reads the sockaddr of `length` bytes at `offset`. An IPv4-mapped IPv6 address reads as IPv4. */
export function decodeSockaddr(bytes: Buffer, offset: number, length: number): SocketAddress {
  const family = length >= 2 ? bytes.readUInt16LE(offset) : AF_UNIX;
  if (family === AF_INET) {
    return {
      family: "ipv4",
      host: decodeIpv4(bytes, offset + 4),
      port: bytes.readUInt16BE(offset + 2),
    };
  }
  if (family === AF_INET6) {
    const port = bytes.readUInt16BE(offset + 2);
    if (isIpv4Mapped(bytes, offset + 8)) {
      return { family: "ipv4", host: decodeIpv4(bytes, offset + 20), port };
    }
    return { family: "ipv6", host: decodeIpv6(bytes, offset + 8), port };
  }
  let end = offset + 2;
  while (end < offset + length && bytes[end] !== 0) end++;
  return { family: "unix", path: bytes.toString("utf8", offset + 2, end) };
}

function encodeIpv4(host: string, bytes: Buffer, offset: number): void {
  let part = 0;
  let value = 0;
  for (let i = 0; i <= host.length; i++) {
    const code = i < host.length ? host.charCodeAt(i) : 46;
    if (code === 46) {
      bytes[offset + part++] = value;
      value = 0;
    } else {
      value = value * 10 + (code - 48);
    }
  }
}

function decodeIpv4(bytes: Buffer, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

function encodeIpv6(host: string, bytes: Buffer, offset: number): void {
  // Zone ids ("%eth0") are not addresses of servers; configuration refuses them.
  const [head = "", tail] = host.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  let at = offset;
  for (const group of left) at = bytes.writeUInt16BE(group, at);
  at = offset + 16 - right.length * 2;
  for (const group of right) at = bytes.writeUInt16BE(group, at);
}

function groups(text: string): number[] {
  if (text === "") return [];
  const numbers: number[] = [];
  for (const part of text.split(":")) {
    if (part.includes(".")) {
      const quad = Buffer.alloc(4);
      encodeIpv4(part, quad, 0);
      numbers.push(quad.readUInt16BE(0), quad.readUInt16BE(2));
    } else {
      numbers.push(Number.parseInt(part, 16));
    }
  }
  return numbers;
}

function isIpv4Mapped(bytes: Buffer, offset: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[offset + i] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
}

/** RFC 5952: lower case, the longest run of two or more zero groups (the first of equals) as `::`. */
function decodeIpv6(bytes: Buffer, offset: number): string {
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && bytes.readUInt16BE(offset + (i + length) * 2) === 0) length++;
    if (length > runLength) {
      runStart = i;
      runLength = length;
    }
  }
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === runStart) {
      text += "::";
      i += runLength - 1;
      continue;
    }
    if (text !== "" && !text.endsWith("::")) text += ":";
    text += bytes.readUInt16BE(offset + i * 2).toString(16);
  }
  return text;
}
