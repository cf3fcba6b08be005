// What real traffic says of a server: each connect and each session that fails or succeeds is noted
// on its scoreboard row, where policies (latency) and outlier detection (failures in a row) look.
// Called by the phases of a session; it decides nothing about the session itself.
import { observeLatency } from "../../balance/latency.ts";
import { serverField } from "../../scoreboard/fields.ts";
import type { Server } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";

/** How long it took to connect is how fast a server is in tcp mode. */
export function observeConnect(dispatch: Dispatch, server: Server): void {
  const { board, clockMs, reactor } = dispatch.plane;
  observeLatency(board, server.row, (reactor.nowMs - dispatch.attemptStartMs) * 1000, clockMs);
}

/**
 * The server has accepted. That ends a row of failures, until the session proves otherwise: it
 * takes the row along, so that sessionBroken() can give it back. A server that accepts and resets
 * would never be found if each of its accepts were a success. No atomic write while all is well.
 */
export function connectSucceeded(dispatch: Dispatch, server: Server): void {
  const { board } = dispatch.plane;
  const errors = board.servers.load(server.row, serverField.errors);
  if (errors === 0) return;
  // Only one session takes it: failures are never counted twice.
  if (board.servers.replace(server.row, serverField.errors, errors, 0))
    dispatch.errorsTaken = errors;
}

/** It refused, reset or did not answer in time. Not for want of our own descriptors or ports. */
export function connectUnsuccessful(dispatch: Dispatch, server: Server): void {
  addErrors(dispatch, server, 1);
}

/** It reset the session before it had sent a byte: no better than a refused connect. */
export function sessionBroken(dispatch: Dispatch, server: Server): void {
  dispatch.plane.board.servers.count(server.row, serverField.earlyAborts, 1);
  addErrors(dispatch, server, dispatch.errorsTaken + 1);
}

/** A trip whenever the row of failures passes a multiple of the limit: the first may be in vain. */
function addErrors(dispatch: Dispatch, server: Server, errors: number): void {
  const { servers } = dispatch.plane.board;
  const before = servers.fetchAdd(server.row, serverField.errors, errors);
  const limit = dispatch.backend.consecutiveErrors;
  if (limit === 0) return;
  if (Math.floor((before + errors) / limit) > Math.floor(before / limit)) {
    servers.fetchAdd(server.row, serverField.trips, 1);
  }
}
