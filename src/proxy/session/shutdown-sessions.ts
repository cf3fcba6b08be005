// Ends the sessions of a server that was found down and is not to keep them (onMarkedDown).
import { Ended } from "../termination.ts";
import type { Session } from "./session.ts";

/** `newest`: the first in the worker's list. */
export function shutdownSessions(newest: Session | null, serverRow: number): void {
  // All are found first: whoever ends may make room for another, and so change the list.
  const found: Session[] = [];
  for (let session = newest; session !== null; session = session.older) {
    if (session.dispatch?.target?.row === serverRow) found.push(session);
  }
  for (const session of found) session.abort(Ended.serverDown, session.phase());
}
