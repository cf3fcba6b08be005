// A new plan reaches those that have no server yet. Sessions call replan() when the data plane has
// taken a plan; when all have, seekAgain() follows for each. What is connected goes on as it is.
import type { Backend, Server } from "./backend.ts";
import { placeAndConnect } from "./connecting.ts";
import type { Dispatch } from "./dispatch.ts";
import { DispatchState } from "./dispatch-state.ts";
import { giveUpWaiting, moveTo } from "./placing.ts";
import { Ended } from "../termination.ts";

/**
 * A new plan came before it had a server: its next picks are of that plan. A connect under way goes
 * on, to a server that the new plan may not have any more. Null: neither its frontend nor its backend
 * is left, and other backends may soon have their rows, so there is nothing to pick.
 */
export function replan(dispatch: Dispatch, backend: Backend | null): void {
  if (dispatch.state === DispatchState.connected || backend === dispatch.backend) return;
  dispatch.targetIndex = -1;
  if (backend === null) {
    if (dispatch.state === DispatchState.connecting || dispatch.state === DispatchState.idle)
      return;
    dispatch.owner.abandon(Ended.killed, dispatch.phase());
    return;
  }
  if (keepsWaiting(dispatch, backend)) return;
  giveUpWaiting(dispatch);
  moveTo(dispatch, backend);
}

/**
 * Whoever has lost its queue by the plan looks for a place. The data plane asks the oldest first: it
 * comes first, and nobody has to look for its place by age among thousands of younger ones.
 */
export function seekAgain(dispatch: Dispatch): void {
  const { state, waiting } = dispatch;
  if (state === DispatchState.queued && waiting === null) placeAndConnect(dispatch);
}

/**
 * Whoever waits in a queue that the new plan has too stays where it is: thousands that leave and come
 * back, each to its place by age, would cost the square of their number.
 */
function keepsWaiting(dispatch: Dispatch, backend: Backend): boolean {
  const { waiting } = dispatch;
  // Servers that have failed it are known by their order in the plan before.
  if (waiting === null || dispatch.excluded !== null) return false;
  if (backend.row !== dispatch.backend.row || !backend.limited) return false;
  let server: Server | null = null;
  if (waiting.server !== null) {
    const { row } = waiting.server;
    server = backend.servers.find((each) => each.row === row) ?? null;
    if (server === null || !isBound(backend)) return false;
  } else if (backend.selection.affine) return false;
  waiting.server = server;
  dispatch.backend = backend;
  return true;
}

/** Somebody may wait there for one server alone. */
function isBound({ selection, stick, persistence }: Backend): boolean {
  return selection.affine || stick !== null || persistence !== null;
}
