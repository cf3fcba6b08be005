// A server is picked (placing.ts) and connected, and again when that fails, unseen by the client, up
// to `retries` times. With redispatch a retry goes at once to a server not tried yet; when all have
// been tried, or without redispatch, it waits a moment first (HAProxy's turn-around), because a
// server that refuses now will refuse a microsecond later.
import { Reason } from "../../reactor/reactor.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import { Ended, Phase } from "../termination.ts";
import type { Server } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";
import { Began, DispatchState } from "./dispatch-state.ts";
import { connectSucceeded, connectUnsuccessful, observeConnect } from "./outcome.ts";
import { chooseBackend, exclude, place, Placed, queueTimedOut } from "./placing.ts";

const turnAroundMs = 1000;
/** Out of descriptors: somebody's session ends soon. Not the server's fault, so not an attempt. */
const exhaustedRetryMs = 100;

/** Why an attempt failed. */
export const Attempt = { refused: 0, timedOut: 1, exhausted: 2 } as const;
export type Attempt = (typeof Attempt)[keyof typeof Attempt];

export function connectRefused(reason: Reason): Attempt {
  if (reason === Reason.exhausted || reason === Reason.addressInUse) return Attempt.exhausted;
  return reason === Reason.timedOut ? Attempt.timedOut : Attempt.refused;
}

export function startConnecting(dispatch: Dispatch): void {
  dispatch.startMs = dispatch.plane.reactor.nowMs;
  chooseBackend(dispatch);
  placeAndConnect(dispatch);
}

/** Finds it a server, or a place in a queue, or ends it. */
export function placeAndConnect(dispatch: Dispatch): void {
  const index = place(dispatch);
  if (index >= 0) connectTo(dispatch, index);
  if (index !== Placed.nobody) return;
  const { backend, plane } = dispatch;
  if (dispatch.excluded === null || backend.selection.usable === 0) {
    plane.board.backends.count(backend.row, backendField.noServer, 1);
    dispatch.owner.abandon(Ended.server, Phase.connect);
    return;
  }
  // Every usable server was tried: another round, after a moment.
  dispatch.excluded = null;
  pause(dispatch, turnAround(dispatch));
}

/** Connects to the server on which placing.ts has taken a place. */
export function connectTo(dispatch: Dispatch, index: number): void {
  const { plane, backend } = dispatch;
  const server = dispatch.target as Server;
  dispatch.state = DispatchState.connecting;
  dispatch.targetIndex = index;
  dispatch.attempts++;
  countRetry(dispatch, server);
  if (server.address === null) {
    // It had an address when it was picked; as good as refused.
    connectFailed(dispatch, Attempt.refused);
    return;
  }
  dispatch.attemptStartMs = plane.reactor.nowMs;
  if (dispatch.owner.connectTo(server) === Began.connected) return;
  plane.board.servers.count(server.row, serverField.connects, 1);
  if (backend.timeout.connectMs > 0) dispatch.timer.arm(backend.timeout.connectMs);
}

/** After a failed attempt: the same server again is a retry, another one a redispatch. */
function countRetry(dispatch: Dispatch, server: Server): void {
  const { failed, backend } = dispatch;
  if (failed === null || !dispatch.failedLast) return;
  dispatch.failedLast = false;
  const { servers, backends } = dispatch.plane.board;
  if (failed.row === server.row) {
    servers.count(server.row, serverField.retries, 1);
    backends.count(backend.row, backendField.retries, 1);
  } else {
    dispatch.redispatched = true;
    servers.count(failed.row, serverField.redispatches, 1);
    backends.count(backend.row, backendField.redispatches, 1);
  }
}

/** The handshake with its server is complete. `timed`: it tells how fast the server is. */
export function connected(dispatch: Dispatch, timed: boolean): void {
  const { plane, backend } = dispatch;
  const server = dispatch.target as Server;
  const { nowMs } = plane.reactor;
  hasServer(dispatch, server);
  dispatch.connectMs = nowMs - dispatch.startMs - dispatch.queueMs;
  // Attempts with other servers before it are not this one's.
  plane.board.servers.count(server.row, serverField.connectMs, nowMs - dispatch.attemptStartMs);
  if (timed) observeConnect(dispatch, server);
  connectSucceeded(dispatch, server);
  plane.board.backends.count(backend.row, backendField.connectMs, dispatch.connectMs);
}

/** It goes over a connection to its server that was there. */
export function reused(dispatch: Dispatch): void {
  hasServer(dispatch, dispatch.target as Server);
  dispatch.connectMs = 0;
}

function hasServer(dispatch: Dispatch, server: Server): void {
  dispatch.state = DispatchState.connected;
  dispatch.excluded = null;
  dispatch.reason = "";
  dispatch.backend.stick?.keep(dispatch, server);
  dispatch.plane.board.servers.count(server.row, serverField.sessions, 1);
}

/** Its timer: the attempt or the wait took too long, or the pause is over. */
export function dispatchTimerFired(dispatch: Dispatch): void {
  if (dispatch.state === DispatchState.connecting) {
    dispatch.owner.dropAttempt();
    dispatch.reason = "no answer within timeout.connect";
    connectFailed(dispatch, Attempt.timedOut);
    return;
  }
  if (dispatch.state === DispatchState.queued) {
    queueTimedOut(dispatch);
    return;
  }
  const { targetIndex } = dispatch;
  if (dispatch.target !== null && targetIndex >= 0) {
    connectTo(dispatch, targetIndex);
    return;
  }
  dispatch.leaveServer();
  placeAndConnect(dispatch);
}

/** The attempt failed; its connection is closed already. */
export function connectFailed(dispatch: Dispatch, attempt: Attempt): void {
  const { board, reactor } = dispatch.plane;
  const { backend, target } = dispatch;
  const server = target as Server;
  const timedOut = attempt === Attempt.timedOut;
  dispatch.timer.cancel();
  if (attempt === Attempt.exhausted) {
    retryWhenFree(dispatch, reactor.nowMs);
    return;
  }
  dispatch.failed = server;
  dispatch.failedLast = true;
  // One whose name does not resolve was never tried.
  if (server.address !== null) connectUnsuccessful(dispatch, server);
  board.servers.count(
    server.row,
    timedOut ? serverField.connectTimeouts : serverField.connectFailures,
    1,
  );
  if (timedOut) board.backends.count(backend.row, backendField.connectTimeouts, 1);
  if (dispatch.attempts > backend.retries) {
    board.backends.count(backend.row, backendField.connectFailures, 1);
    dispatch.owner.abandon(timedOut ? Ended.serverTimeout : Ended.server, Phase.connect);
    return;
  }
  if (!backend.redispatch) {
    pause(dispatch, turnAround(dispatch));
    return;
  }
  exclude(dispatch, dispatch.targetIndex);
  dispatch.leaveServer();
  placeAndConnect(dispatch);
}

/** No descriptor or no local port: waits for one as long as a connect may take. */
function retryWhenFree(dispatch: Dispatch, nowMs: number): void {
  const { connectMs } = dispatch.backend.timeout;
  dispatch.attempts--;
  if (connectMs > 0 && nowMs - dispatch.startMs >= connectMs) {
    dispatch.owner.abandon(Ended.resource, Phase.connect);
    return;
  }
  dispatch.leaveServer();
  pause(dispatch, exhaustedRetryMs);
}

function pause(dispatch: Dispatch, delayMs: number): void {
  dispatch.state = DispatchState.pausing;
  dispatch.timer.arm(delayMs);
}

function turnAround(dispatch: Dispatch): number {
  const { connectMs } = dispatch.backend.timeout;
  return connectMs > 0 ? Math.min(connectMs, turnAroundMs) : turnAroundMs;
}
