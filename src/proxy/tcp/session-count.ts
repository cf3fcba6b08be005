// What the scoreboard learns from a session's end: whose fault it was, on every row it touched.
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import { sessionBroken } from "../dispatch/outcome.ts";
import { countEnding } from "../session/count-ending.ts";
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
  countEnding(session.plane.board, frontend, backend, server, ended, phase);
  const broken = ended === Ended.server && phase !== Phase.connect && session.bytesOut === 0;
  if (broken && target !== null) sessionBroken(dispatch, target);
}
