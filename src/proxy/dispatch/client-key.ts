// What a client is known by: its address, or the server name of its TLS hello. Hash methods want a
// number of it, sticky tables the bytes themselves.
import { hashBytes, hashIpv6, nameHash } from "../../balance/key-hash.ts";
import { noKey } from "../../balance/policy.ts";
import type { SocketAddress } from "../../config/address.ts";
import { newIpGroups, writeGroups } from "../../config/ip-groups.ts";
import { parseIp } from "../../config/ip-scan.ts";
import type { StickKey } from "../../scoreboard/stick-key.ts";

const groups = newIpGroups();
const bytes = new Uint8Array(16);

/** What policies pick by; `noKey` for a client of a unix socket: those are all the same. */
export function addressHash(client: SocketAddress): number {
  if (client.family === "unix" || !parseIp(client.family, client.host, groups)) return noKey;
  if (client.family === "ipv4") {
    writeGroups(groups, 6, bytes, 0);
    return hashBytes(bytes, 0, 4);
  }
  writeGroups(groups, 0, bytes, 0);
  return hashIpv6(bytes, 0);
}

/** The same of a TLS server name; empty: there is none. */
export function serverNameHash(name: string): number {
  return name === "" ? noKey : nameHash(name);
}

/** Fills a sticky table's key; empty for a client of a unix socket. */
export function fillAddress(key: StickKey, client: SocketAddress): void {
  if (client.family === "unix") key.clear();
  else key.setAddress(client);
}

/** The same with a TLS server name. */
export function fillName(key: StickKey, name: string): void {
  key.setText(name);
}
