// The line of HAProxy's `option httplog clf`, byte for byte: the Common Log Format that every log
// analyser reads, with HAProxy's own fields behind it (its configuration manual, section 8.2.3):
// %{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc
// %sc %rc %sq %bq %CC %CS %hrl %hsl. Called once an exchange through registry.ts.
import { terminationCode } from "../termination.ts";
import {
  backendName,
  clientHost,
  clientPort,
  frontendName,
  retries,
  serverName,
} from "./haproxy.ts";
import { escaped, requestLine, statusOf } from "./http-haproxy.ts";
import type { HttpRecord } from "./http-record.ts";
import { millisecondText, utcTime } from "./log-time.ts";

/** One line with its newline. */
export function formatHttpClf(record: HttpRecord): string {
  const accepted = record.acceptedAtMs;
  const origin = `${clientPort(record)} ${millisecondText(accepted)}`;
  const names = `"${frontendName(record)}" "${backendName(record)}" "${serverName(record)}"`;
  const waits = `${record.requestMs} ${record.queueMs} ${record.connectMs} ${record.responseMs}`;
  const ending = terminationCode(record.ended, record.phase) + record.cookie;
  const connections = `${record.actconn} ${record.feconn} ${record.beconn} ${record.srvconn}`;
  const queues = `${record.srvQueue} ${record.backendQueue}`;
  return (
    `${clientHost(record)} - - [${utcTime(accepted)}] "${requestLine(record)}" ` +
    `${statusOf(record)} ${record.bytesOut} "" "" ${origin} ${names} ${waits} ${record.totalMs} ` +
    `${ending} ${connections} ${retries(record)} ${queues} "-" "-"` +
    `${quotedEach(record.requestValues)}${quotedEach(record.responseValues)}\n`
  );
}

function quotedEach(values: readonly string[]): string {
  return values.map((value) => ` "${escaped(value)}"`).join("");
}
