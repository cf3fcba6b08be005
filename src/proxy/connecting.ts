// The second phase: a server is picked (placing.ts) and connected, and again when that fails, unseen by the client, up to `retries` times. With redispatch a retry goes at once to a
// server not tried yet; when all have been tried, or without redispatch, it waits a moment first
// (HAProxy's turn-around), because a server that refuses now will refuse a microsecond later.
import { Reason } from "../reactor/reactor.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import type { Server } from "./backend.ts";
import { connectUnsuccessful } from "./outcome.ts";
import { chooseBackend, exclude, place, Placed, queueTimedOut } from "./placing.ts";
import type { Session } from "./session.ts";
import { SessionState } from "./session-state.ts";
import { Ended, Phase } from "./termination.ts";

const turnAroundMs = 1000;
/** Out of descriptors: somebody's session ends soon. Not the server's fault, so not an attempt. */
const exhaustedRetryMs = 100;

/** Why an attempt failed. */
export const Attempt = { refused: 0, timedOut: 1, exhausted: 2 } as const;
export type Attempt = (typeof Attempt)[keyof typeof Attempt];

/** Of the attempt being made; filled anew each time, so that none allocates its own. */
const options = { keepaliveMs: 0, dataFollows: false };

export function connectRefused(reason: Reason): Attempt {
  if (reason === Reason.exhausted || reason === Reason.addressInUse) return Attempt.exhausted;
  return reason === Reason.timedOut ? Attempt.timedOut : Attempt.refused;
}

export function startConnecting(session: Session): void {
  session.connectStartMs = session.plane.reactor.nowMs;
  chooseBackend(session);
  placeAndConnect(session);
}

/** Gives the session a server, or a place in a queue, or ends it. */
export function placeAndConnect(session: Session): void {
  const index = place(session);
  if (index >= 0) connectTo(session, index);
  if (index !== Placed.nobody) return;
  const { backend, plane } = session;
  if (session.excluded === null || backend.selection.usable === 0) {
    plane.board.backends.count(backend.row, backendField.noServer, 1);
    session.abort(Ended.server, Phase.connect);
    return;
  }
  // Every usable server was tried: another round, after a moment.
  session.excluded = null;
  pause(session, turnAround(session));
}

/** Connects to the server on which placing.ts has taken a place. */
export function connectTo(session: Session, index: number): void {
  const { plane, backend } = session;
  const server = session.target as Server;
  session.state = SessionState.connecting;
  session.targetIndex = index;
  session.attempts++;
  countRetry(session, server);
  if (server.address === null) {
    // It had an address when it was picked; as good as refused.
    connectFailed(session, Attempt.refused);
    return;
  }
  plane.board.servers.count(server.row, serverField.connects, 1);
  session.attemptStartMs = plane.reactor.nowMs;
  options.keepaliveMs = backend.tcpKeepaliveMs;
  options.dataFollows = session.early !== null || server.sendProxy !== 0 || session.client.hasData;
  session.server = plane.reactor.connect(server.address, options, session);
  if (backend.timeout.connectMs > 0) session.timer.arm(backend.timeout.connectMs);
}

/** After a failed attempt: the same server again is a retry, another one a redispatch. */
function countRetry(session: Session, server: Server): void {
  const { failed, backend } = session;
  if (failed === null || !session.failedLast) return;
  session.failedLast = false;
  const { servers, backends } = session.plane.board;
  if (failed.row === server.row) {
    servers.count(server.row, serverField.retries, 1);
    backends.count(backend.row, backendField.retries, 1);
  } else {
    session.redispatched = true;
    servers.count(failed.row, serverField.redispatches, 1);
    backends.count(backend.row, backendField.redispatches, 1);
  }
}

/** The timer of this phase: the attempt or the wait took too long, or the pause is over. */
export function connectTimerFired(session: Session): void {
  if (session.state === SessionState.connecting) {
    session.server?.abort();
    session.reason = "no answer within timeout.connect";
    connectFailed(session, Attempt.timedOut);
    return;
  }
  if (session.state === SessionState.queued) {
    queueTimedOut(session);
    return;
  }
  const { targetIndex } = session;
  if (session.target !== null && targetIndex >= 0) {
    connectTo(session, targetIndex);
    return;
  }
  session.leaveServer();
  placeAndConnect(session);
}

/** The attempt failed; its connection is closed already. */
export function connectFailed(session: Session, attempt: Attempt): void {
  const { board, reactor } = session.plane;
  const { backend, target } = session;
  const server = target as Server;
  const timedOut = attempt === Attempt.timedOut;
  session.timer.cancel();
  session.server = null;
  if (attempt === Attempt.exhausted) {
    retryWhenFree(session, reactor.nowMs);
    return;
  }
  session.failed = server;
  session.failedLast = true;
  // One whose name does not resolve was never tried.
  if (server.address !== null) connectUnsuccessful(session, server);
  board.servers.count(
    server.row,
    timedOut ? serverField.connectTimeouts : serverField.connectFailures,
    1,
  );
  if (timedOut) board.backends.count(backend.row, backendField.connectTimeouts, 1);
  if (session.attempts > backend.retries) {
    board.backends.count(backend.row, backendField.connectFailures, 1);
    session.abort(timedOut ? Ended.serverTimeout : Ended.server, Phase.connect);
    return;
  }
  if (!backend.redispatch) {
    pause(session, turnAround(session));
    return;
  }
  exclude(session, session.targetIndex);
  session.leaveServer();
  placeAndConnect(session);
}

/** No descriptor or no local port: waits for one as long as a connect may take. */
function retryWhenFree(session: Session, nowMs: number): void {
  const { connectMs } = session.backend.timeout;
  session.attempts--;
  if (connectMs > 0 && nowMs - session.connectStartMs >= connectMs) {
    session.abort(Ended.resource, Phase.connect);
    return;
  }
  session.leaveServer();
  pause(session, exhaustedRetryMs);
}

function pause(session: Session, delayMs: number): void {
  session.state = SessionState.pausing;
  session.timer.arm(delayMs);
}

function turnAround(session: Session): number {
  const { connectMs } = session.backend.timeout;
  return connectMs > 0 ? Math.min(connectMs, turnAroundMs) : turnAroundMs;
}
