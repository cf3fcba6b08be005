// The default log line: one flat JSON object, for whatever collects logs today. Built by
// concatenation, without an object per line. Called once a session through registry.ts.
import { formatAddress } from "../../config/address.ts";
import { terminationCode } from "../termination.ts";
import { quoted } from "./json-text.ts";
import { isoTime } from "./log-time.ts";
import type { SessionRecord } from "./record.ts";

/**
 * One line with its newline. `peer` is there only when it is not the client, `reason` when there is
 * one; `serverAddress` is null when no server was chosen.
 */
export function formatJson(record: SessionRecord): string {
  return `{${sessionFields(record)}}\n`;
}

/** Without the braces: more may follow. */
export function sessionFields(record: SessionRecord): string {
  const peer = record.peer === null ? "" : `"peer":${quoted(formatAddress(record.peer))},`;
  const reason = record.reason === "" ? "" : `"reason":${quoted(record.reason)},`;
  const server = record.serverAddress;
  return (
    `"time":"${isoTime(record.acceptedAtMs)}",` +
    `"frontend":${quoted(record.frontend)},` +
    `"backend":${quoted(record.backend)},` +
    `"server":${quoted(record.server)},` +
    `"client":${quoted(formatAddress(record.client))},${peer}` +
    `"bind":${quoted(formatAddress(record.bind))},` +
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
