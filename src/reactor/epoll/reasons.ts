// From errno numbers to the reactor's reasons.
import * as C from "../../sys/constants.ts";
import { Reason } from "../reactor.ts";

/** What an errno means to whoever owns the connection or listener. */
export function reasonOf(errno: number): Reason {
  switch (errno) {
    case C.ECONNRESET:
    case C.EPIPE:
    case C.ECONNABORTED:
      return Reason.reset;
    case C.ECONNREFUSED:
    case C.ENOENT:
      return Reason.refused;
    case C.ENETUNREACH:
    case C.EHOSTUNREACH:
    case C.ENETDOWN:
    case C.EHOSTDOWN:
    case C.EACCES:
    case C.EPERM:
      return Reason.unreachable;
    case C.ETIMEDOUT:
      return Reason.timedOut;
    case C.EMFILE:
    case C.ENFILE:
    case C.ENOBUFS:
    case C.ENOMEM:
      return Reason.exhausted;
    case C.EADDRINUSE:
    case C.EADDRNOTAVAIL:
      return Reason.addressInUse;
    default:
      return Reason.other;
  }
}
