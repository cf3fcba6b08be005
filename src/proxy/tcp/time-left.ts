// How long a TCP session has left on each of its time limits, for whoever asks what sessions there are.
// Only reads.
import type { Connection } from "../../reactor/reactor.ts";
import { DispatchState } from "../dispatch/dispatch-state.ts";
import { SessionState } from "../session/session-state.ts";
import type { TcpSession } from "./tcp-session.ts";

/** Before the tunnel the session's timer is the limit itself. */
export function waitLeft(session: TcpSession): Record<string, number> {
  const { dueMs } = session.timer;
  if (dueMs === Infinity) return {};
  const leftMs = Math.max(0, Math.round(dueMs - session.plane.reactor.nowMs));
  if (session.state <= SessionState.inspecting) return { clientHs: leftMs };
  const { state } = session.dispatch;
  if (state === DispatchState.queued) return { queue: leftMs };
  return state === DispatchState.connecting ? { connect: leftMs } : {};
}

/** In a tunnel it is armed lazily: what is left follows from the last activity, as in tunnel.ts. */
export function tunnelLeft(session: TcpSession): Record<string, number> {
  const left: Record<string, number> = {};
  const { clientMs, clientFinMs } = session.frontend.plan.timeout;
  const { serverMs, tunnelMs } = session.dispatch.backend.timeout;
  const silentMs = session.plane.reactor.nowMs - session.lastActivityMs;
  const put = (name: string, limitMs: number): void => {
    if (limitMs > 0) left[name] = Math.max(0, Math.round(limitMs - silentMs));
  };
  const clientStalls = session.client.unsent > 0;
  const serverStalls = (session.server as Connection).unsent > 0;
  if (clientStalls || (tunnelMs === 0 && !serverStalls)) put("client", clientMs);
  if (serverStalls || (tunnelMs === 0 && !clientStalls)) put("server", serverMs);
  if (session.clientEnded || session.serverEnded) put("clientFin", clientFinMs);
  put("tunnel", tunnelMs);
  return left;
}
