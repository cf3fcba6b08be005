// How long an HTTP session has left on each of its time limits, for whoever asks what sessions there
// are. Only reads.
import { DispatchState } from "../dispatch/dispatch-state.ts";
import { SessionState } from "../session/session-state.ts";
import { ClientLimit } from "./client-limits.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpSession } from "./http-session.ts";
import { serverDeadlineMs } from "./requesting.ts";

/** By their names in `timeout`; of what we wait for after our own end there is none. */
const names: Readonly<Partial<Record<ClientLimit, string>>> = {
  [ClientLimit.head]: "httpRequest",
  [ClientLimit.keepAlive]: "httpKeepAlive",
  [ClientLimit.client]: "client",
};

export function httpTimeLeft(session: HttpSession): Record<string, number> {
  const left: Record<string, number> = {};
  const { nowMs } = session.plane.reactor;
  const put = (name: string, dueMs: number): void => {
    if (dueMs !== Infinity) left[name] = Math.max(0, Math.round(dueMs - nowMs));
  };
  if (session.state === SessionState.handshake) {
    put("clientHs", session.timer.dueMs);
    return left;
  }
  const name = names[session.limit];
  if (name !== undefined) put(name, session.deadlineMs);
  if (session.exchange !== null) putExchange(session.exchange, put);
  return left;
}

function putExchange(exchange: Exchange, put: (name: string, dueMs: number) => void): void {
  const { state, dispatch, lastServerMs } = exchange;
  if (state === ExchangeState.dispatching) {
    if (dispatch.state === DispatchState.queued) put("queue", dispatch.timer.dueMs);
    if (dispatch.state === DispatchState.connecting) put("connect", dispatch.timer.dueMs);
    return;
  }
  const { tunnelMs } = dispatch.backend.timeout;
  if (exchange.tunneling) put("tunnel", tunnelMs === 0 ? Infinity : lastServerMs + tunnelMs);
  if (state !== ExchangeState.waiting && state !== ExchangeState.responding) return;
  put("server", serverDeadlineMs(exchange));
}
