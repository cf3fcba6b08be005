// What the scoreboard learns from a session's end: whose fault it was, on every row it touched.
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import { sessionBroken } from "../dispatch/outcome.ts";
import type { TcpSession } from "./tcp-session.ts";
import { Ended, Phase } from "../termination.ts";

/** Called once, before the session leaves its server. */
export function countEnd(session: TcpSession, ended: Ended, phase: Phase): void {
  const { frontends, backends, servers } = session.plane.board;
  const { dispatch } = session;
  const { target } = dispatch;
  const sessionMs = session.plane.reactor.nowMs - session.startMs;
  const frontend = session.frontend.row;
  const backend = dispatch.startMs >= 0 ? dispatch.backend.row : -1;
  const server = target === null ? -1 : target.row;
  frontends.count(frontend, frontendField.sessionMs, sessionMs);
  if (backend >= 0) backends.count(backend, backendField.sessionMs, sessionMs);
  if (server >= 0) servers.count(server, serverField.sessionMs, sessionMs);
  switch (ended) {
    case Ended.client:
      frontends.count(frontend, frontendField.clientAborts, 1);
      if (backend >= 0) backends.count(backend, backendField.clientAborts, 1);
      if (server >= 0) servers.count(server, serverField.clientAborts, 1);
      return;
    case Ended.server:
      frontends.count(frontend, frontendField.serverAborts, 1);
      // A session that never was established is a connect failure there, counted already.
      if (phase === Phase.connect) return;
      if (backend >= 0) backends.count(backend, backendField.serverAborts, 1);
      if (target === null) return;
      servers.count(server, serverField.serverAborts, 1);
      if (session.bytesOut === 0) sessionBroken(dispatch, target);
      return;
    case Ended.clientTimeout:
      frontends.count(frontend, frontendField.clientTimeouts, 1);
      if (backend >= 0) backends.count(backend, backendField.clientTimeouts, 1);
      if (server >= 0) servers.count(server, serverField.clientTimeouts, 1);
      return;
    case Ended.serverTimeout:
      frontends.count(frontend, frontendField.serverTimeouts, 1);
      if (phase === Phase.connect) return;
      if (backend >= 0) backends.count(backend, backendField.serverTimeouts, 1);
      if (server >= 0) servers.count(server, serverField.serverTimeouts, 1);
      return;
    case Ended.proxy:
      frontends.count(frontend, frontendField.denied, 1);
      return;
    case Ended.resource:
      frontends.count(frontend, frontendField.resourceErrors, 1);
      return;
    case Ended.internal:
      frontends.count(frontend, frontendField.handlerErrors, 1);
      return;
    case Ended.serverDown:
      frontends.count(frontend, frontendField.shutdowns, 1);
      if (backend >= 0) backends.count(backend, backendField.shutdowns, 1);
      if (server >= 0) servers.count(server, serverField.shutdowns, 1);
      return;
    case Ended.killed:
      frontends.count(frontend, frontendField.killed, 1);
      return;
    default:
  }
}
