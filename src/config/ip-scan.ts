// Scanners for addresses as text, which may still be on its way: IPv4, IPv6 and port. Each starts
// at `at`, answers the position behind the word, `incomplete` when the bytes end before the word
// surely does, or `invalid` at the first byte that cannot belong to it. What ends the word is the
// caller's to check. Every layer may import this file: the PROXY protocol parses its words with it,
// and whoever has a whole host calls parseIp.
import { type IpGroups, newIpGroups, readIpv4 } from "./ip-groups.ts";

/** More bytes are needed before anything can be said. */
export const incomplete = 0;

/** Whatever follows these bytes, it cannot become valid any more. */
export const invalid = -1;

const dot = 0x2e;
const colon = 0x3a;
const quad = new Uint8Array(4);
const quadGroups = newIpGroups();
const hostBytes = new Uint8Array(64);

/** Reads a whole host, without the zone of a link-local one; false when it is not of that family. */
export function parseIp(family: "ipv4" | "ipv6", host: string, groups: IpGroups): boolean {
  const zone = family === "ipv6" ? host.indexOf("%") : -1;
  const length = zone < 0 ? host.length : zone;
  if (length >= hostBytes.length) return false;
  for (let i = 0; i < length; i++) hostBytes[i] = Math.min(host.charCodeAt(i), 0xff);
  hostBytes[length] = 0; // a scanner knows where a word ends only by what follows it
  const scan = family === "ipv4" ? scanIpv4 : scanIpv6;
  return scan(hostBytes, 0, length + 1, groups) === length;
}

/** Four decimal numbers 0 to 255 without leading zeros, which could mean octal. */
export function scanIpv4(bytes: Uint8Array, at: number, end: number, groups: IpGroups): number {
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (bytes[at] !== dot) return invalid;
      at++;
    }
    const next = scanDecimal(bytes, at, end, 255);
    if (next <= 0) return next;
    quad[part] = decimalValue(bytes, at, next);
    at = next;
  }
  readIpv4(quad, 0, groups);
  return at;
}

/**
 * RFC 4291 section 2.2: groups of one to four hexadecimal digits, at most one `::` for one group
 * or more, and the last two groups perhaps as a dotted quad, which senders use for mapped ones.
 */
export function scanIpv6(bytes: Uint8Array, at: number, end: number, groups: IpGroups): number {
  let count = 0;
  let gap = -1;
  if (at < end && bytes[at] === colon) {
    if (at + 1 === end) return incomplete;
    if (bytes[at + 1] !== colon) return invalid;
    gap = 0;
    at += 2;
  }
  for (;;) {
    const room = (gap < 0 ? 8 : 7) - count;
    const from = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = hexValue(bytes[at] ?? 0);
      if (digit < 0) break;
      if (room === 0 || at - from === 4) return invalid;
      value = (value << 4) | digit;
    }
    if (at === end) return incomplete;
    if (bytes[at] === dot) {
      if (gap < 0 ? room !== 2 : room < 2) return invalid;
      at = scanIpv4(bytes, from, end, quadGroups);
      if (at <= 0) return at;
      groups[count++] = quadGroups[6] ?? 0;
      groups[count++] = quadGroups[7] ?? 0;
      break;
    }
    if (at === from) {
      if (gap !== count) return invalid; // only directly behind `::` may a group be missing
      break;
    }
    groups[count++] = value;
    if (bytes[at] !== colon) break;
    if (room === 1) return invalid;
    at++;
    if (at === end) return incomplete;
    if (bytes[at] === colon) {
      if (gap >= 0) return invalid;
      gap = count;
      at++;
    }
  }
  if (gap >= 0) {
    groups.copyWithin(gap + 8 - count, gap, count);
    groups.fill(0, gap, gap + 8 - count);
  } else if (count < 8) {
    return invalid;
  }
  return at;
}

/** A decimal number 0 to 65535 without sign or leading zeros. */
export function scanPort(bytes: Uint8Array, at: number, end: number): number {
  return scanDecimal(bytes, at, end, 65_535);
}

/** The value of the digits `bytes[from..to)`. */
export function decimalValue(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return value;
}

function scanDecimal(bytes: Uint8Array, from: number, end: number, max: number): number {
  let value = 0;
  let at = from;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    if (at > from && value === 0) return invalid;
    value = value * 10 + digit;
    if (value > max) return invalid;
  }
  if (at === end) return incomplete;
  return at === from ? invalid : at;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
