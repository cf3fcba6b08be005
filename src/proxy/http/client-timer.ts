// What happens when the moment that client-limits.ts has written down is there.
import { handshakeTimedOut } from "../accept/securing.ts";
import { SessionState } from "../session/session-state.ts";
import { Ended, Phase } from "../termination.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpSession } from "./http-session.ts";
import { refuseSlowBody, refuseSlowHead } from "./refusing.ts";

/** Its body is not read: there is no server yet, or it does not take what there is. */
function isHeldBack({ client }: HttpSession, { state, server }: Exchange): boolean {
  if (client.unsent > 0) return false;
  if (state === ExchangeState.dispatching) return true;
  return server !== null && server.connection.unsent > 0;
}

export function clientTimerFired(session: HttpSession): void {
  if (session.state === SessionState.handshake) {
    handshakeTimedOut(session);
    return;
  }
  const leftMs = session.deadlineMs - session.plane.reactor.nowMs;
  if (leftMs > 0) {
    if (leftMs !== Infinity) session.timer.arm(leftMs);
    return;
  }
  switch (session.limit) {
    case ClientLimit.head:
      refuseSlowHead(session);
      return;
    case ClientLimit.client:
      if (session.exchange === null) session.abort(Ended.clientTimeout, Phase.data);
      else if (isHeldBack(session, session.exchange)) limitClient(session, ClientLimit.client);
      else refuseSlowBody(session, session.exchange);
      return;
    default:
      session.close();
  }
}
