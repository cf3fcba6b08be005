// The third phase: both sides are connected and bytes flow, moved by the reactor. Here is what a
// tunnel decides: half-closes passed on, the session's end, and its time limits:
//
// - a side that does not take what waits for it: its own limit (client, server);
// - one direction has ended: clientFin;
// - both silent: tunnel; where tunnel is 0, the shorter of client and server, as in HAProxy.
//
// The timer is lazy: activity writes a number, and the timer looks at it when it fires.
import { proxyHeaderOf } from "../proxy-protocol/session-header.ts";
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import type { Connection } from "../../reactor/reactor.ts";
import { isTruncated } from "../../tls/receiving.ts";
import { TlsConnection } from "../../tls/tls-connection.ts";
import type { Server } from "../dispatch/backend.ts";
import type { TcpSession } from "./tcp-session.ts";
import { SessionState } from "../session/session-state.ts";
import { Ended } from "../termination.ts";

export function startTunnel(session: TcpSession): void {
  const { plane, client } = session;
  const server = session.server as Connection;
  const target = session.dispatch.target as Server;
  const { nowMs } = plane.reactor;
  session.state = SessionState.established;
  session.lastActivityMs = nowMs;
  if (target.sendProxy !== 0 && target.tls === null) {
    const header = proxyHeaderOf(session, target);
    server.write(header, 0, header.length);
  }
  if (session.early !== null) {
    const { early } = session;
    session.early = null;
    server.write(early, 0, early.length);
    tunnelForwarded(session, true, early.length);
  }
  if (session.clientEnded) server.end();
  client.forward(server);
  server.forward(client);
  armTimer(session, nowMs);
}

export function tunnelForwarded(session: TcpSession, fromClient: boolean, length: number): void {
  const { board, reactor } = session.plane;
  const target = session.dispatch.target as Server;
  session.lastActivityMs = reactor.nowMs;
  if (fromClient) {
    session.bytesIn += length;
    board.frontends.count(session.frontend.row, frontendField.bytesIn, length);
    board.backends.count(session.dispatch.backend.row, backendField.bytesIn, length);
    board.servers.count(target.row, serverField.bytesIn, length);
  } else {
    session.bytesOut += length;
    board.frontends.count(session.frontend.row, frontendField.bytesOut, length);
    board.backends.count(session.dispatch.backend.row, backendField.bytesOut, length);
    board.servers.count(target.row, serverField.bytesOut, length);
  }
}

/** One side has taken all that waited for it. */
export function tunnelDrained(session: TcpSession): void {
  session.lastActivityMs = session.plane.reactor.nowMs;
  closeWhenDone(session);
}

/** One side has finished sending: so have we, towards the other. */
export function tunnelEnded(session: TcpSession, clientSide: boolean): void {
  const server = session.server as Connection;
  if (clientSide) session.clientEnded = true;
  else session.serverEnded = true;
  if (session.clientEnded && session.serverEnded) {
    closeWhenDone(session);
    return;
  }
  // What may have been cut short must not look complete at the other side.
  const [from, to] = clientSide ? [session.client, server] : [server, session.client];
  if (to instanceof TlsConnection && isTruncated(from)) to.endAbruptly();
  else to.end();
  session.lastActivityMs = session.plane.reactor.nowMs;
  armTimer(session, session.lastActivityMs);
}

/** Closing a socket with unsent bytes would lose them: the last drain closes then. */
function closeWhenDone(session: TcpSession): void {
  if (!session.clientEnded || !session.serverEnded) return;
  if (session.client.unsent > 0 || (session.server as Connection).unsent > 0) return;
  session.close();
}

export function tunnelTimerFired(session: TcpSession): void {
  const { nowMs } = session.plane.reactor;
  const ended = expired(session, nowMs);
  if (ended === Ended.normal) armTimer(session, nowMs);
  else session.abort(ended, session.phase());
}

/** Whose limit has passed; normal: nobody's. */
function expired(session: TcpSession, nowMs: number): Ended {
  const { clientMs, clientFinMs } = session.frontend.plan.timeout;
  const { serverMs, tunnelMs } = session.dispatch.backend.timeout;
  const silentMs = nowMs - session.lastActivityMs;
  const clientStalls = session.client.unsent > 0;
  const serverStalls = (session.server as Connection).unsent > 0;
  if (clientStalls && passed(clientMs, silentMs)) return Ended.clientTimeout;
  if (serverStalls && passed(serverMs, silentMs)) return Ended.serverTimeout;
  if ((session.clientEnded || session.serverEnded) && passed(clientFinMs, silentMs)) {
    return session.clientEnded ? Ended.serverTimeout : Ended.clientTimeout;
  }
  if (tunnelMs > 0) return passed(tunnelMs, silentMs) ? Ended.clientTimeout : Ended.normal;
  if (passed(clientMs, silentMs) && !serverStalls) return Ended.clientTimeout;
  return passed(serverMs, silentMs) && !clientStalls ? Ended.serverTimeout : Ended.normal;
}

function passed(limitMs: number, silentMs: number): boolean {
  return limitMs > 0 && silentMs >= limitMs;
}

/** Armed for the earliest moment at which any limit could have passed. */
function armTimer(session: TcpSession, nowMs: number): void {
  const { clientMs, clientFinMs } = session.frontend.plan.timeout;
  const { serverMs, tunnelMs } = session.dispatch.backend.timeout;
  const silentMs = nowMs - session.lastActivityMs;
  let waitMs = Math.min(
    dueMs(clientMs, silentMs),
    dueMs(serverMs, silentMs),
    dueMs(tunnelMs, silentMs),
  );
  if (session.clientEnded || session.serverEnded) {
    waitMs = Math.min(waitMs, dueMs(clientFinMs, silentMs));
  }
  if (waitMs === Infinity) session.timer.cancel();
  else session.timer.arm(waitMs);
}

/** A limit that has passed but does not apply now may apply as soon as a side stalls. */
function dueMs(limitMs: number, silentMs: number): number {
  if (limitMs === 0) return Infinity;
  return limitMs > silentMs ? limitMs - silentMs : limitMs;
}
