// The line of HAProxy's `option httplog`, byte for byte, so that tools made for its logs read ours:
// %ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq
// %hr %hs %{+Q}r (its configuration manual, section 8.2.3). Called once an exchange through registry.ts.
import { terminationCode } from "../termination.ts";
import {
  backendName,
  clientHost,
  clientPort,
  frontendName,
  retries,
  serverName,
} from "./haproxy.ts";
import type { HttpRecord } from "./http-record.ts";
import { localTime } from "./log-time.ts";

/** One line with its newline. We capture no cookies: %CC and %CS are dashes. */
export function formatHttpHaproxy(record: HttpRecord): string {
  const names = `${frontendName(record)} ${backendName(record)}/${serverName(record)}`;
  const waits = `${record.requestMs}/${record.queueMs}/${record.connectMs}`;
  const times = `${waits}/${record.responseMs}/${record.totalMs}`;
  const ending = terminationCode(record.ended, record.phase) + record.cookie;
  const connections = `${record.actconn}/${record.feconn}/${record.beconn}/${record.srvconn}`;
  const queues = `${record.srvQueue}/${record.backendQueue}`;
  const headers =
    captured(record.requestNames, record.requestValues) +
    captured(record.responseNames, record.responseValues);
  return (
    `${clientHost(record)}:${clientPort(record)} [${localTime(record.acceptedAtMs)}] ` +
    `${names} ${times} ${statusOf(record)} ${record.bytesOut} - - ${ending} ` +
    `${connections}/${retries(record)} ${queues} ${headers}"${requestLine(record)}"\n`
  );
}

/** `{a|b} `; nothing when no header is wanted. A bar in a value would look like the next one. */
function captured(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  return `{${names.map((_, i) => escaped(values[i] ?? "").replaceAll("|", "#7C")).join("|")}} `;
}

/** HAProxy says -1 where nothing was answered. */
export function statusOf({ status }: HttpRecord): number {
  return status === 0 ? -1 : status;
}

/** `GET / HTTP/1.1`, or what HAProxy says of what was no request. */
export function requestLine({ method, target, version }: HttpRecord): string {
  return method === "" ? "<BADREQ>" : escaped(`${method} ${target} ${version}`);
}

/** What could break the line, or a terminal, as HAProxy writes it: `#` and two hexadecimal digits. */
export function escaped(text: string): string {
  let out = "";
  let plainFrom = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x23) continue;
    const digits = code.toString(16).toUpperCase().padStart(2, "0");
    out += `${text.slice(plainFrom, i)}#${digits}`;
    plainFrom = i + 1;
  }
  return plainFrom === 0 ? text : out + text.slice(plainFrom);
}
