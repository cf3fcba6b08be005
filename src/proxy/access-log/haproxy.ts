// The line of HAProxy's `option tcplog`, byte for byte, so that tools made for its logs read ours:
// %ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq
// (its configuration manual, section 8.2.2). Called once a session through registry.ts.
import { terminationCode } from "../termination.ts";
import { localTime } from "./log-time.ts";
import type { SessionRecord } from "./record.ts";

/**
 * One line with its newline. What HAProxy's logs have in front of it is syslog's, not the format's.
 */
export function formatHaproxy(record: SessionRecord): string {
  const names = `${frontendName(record)} ${backendName(record)}/${serverName(record)}`;
  const times = `${record.queueMs}/${record.connectMs}/${record.totalMs}`;
  const ending = terminationCode(record.ended, record.phase);
  const connections = `${record.actconn}/${record.feconn}/${record.beconn}/${record.srvconn}`;
  const queues = `${record.srvQueue}/${record.backendQueue}`;
  return (
    `${clientHost(record)}:${clientPort(record)} [${localTime(record.acceptedAtMs)}] ` +
    `${names} ${times} ${record.bytesOut} ${ending} ${connections}/${retries(record)} ${queues}\n`
  );
}

/** `%ci`: an address without brackets, or the word `unix`. */
export function clientHost(record: SessionRecord): string {
  return record.client.family === "unix" ? "unix" : record.client.host;
}

/** `%cp`: the port; of a unix client the number of the bind that accepted it. */
export function clientPort(record: SessionRecord): number {
  return record.client.family === "unix" ? record.bindId : record.client.port;
}

/** `%ft`: a tilde says that the bind speaks TLS. */
export function frontendName(record: SessionRecord): string {
  return record.tls === null ? record.frontend : `${record.frontend}~`;
}

/** `%b`: HAProxy names the frontend when no backend was chosen. */
export function backendName(record: SessionRecord): string {
  return record.backend === "" ? record.frontend : record.backend;
}

/** `%s`. */
export function serverName(record: SessionRecord): string {
  return record.server === "" ? "<NOSRV>" : record.server;
}

/** `%rc`: a plus sign says that the last attempt went to another server. */
export function retries(record: SessionRecord): string {
  return record.redispatched ? `+${record.retries}` : String(record.retries);
}
