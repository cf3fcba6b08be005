// What a session is kept together by: its client's address, or the server name of its TLS hello.
// What a request is kept together by no session has. Hash methods want a number of it, sticky tables the bytes themselves.
import { hashBytes, hashIpv6, nameHash } from "../balance/key-hash.ts";
import { noKey } from "../balance/policy.ts";
import type { SocketAddress } from "../config/address.ts";
import { newIpGroups, writeGroups } from "../config/ip-groups.ts";
import { parseIp } from "../config/ip-scan.ts";
import type { SessionKey } from "../config/plan.ts";
import type { StickKey } from "../scoreboard/stick-key.ts";
import type { Session } from "./session.ts";

const groups = newIpGroups();
const bytes = new Uint8Array(16);

/** The hash that a policy picks by; `noKey` when the session has nothing of that kind. */
export function keyHash(session: Session, on: SessionKey): number {
  if (on === "sni") return session.sni === "" ? noKey : nameHash(session.sni);
  if (on !== "source") return noKey;
  const client = clientOf(session);
  // Clients of a unix socket are all the same.
  if (client.family === "unix" || !parseIp(client.family, client.host, groups)) return noKey;
  if (client.family === "ipv4") {
    writeGroups(groups, 6, bytes, 0);
    return hashBytes(bytes, 0, 4);
  }
  writeGroups(groups, 0, bytes, 0);
  return hashIpv6(bytes, 0);
}

/** Fills a sticky table's key; empty when the session has nothing of that kind. */
export function fillStickKey(key: StickKey, session: Session, on: SessionKey): void {
  if (on === "sni") {
    key.setText(session.sni);
    return;
  }
  if (on !== "source") {
    key.clear();
    return;
  }
  const client = clientOf(session);
  if (client.family === "unix") key.clear();
  else key.setAddress(client);
}

/** Who the client is: what a PROXY protocol header says, if there is one. */
function clientOf({ source, client }: Session): SocketAddress {
  return source ?? client.remote;
}
