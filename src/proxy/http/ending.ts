// How an exchange ends: counted, logged, its server's connection kept for another one or closed, and its
// client's session told to go on. Each exchange ends here, once, whatever became of it.
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import { giveUpWaiting } from "../dispatch/placing.ts";
import { Ended, type Phase } from "../termination.ts";
import { countEnding } from "../session/count-ending.ts";
import { closeGently } from "./closing.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpSession } from "./http-session.ts";

/** The client has its answer, or never will. */
export function endExchange(exchange: Exchange, ended: Ended, phase: Phase): void {
  if (exchange.state === ExchangeState.idle) return;
  const { http, session, server, dispatch } = exchange;
  if (dispatch.startMs >= 0) giveUpWaiting(dispatch);
  dispatch.timer.cancel();
  count(exchange, ended, phase);
  http.plane.log.writeExchange(exchange, ended, phase);
  exchange.state = ExchangeState.idle;
  exchange.server = null;
  if (server !== null) {
    if (ended === Ended.normal && server.persistent && exchange.request.done && server.body.done) {
      http.pools.put(server);
    } else if (ended === Ended.normal) server.close();
    else server.abort();
  }
  // What is left of a body could be taken for the next request.
  const persistent = exchange.persistent && exchange.request.done;
  if (!exchange.request.done) session.linger();
  if (dispatch.startMs >= 0) dispatch.leave();
  http.giveBack(exchange);
  session.next(persistent);
}

/** The client cannot be answered any more: it is gone, or has had half of a response. */
export function clientLost(exchange: Exchange, ended: Ended): void {
  const { session } = exchange;
  const phase = exchange.phase();
  exchange.persistent = false;
  session.linger();
  if (!session.client.closed) session.client.abort();
  endExchange(exchange, ended, phase);
}

/** The client has closed between two requests, or in the middle of a head. */
export function endQuiet(session: HttpSession): void {
  if (session.progress !== null) {
    const { board } = session.plane;
    board.frontends.count(session.frontend.row, frontendField.clientAborts, 1);
  }
  closeGently(session);
}

function count(exchange: Exchange, ended: Ended, phase: Phase): void {
  const { http, session, dispatch, bytesIn, bytesOut } = exchange;
  const { frontends, backends, servers } = http.plane.board;
  const frontend = session.frontend.row;
  frontends.count(frontend, frontendField.bytesIn, bytesIn);
  frontends.count(frontend, frontendField.bytesOut, bytesOut);
  session.bytesIn += bytesIn;
  session.bytesOut += bytesOut;
  const backend = dispatch.startMs >= 0 ? dispatch.backend.row : -1;
  const server = dispatch.target === null ? -1 : dispatch.target.row;
  if (backend >= 0) {
    const exchangeMs = http.plane.reactor.nowMs - exchange.startMs;
    backends.count(backend, backendField.bytesIn, bytesIn);
    backends.count(backend, backendField.bytesOut, bytesOut);
    backends.count(backend, backendField.sessionMs, exchangeMs);
    if (server >= 0) servers.count(server, serverField.sessionMs, exchangeMs);
  }
  if (server >= 0) {
    servers.count(server, serverField.bytesIn, bytesIn);
    servers.count(server, serverField.bytesOut, bytesOut);
  }
  countEnding(http.plane.board, frontend, backend, server, ended, phase);
}
