// The line of HAProxy's `option tcplog clf`, byte for byte: the Common Log Format that every log
// analyser reads, with HAProxy's own fields behind it (its configuration manual, section 8.2.2):
// %{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc
// %bc %sc %rc %sq %bq "" "" (and a space). Called once a session through registry.ts.
import { terminationCode } from "../termination.ts";
import {
  backendName,
  clientHost,
  clientPort,
  frontendName,
  retries,
  serverName,
} from "./haproxy.ts";
import { millisecondText, utcTime } from "./log-time.ts";
import type { SessionRecord } from "./record.ts";

/** One line with its newline. */
export function formatClf(record: SessionRecord): string {
  const accepted = record.acceptedAtMs;
  const origin = `${clientPort(record)} ${millisecondText(accepted)}`;
  const names = `"${frontendName(record)}" "${backendName(record)}" "${serverName(record)}"`;
  const waits = `${record.handshakeMs} ${record.queueMs} ${record.connectMs} ${record.totalMs}`;
  const ending = `${terminationCode(record.ended, record.phase)}--`;
  const connections = `${record.actconn} ${record.feconn} ${record.beconn} ${record.srvconn}`;
  const queues = `${record.srvQueue} ${record.backendQueue}`;
  return (
    `${clientHost(record)} - - [${utcTime(accepted)}] "TCP " 000 ${record.bytesOut} "" "" ` +
    `${origin} ${names} ${waits} ${record.bytesIn} ${ending} ` +
    `${connections} ${retries(record)} ${queues} "" "" \n`
  );
}
