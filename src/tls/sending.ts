// What the owner writes, sealed at once and handed to the transport: what that cannot send it keeps, and
// says so, as it would without TLS.
import { takeError } from "../sys/openssl/error.ts";
import { sslShutdown } from "../sys/openssl/session.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

/** As Connection.write. Before the handshake is complete everything is kept. */
export function send(to: TlsConnection, bytes: Uint8Array, start: number, end: number): boolean {
  if (to.closed || to.ending || to.problem !== "" || start >= end) return true;
  if (to.phase !== TlsPhase.open) {
    to.early ??= [];
    to.early.push(bytes.slice(start, end));
    return false;
  }
  const { records } = to.layer;
  if (records.seal(to.ssl, bytes, start, end) > 0) return records.send(to.transport);
  const problem = takeError();
  // An alert, if OpenSSL has one: nobody else may find it here.
  records.send(to.transport);
  failLater(to, problem);
  return true;
}

/** Nothing may be told from inside the owner's call: it is told when the transport calls. */
function failLater(to: TlsConnection, problem: string): void {
  const { transport, layer } = to;
  to.problem = problem === "" ? "OpenSSL refused to write" : problem;
  transport.pause();
  transport.unread(layer.records.bytes, 0, 0);
  transport.resume();
}

/** close_notify: without it the peer could not tell the end from an attack (RFC 8446 section 6.1). */
export function sayGoodbye(to: TlsConnection): void {
  if (sslShutdown(to.ssl) < 0) takeError();
  to.layer.records.send(to.transport);
}

/** Kept until the handshake is complete. */
export function earlyBytes({ early }: TlsConnection): number {
  return early === null ? 0 : early.reduce((sum, { length }) => sum + length, 0);
}

/** As Connection.end; before the handshake is complete it waits for that. */
export function finish(to: TlsConnection): void {
  if (to.ending || to.closed) return;
  to.ending = true;
  if (to.phase === TlsPhase.open) sayGoodbye(to);
  else if (to.phase !== TlsPhase.clear) return;
  to.transport.end();
}
