// A new plan reaches the sessions that have no server yet. The data plane calls it for each; those
// that are established go on as they are.
import type { Backend } from "./backend.ts";
import { placeAndConnect } from "./connecting.ts";
import { giveUpWaiting, moveTo } from "./placing.ts";
import type { Session } from "./session.ts";
import { SessionState } from "./session-state.ts";
import { Ended } from "./termination.ts";

/**
 * A new plan came before the session had a server: its next picks are of that plan. A connect under
 * way goes on, to a server that the new plan may not have any more. Null: neither its frontend nor
 * its backend is left, and other backends may soon have their rows, so there is nothing to pick.
 */
export function replan(session: Session, backend: Backend | null): void {
  if (session.state >= SessionState.tunnel || backend === session.backend) return;
  session.targetIndex = -1;
  if (backend === null) {
    if (session.state !== SessionState.connecting) session.abort(Ended.killed, session.phase());
    return;
  }
  giveUpWaiting(session);
  moveTo(session, backend);
  if (session.state === SessionState.queued) placeAndConnect(session);
}
