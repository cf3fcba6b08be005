// From the error codes of node:net to the reactor's reasons. Used by the node reactor only.
import { Reason } from "../reactor.ts";

const reasons: ReadonlyMap<string, Reason> = new Map([
  ["ECONNRESET", Reason.reset],
  ["EPIPE", Reason.reset],
  ["ECONNABORTED", Reason.reset],
  // shutdown(2) after the peer's RST.
  ["ENOTCONN", Reason.reset],
  ["ECONNREFUSED", Reason.refused],
  // A unix socket's path that does not exist.
  ["ENOENT", Reason.refused],
  ["ENETUNREACH", Reason.unreachable],
  ["EHOSTUNREACH", Reason.unreachable],
  ["ENETDOWN", Reason.unreachable],
  ["EHOSTDOWN", Reason.unreachable],
  ["EACCES", Reason.unreachable],
  ["EPERM", Reason.unreachable],
  ["ETIMEDOUT", Reason.timedOut],
  ["EMFILE", Reason.exhausted],
  ["ENFILE", Reason.exhausted],
  ["ENOBUFS", Reason.exhausted],
  ["ENOMEM", Reason.exhausted],
  ["EADDRINUSE", Reason.addressInUse],
  ["EADDRNOTAVAIL", Reason.addressInUse],
]);

/** The reason for an error of a connection or a connect. */
export function connectionReason(error: Error): Reason {
  return reasons.get(codeOf(error)) ?? Reason.other;
}

/** The reason for a failed listen: there, a missing right or path says nothing about a route. */
export function listenReason(error: Error): Reason {
  const reason = connectionReason(error);
  return reason === Reason.addressInUse || reason === Reason.exhausted ? reason : Reason.other;
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}
