// Which clients somebody asks for: one address, or a network in CIDR notation. Parsed by the control
// plane, compared by the workers with each session's client; comparing allocates nothing.
import type { SocketAddress } from "../config/address.ts";
import { newIpGroups } from "../config/ip-groups.ts";
import { parseIp } from "../config/ip-scan.ts";

/** Plain data. IPv4 is held as IPv4-mapped IPv6, so that one comparison serves both. */
export interface ClientRange {
  /** Eight 16-bit groups. */
  readonly groups: readonly number[];
  /** How many leading bits must be the same: 0 to 128. */
  readonly bits: number;
}

/** Bits that come before the IPv4 address in a mapped one. */
const mappedBits = 96;
const groups = newIpGroups();

/** `192.0.2.1`, `10.0.0.0/8`, `2001:db8::1`, `2001:db8::/32`; null for anything else. */
export function parseClientRange(text: string): ClientRange | null {
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const family = host.includes(":") ? "ipv6" : "ipv4";
  if (host.includes("%") || !parseIp(family, host, groups)) return null;
  const width = family === "ipv4" ? 32 : 128;
  const prefix = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > width) return null;
  return { groups: [...groups], bits: Number(prefix) + (family === "ipv4" ? mappedBits : 0) };
}

/** Whether an address lies in the range. A unix socket's does not. */
export function inRange(range: ClientRange, address: SocketAddress): boolean {
  if (address.family === "unix") return false;
  if (!parseIp(address.family, address.host, groups)) return false;
  let left = range.bits;
  for (let i = 0; left > 0; i++, left -= 16) {
    const mask = left >= 16 ? 0xffff : 0xffff << (16 - left);
    if ((((groups[i] as number) ^ (range.groups[i] as number)) & mask & 0xffff) !== 0) return false;
  }
  return true;
}
