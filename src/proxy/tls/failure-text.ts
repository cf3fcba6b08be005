// Why a connection failed, for logs: the reactor's word, or what TLS knows better.
import { type Connection, Reason, reasonNames } from "../../reactor/reactor.ts";
import { TlsConnection } from "../../tls/tls-connection.ts";

export function failureText(connection: Connection, reason: Reason): string {
  if (reason === Reason.tls && connection instanceof TlsConnection) {
    return `TLS: ${connection.problem}`;
  }
  return reasonNames[reason] ?? "";
}
