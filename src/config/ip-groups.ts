// IP addresses as eight 16-bit groups, the form between bytes and text: an IPv4 address stands there
// as its IPv4-mapped IPv6 address. As everywhere in Ballast, a mapped address is told to others as
// the IPv4 address that it means. Every layer may import this file: sockaddrs and PROXY protocol
// headers are read and written with it.
import type { SocketAddress } from "./address.ts";

/** Eight groups in host byte order. */
export type IpGroups = Uint16Array;

/** An address of zeros, to be written to. */
export function newIpGroups(): IpGroups {
  return new Uint16Array(8);
}

/** Sets the address from the four bytes at `at`. */
export function readIpv4(bytes: Uint8Array, at: number, groups: IpGroups): void {
  groups.fill(0, 0, 5);
  groups[5] = 0xffff;
  groups[6] = readPort(bytes, at);
  groups[7] = readPort(bytes, at + 2);
}

/** Sets the address from the sixteen bytes at `at`. */
export function readIpv6(bytes: Uint8Array, at: number, groups: IpGroups): void {
  for (let i = 0; i < 8; i++) groups[i] = readPort(bytes, at + 2 * i);
}

/** Two bytes in network order. */
export function readPort(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Writes groups `first` to 7 in network order at `at`: 6 for IPv4, 0 for IPv6. */
export function writeGroups(groups: IpGroups, first: number, bytes: Uint8Array, at: number): void {
  for (let i = first; i < 8; i++) writePort(groups[i] ?? 0, bytes, at + 2 * (i - first));
}

/** Two bytes in network order. */
export function writePort(port: number, bytes: Uint8Array, at: number): void {
  bytes[at] = port >> 8;
  bytes[at + 1] = port & 0xff;
}

/** The address as others take it. */
export function socketAddress(groups: IpGroups, port: number): SocketAddress {
  return isMapped(groups)
    ? { family: "ipv4", host: formatIpv4(groups), port }
    : { family: "ipv6", host: formatIpv6(groups), port };
}

/** The last two groups as a dotted quad. */
export function formatIpv4(groups: IpGroups): string {
  const high = groups[6] ?? 0;
  const low = groups[7] ?? 0;
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/**
 * RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of
 * equals) as `::`, and a mapped address as `::ffff:192.0.2.1` (its section 5).
 */
export function formatIpv6(groups: IpGroups): string {
  if (isMapped(groups)) return `::ffff:${formatIpv4(groups)}`;
  let gap = -1;
  let gapLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > gapLength) {
      gap = i;
      gapLength = length;
    }
  }
  if (gap < 0) return formatRun(groups, 0, 8);
  return `${formatRun(groups, 0, gap)}::${formatRun(groups, gap + gapLength, 8)}`;
}

function formatRun(groups: IpGroups, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += (i === from ? "" : ":") + (groups[i] ?? 0).toString(16);
  return text;
}

function isMapped(groups: IpGroups): boolean {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return false;
  return groups[5] === 0xffff;
}
