// The sending end of the PROXY protocol: the bytes that open a connection to a server with
// `sendProxy`. Called once a connect, before anything else is written. Mixed families are told as
// HAProxy tells them. Never throws: addresses that a header cannot hold become a header without.
import type { SocketAddress } from "../../config/address.ts";
import {
  formatIpv4,
  formatIpv6,
  newIpGroups,
  writeGroups,
  writePort,
} from "../../config/ip-groups.ts";
import { parseIp } from "../../config/ip-scan.ts";
import {
  commandLocal,
  commandProxy,
  familyTcp4,
  familyTcp6,
  familyUnspecified,
  fixedBytes,
  signature,
  tcp4Bytes,
  tcp6Bytes,
} from "./version2-layout.ts";

const sourceGroups = newIpGroups();
const destinationGroups = newIpGroups();

/**
 * A header that says: the client connected from `source` to `destination`. When only one of them
 * is IPv4, it goes as an IPv4-mapped IPv6 address. A unix socket becomes what encodeLocalProxyHeader
 * gives, as from HAProxy: version 2 could name it, but HAProxy and others refuse such a header, and
 * a client's unix path tells nobody anything.
 */
export function encodeProxyHeader(
  version: 1 | 2,
  source: SocketAddress,
  destination: SocketAddress,
): Uint8Array {
  if (source.family === "unix" || destination.family === "unix") {
    return encodeLocalProxyHeader(version);
  }
  if (
    !parseIp(source.family, source.host, sourceGroups) ||
    !parseIp(destination.family, destination.host, destinationGroups)
  ) {
    return encodeLocalProxyHeader(version);
  }
  const ipv4 = source.family === "ipv4" && destination.family === "ipv4";
  if (version === 1) {
    const format = ipv4 ? formatIpv4 : formatIpv6;
    const hosts = `${format(sourceGroups)} ${format(destinationGroups)}`;
    const protocol = ipv4 ? "TCP4" : "TCP6";
    const line = `PROXY ${protocol} ${hosts} ${source.port} ${destination.port}\r\n`;
    return Buffer.from(line, "latin1");
  }
  return encodeTcp(ipv4, source.port, destination.port);
}

/** A header for a connection of our own, such as a health check: it names no client. */
export function encodeLocalProxyHeader(version: 1 | 2): Uint8Array {
  if (version === 1) return Buffer.from("PROXY UNKNOWN\r\n", "latin1");
  return newHeader(commandLocal, familyUnspecified, 0);
}

function encodeTcp(ipv4: boolean, sourcePort: number, destinationPort: number): Uint8Array {
  const blockBytes = ipv4 ? tcp4Bytes : tcp6Bytes;
  const header = newHeader(commandProxy, ipv4 ? familyTcp4 : familyTcp6, blockBytes);
  const firstGroup = ipv4 ? 6 : 0;
  const ports = header.length - 4;
  writeGroups(sourceGroups, firstGroup, header, fixedBytes);
  writeGroups(destinationGroups, firstGroup, header, fixedBytes + (ipv4 ? 4 : 16));
  writePort(sourcePort, header, ports);
  writePort(destinationPort, header, ports + 2);
  return header;
}

function newHeader(command: number, family: number, blockBytes: number): Uint8Array {
  const header = new Uint8Array(fixedBytes + blockBytes);
  header.set(signature, 0);
  header[12] = command;
  header[13] = family;
  writePort(blockBytes, header, 14);
  return header;
}
