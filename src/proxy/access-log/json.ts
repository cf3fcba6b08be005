// The default log line: one flat JSON object, for whatever collects logs today. Built by
// concatenation, without an object per line. Called once a session through registry.ts.
import { formatAddress } from "../../config/address.ts";
import { terminationCode } from "../termination.ts";
import { quoted } from "./json-text.ts";
import { isoTime } from "./log-time.ts";
import type { TlsFacts } from "../tls/tls-facts.ts";
import type { SessionRecord } from "./record.ts";

/**
 * One line with its newline. `peer` is there only when it is not the client, `sni`, `tls`, `reason` and
 * `route` when there is one; `serverAddress` is null when no server was chosen.
 */
export function formatJson(record: SessionRecord): string {
  const route = record.route === "" ? "" : `,"route":${quoted(record.route)}`;
  return `{${sessionFields(record)}${route}}\n`;
}

/** Without the braces: more may follow. */
export function sessionFields(record: SessionRecord): string {
  const peer = record.peer === null ? "" : `"peer":${quoted(formatAddress(record.peer))},`;
  const reason = record.reason === "" ? "" : `"reason":${quoted(record.reason)},`;
  const sni = record.sni === "" ? "" : `"sni":${quoted(record.sni)},`;
  const server = record.serverAddress;
  return (
    `"time":"${isoTime(record.acceptedAtMs)}",` +
    `"frontend":${quoted(record.frontend)},` +
    `"backend":${quoted(record.backend)},` +
    `"server":${quoted(record.server)},` +
    `"client":${quoted(formatAddress(record.client))},${peer}` +
    `"bind":${quoted(formatAddress(record.bind))},${sni}${tlsObject(record.tls)}` +
    `"serverAddress":${server === null ? "null" : quoted(formatAddress(server))},` +
    `"handshakeMs":${record.handshakeMs},` +
    `"queueMs":${record.queueMs},` +
    `"connectMs":${record.connectMs},` +
    `"totalMs":${record.totalMs},` +
    `"bytesIn":${record.bytesIn},` +
    `"bytesOut":${record.bytesOut},` +
    `"termination":"${terminationCode(record.ended, record.phase)}",${reason}` +
    `"retries":${record.retries},` +
    `"redispatched":${record.redispatched},` +
    `"actconn":${record.actconn},` +
    `"feconn":${record.feconn},` +
    `"beconn":${record.beconn},` +
    `"srvconn":${record.srvconn},` +
    `"srvQueue":${record.srvQueue},` +
    `"backendQueue":${record.backendQueue}`
  );
}

/** With a comma behind it; empty when there is nothing to tell. A member that is empty is left out. */
function tlsObject(tls: TlsFacts | null): string {
  if (tls === null) return "";
  const { sni, alpn, agreed } = tls;
  const members =
    (agreed === null ? "" : member("version", agreed.version) + member("cipher", agreed.cipher)) +
    (member("sni", sni) + member("alpn", alpn)) +
    (agreed === null ? "" : `"resumed":${agreed.resumed},`) +
    (agreed === null ? "" : member("clientSubject", agreed.subject));
  return members === "" ? "" : `"tls":{${members.slice(0, -1)}},`;
}

function member(name: string, text: string): string {
  return text === "" ? "" : `"${name}":${quoted(text)},`;
}
