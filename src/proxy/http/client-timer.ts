// What happens when the moment that client-limits.ts has written down is there.
import { SessionState } from "../session/session-state.ts";
import { Ended, Phase } from "../termination.ts";
import { ClientLimit } from "./client-limits.ts";
import type { HttpSession } from "./http-session.ts";
import { refuseSlowBody, refuseSlowHead } from "./refusing.ts";

export function clientTimerFired(session: HttpSession): void {
  if (session.state === SessionState.handshake) {
    session.abort(Ended.clientTimeout, Phase.request);
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
      else refuseSlowBody(session, session.exchange);
      return;
    default:
      session.close();
  }
}
