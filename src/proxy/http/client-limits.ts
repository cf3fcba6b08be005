// The time limits of an HTTP client: a whole head, the next request, more of a body, taking what it is
// sent. One lazy timer: a limit is a moment written down; the timer is armed when it would come too
// late, and looks at the moment when it fires. So a request costs no timer at all.
import type { HttpSession } from "./http-session.ts";

export const ClientLimit = {
  none: 0,
  /** timeout.httpRequest: a head has begun, or the first one is awaited. */
  head: 1,
  /** timeout.httpKeepAlive: the next request. */
  keepAlive: 2,
  /** timeout.client: it does not send on, or does not take what waits for it. */
  client: 3,
  /** We have ended, and wait for its end. */
  linger: 4,
} as const;
export type ClientLimit = (typeof ClientLimit)[keyof typeof ClientLimit];

const lingerMs = 2000;

export function limitClient(session: HttpSession, limit: ClientLimit): void {
  const limitMs = limitOf(session, limit);
  session.limit = limit;
  if (limitMs === 0) {
    session.deadlineMs = Infinity;
    return;
  }
  const deadlineMs = session.plane.reactor.nowMs + limitMs;
  session.deadlineMs = deadlineMs;
  if (session.timer.dueMs > deadlineMs) session.timer.arm(limitMs);
}

function limitOf({ frontend, settings }: HttpSession, limit: ClientLimit): number {
  switch (limit) {
    case ClientLimit.head:
      return settings.timeout.httpRequestMs;
    case ClientLimit.keepAlive:
      return settings.timeout.httpKeepAliveMs;
    case ClientLimit.client:
      return frontend.plan.timeout.clientMs;
    case ClientLimit.linger:
      return lingerMs;
    default:
      return 0;
  }
}
