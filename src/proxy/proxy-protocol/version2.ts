// Version 2 of the PROXY protocol: 16 fixed bytes, an address block, and TLVs (section 2.2). Called
// by parse.ts alone. TLVs are walked and their checksum is verified; their meaning is not read.
import type { SocketAddress } from "../../config/address.ts";
import { crc32c } from "./crc32c.ts";
import {
  newIpGroups,
  readIpv4,
  readIpv6,
  readPort,
  socketAddress,
} from "../../config/ip-groups.ts";
import { incomplete, type ProxyHeader, proxyHeaderBytesMax, refuse } from "./proxy-header.ts";
import {
  commandLocal,
  commandProxy,
  familyTcp4,
  familyTcp6,
  familyUnix,
  familyUnspecified,
  fixedBytes,
  signature,
  tcp4Bytes,
  tcp6Bytes,
  unixBytes,
  unixPathBytes,
} from "./version2-layout.ts";

const tlvHeaderBytes = 3;
const tlvChecksum = 0x03;

const groups = newIpGroups();
// A unix path is bytes; what is not UTF-8 shows as replacement characters. ignoreBOM keeps a BOM.
const pathDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** As parseProxyHeader, for a header whose first byte is CR. */
export function parseVersion2(
  bytes: Uint8Array,
  start: number,
  end: number,
  header: ProxyHeader,
): number {
  const arrived = end - start;
  for (let i = 1; i < signature.length && i < arrived; i++) {
    if (bytes[start + i] !== signature[i]) return refuse(header, "not a PROXY protocol header");
  }
  if (arrived <= 12) return incomplete;

  const command = bytes[start + 12] ?? 0;
  if (command >> 4 !== 2) return refuse(header, "version is not 2");
  if (command !== commandProxy && command !== commandLocal) {
    return refuse(header, "command is not LOCAL or PROXY");
  }
  if (arrived <= 13) return incomplete;

  // LOCAL: "discard the protocol block including the family which is ignored".
  const local = command === commandLocal;
  const family = bytes[start + 13] ?? 0;
  const addressBytes = local ? 0 : addressBlockBytes(family);
  if (addressBytes < 0) {
    const datagram = (family & 0x0f) === 2;
    return refuse(
      header,
      datagram ? "datagram protocol on a stream" : "unknown family or protocol",
    );
  }
  if (arrived <= 14) return incomplete;

  const high = (bytes[start + 14] ?? 0) << 8;
  const low = arrived > 15 ? (bytes[start + 15] ?? 0) : -1;
  const lengthMin = high | (low < 0 ? 0 : low);
  const lengthMax = high | (low < 0 ? 255 : low);
  if (lengthMin > proxyHeaderBytesMax - fixedBytes) return refuse(header, "header is too long");
  if (lengthMax < addressBytes) return refuse(header, "header is too short for its addresses");
  if (low < 0) return incomplete;

  const block = start + fixedBytes;
  const headerEnd = block + (high | low);
  // With an unspecified family there is no address block, so that TLVs follow at once (HAProxy
  // sends its checksum there). A LOCAL header of another family is skipped unread.
  const tlvs = local && family !== familyUnspecified ? headerEnd : block + addressBytes;
  const answer = checkTlvs(bytes, start, tlvs, headerEnd, end, header);
  if (answer > 0) {
    header.version = 2;
    header.local = local || family === familyUnspecified;
    if (!header.local) readAddresses(bytes, block, family, header);
  }
  return answer;
}

/** Bytes of the address block; -1: not a family and protocol that a stream may have. */
function addressBlockBytes(family: number): number {
  switch (family) {
    case familyUnspecified:
      return 0;
    case familyTcp4:
      return tcp4Bytes;
    case familyTcp6:
      return tcp6Bytes;
    case familyUnix:
      return unixBytes;
    default:
      return -1;
  }
}

/** Walks the TLVs as far as they have arrived. Answers the whole header's length when all is well. */
function checkTlvs(
  bytes: Uint8Array,
  start: number,
  tlvs: number,
  headerEnd: number,
  end: number,
  header: ProxyHeader,
): number {
  let at = tlvs;
  let checksum = -1;
  while (at < headerEnd) {
    if (headerEnd - at < tlvHeaderBytes) return refuse(header, "TLV lengths do not add up");
    if (end - at < tlvHeaderBytes) return incomplete;
    const value = at + tlvHeaderBytes;
    const next = value + readPort(bytes, at + 1);
    if (next > headerEnd) return refuse(header, "TLV lengths do not add up");
    if (bytes[at] === tlvChecksum) {
      if (next - value !== 4 || checksum >= 0) return refuse(header, "bad checksum TLV");
      checksum = value;
    }
    at = next;
  }
  if (end < headerEnd) return incomplete;
  if (checksum >= 0) {
    const said = ((readPort(bytes, checksum) << 16) | readPort(bytes, checksum + 2)) >>> 0;
    if (crc32c(bytes, start, headerEnd, checksum) !== said) {
      return refuse(header, "checksum is wrong");
    }
  }
  return headerEnd - start;
}

function readAddresses(bytes: Uint8Array, at: number, family: number, header: ProxyHeader): void {
  if (family === familyUnix) {
    header.source = readUnix(bytes, at);
    header.destination = readUnix(bytes, at + unixPathBytes);
    return;
  }
  const ipv4 = family === familyTcp4;
  const read = ipv4 ? readIpv4 : readIpv6;
  const ipBytes = ipv4 ? 4 : 16;
  read(bytes, at, groups);
  header.source = socketAddress(groups, readPort(bytes, at + 2 * ipBytes));
  read(bytes, at + ipBytes, groups);
  header.destination = socketAddress(groups, readPort(bytes, at + 2 * ipBytes + 2));
}

/** The path up to its first NUL; null when there is none (an unnamed or abstract socket). */
function readUnix(bytes: Uint8Array, at: number): SocketAddress | null {
  let end = at;
  while (end < at + unixPathBytes && bytes[end] !== 0) end++;
  if (end === at) return null;
  return { family: "unix", path: pathDecoder.decode(bytes.subarray(at, end)) };
}
