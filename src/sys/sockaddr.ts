// struct sockaddr_in, sockaddr_in6 and sockaddr_un, written and read. The family field is in the
// machine's byte order (little-endian on both supported architectures), ports are big-endian.
import type { SocketAddress } from "../config/address.ts";
import {
  newIpGroups,
  readIpv4,
  readIpv6,
  readPort,
  socketAddress,
  writeGroups,
  writePort,
} from "../config/ip-groups.ts";
import { parseIp } from "../config/ip-scan.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "./constants.ts";

/** sizeof(struct sockaddr_un), the largest of the three. */
export const sockaddrBytesMax = 110;

const groups = newIpGroups();

/**
 * Writes `address` at `offset`; returns its length. A unix path beyond 107 bytes is a RangeError,
 * and so is a host that is not an IP address. Its zone ("%eth0") is left out: configuration refuses
 * zones.
 */
export function encodeSockaddr(address: SocketAddress, bytes: Buffer, offset: number): number {
  if (address.family === "unix") {
    const length = Buffer.byteLength(address.path);
    if (length > sockaddrBytesMax - 3) throw new RangeError(`unix path too long: ${address.path}`);
    bytes.writeUInt16LE(AF_UNIX, offset);
    bytes.write(address.path, offset + 2);
    bytes[offset + 2 + length] = 0;
    return 2 + length + 1;
  }
  const { family, host, port } = address;
  if (!parseIp(family, host, groups)) throw new RangeError(`not an IP address: ${host}`);
  const ipv4 = family === "ipv4";
  const length = ipv4 ? 16 : 28;
  bytes.fill(0, offset, offset + length);
  bytes.writeUInt16LE(ipv4 ? AF_INET : AF_INET6, offset);
  writePort(port, bytes, offset + 2);
  writeGroups(groups, ipv4 ? 6 : 0, bytes, offset + (ipv4 ? 4 : 8));
  return length;
}

/** Reads the sockaddr of `length` bytes at `offset`. An IPv4-mapped IPv6 address reads as IPv4. */
export function decodeSockaddr(bytes: Buffer, offset: number, length: number): SocketAddress {
  const family = length >= 2 ? bytes.readUInt16LE(offset) : AF_UNIX;
  if (family === AF_INET || family === AF_INET6) {
    if (family === AF_INET) readIpv4(bytes, offset + 4, groups);
    else readIpv6(bytes, offset + 8, groups);
    return socketAddress(groups, readPort(bytes, offset + 2));
  }
  let end = offset + 2;
  while (end < offset + length && bytes[end] !== 0) end++;
  return { family: "unix", path: bytes.toString("utf8", offset + 2, end) };
}
