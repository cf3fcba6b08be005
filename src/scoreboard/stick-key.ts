// What a session sticks by, as bytes: a client's address or a text such as a TLS server name. The
// owner fills it and passes it to a sticky table, again and again; filling it allocates nothing. Keys
// are filled with their table's seed (StickTable.newKey), so none is made without a table.
import type { SocketAddress } from "../config/address.ts";
import {
  formatIpv4,
  formatIpv6,
  newIpGroups,
  readIpv4,
  readIpv6,
  writeGroups,
} from "../config/ip-groups.ts";
import { parseIp } from "../config/ip-scan.ts";
import { type HashSeed, KeyedHash } from "./keyed-hash.ts";

/** What the bytes of a key are: equal bytes of different kinds are different keys. */
export const KeyKind = {
  none: 0,
  ipv4: 1,
  ipv6: 2,
  text: 3,
} as const;
export type KeyKind = (typeof KeyKind)[keyof typeof KeyKind];

/** Longer texts are no keys: a name in DNS, and so an SNI, has at most 255 bytes (RFC 1035, 2.3.4). */
export const keyBytesMax = 255;

const groups = newIpGroups();
const encoder = new TextEncoder();
/** Room for one character more than fits, so that a text that is too long shows. */
const roomBytes = keyBytesMax + 5;

export class StickKey {
  /** `none`: it holds no key; nothing is found or stored by it. */
  kind: KeyKind;
  readonly bytes: Uint8Array;
  /** The same bytes as cells; zero behind the last byte up to the end of its cell. */
  readonly words: Int32Array;
  length: number;
  /** Of kind, length and bytes; signed 32-bit halves. */
  hashLow: number;
  hashHigh: number;
  private readonly hash: KeyedHash;

  constructor(seed: HashSeed) {
    this.kind = KeyKind.none;
    this.bytes = new Uint8Array(roomBytes);
    this.words = new Int32Array(this.bytes.buffer);
    this.length = 0;
    this.hashLow = 0;
    this.hashHigh = 0;
    this.hash = new KeyedHash(seed);
  }

  /** An address without its port, and an IPv6 one without its zone; a unix socket's path as text. */
  setAddress(address: SocketAddress): void {
    if (address.family === "unix") this.setText(address.path);
    else if (!parseIp(address.family, address.host, groups)) this.setText(address.host);
    else if (address.family === "ipv4") {
      writeGroups(groups, 6, this.bytes, 0);
      this.complete(KeyKind.ipv4, 4);
    } else {
      writeGroups(groups, 0, this.bytes, 0);
      this.complete(KeyKind.ipv6, 16);
    }
  }

  /** A text as UTF-8. An empty one and one of more than keyBytesMax bytes are no keys. */
  setText(text: string): void {
    let length = 0;
    if (text.length <= keyBytesMax) {
      // Nearly all are ASCII, and a loop is faster than the encoder for what is this short.
      for (; length < text.length; length++) {
        const code = text.charCodeAt(length);
        if (code > 0x7f) break;
        this.bytes[length] = code;
      }
      if (length < text.length) length = encoder.encodeInto(text, this.bytes).written;
    }
    if (length === 0 || length > keyBytesMax) this.clear();
    else this.complete(KeyKind.text, length);
  }

  clear(): void {
    this.kind = KeyKind.none;
    this.length = 0;
  }

  private complete(kind: KeyKind, length: number): void {
    this.kind = kind;
    this.length = length;
    for (let at = length; (at & 3) !== 0; at++) this.bytes[at] = 0;
    this.hash.sum(this.bytes, length);
    this.hashLow = this.hash.low ^ kind;
    this.hashHigh = this.hash.high;
  }
}

/** The bytes of a key as people write them; a name that was cut ends in "...". For listings. */
export function keyText(kind: KeyKind, bytes: Uint8Array, length: number): string {
  if (kind === KeyKind.ipv4) {
    readIpv4(bytes, 0, groups);
    return formatIpv4(groups);
  }
  if (kind === KeyKind.ipv6) {
    readIpv6(bytes, 0, groups);
    return formatIpv6(groups);
  }
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.length));
  return kept.toString("utf8") + (length > bytes.length ? "..." : "");
}

const nameHash = new KeyedHash({ low: 0, high: 0 });

/**
 * What a sticky table keeps of a server: a 32-bit hash of its name, never 0, the same in every
 * thread and after every reload, whatever the server's place or row.
 */
export function stickServer(name: string): number {
  const bytes = encoder.encode(name);
  nameHash.sum(bytes, bytes.length);
  return nameHash.low === 0 ? 1 : nameHash.low;
}
