// A plan that has been taken reaches the sessions of this worker: the data plane calls it once for
// each plan, when its frontends and backends are those of that plan.
import { seekAgain } from "../dispatch/replanning.ts";
import type { Session } from "./session.ts";

/** All of them; `newest` is the first of the worker's list. */
export function replanSessions(newest: Session | null): void {
  // All are found first: whoever ends meanwhile changes the list.
  const sessions: Session[] = [];
  for (let session = newest; session !== null; session = session.older) sessions.push(session);
  for (const session of sessions) session.replan();
  for (const { dispatch } of sessions.toReversed()) {
    if (dispatch !== null) seekAgain(dispatch);
  }
}
