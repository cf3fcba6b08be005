// Requests that go no further: a head that is none, a body beyond its limit, a client that is too slow.
// Each gets an answer and a line in the log like any other, and its connection closes.
import { BodyKind } from "../../http/body-kind.ts";
import { type Fault, faults } from "../../http/h1/fault.ts";
import { Method } from "../../http/request-head.ts";
import { frontendField } from "../../scoreboard/fields.ts";
import { Ended, Phase } from "../termination.ts";
import { answerError } from "./answering.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpSession } from "./http-session.ts";

/** What is certain of its body already is more than limits.bodySize. */
export function isBodyTooLarge({ request, session }: Exchange): boolean {
  const { bodyBytes } = session.settings.limits;
  return bodyBytes > 0 && request.dataBytes + request.remaining > bodyBytes;
}

export function refuseLargeBody(exchange: Exchange): void {
  refuseUnfinished(exchange, 413, "body larger than limits.bodySize");
}

/** A request that we do not pass on, and why. */
export function refuse(exchange: Exchange, status: number, reason: string): void {
  exchange.dispatch.reason = reason;
  exchange.persistent = false;
  const { board } = exchange.http.plane;
  board.frontends.count(exchange.session.frontend.row, frontendField.badRequests, 1);
  answerError(exchange, status, Ended.proxy, Phase.request);
}

/** The framing of a request's body is faulty: nothing behind it can be read either. */
export function refuseBody(exchange: Exchange, fault: Fault): void {
  const { status, reason } = faults[fault];
  refuseUnfinished(exchange, status, reason);
}

function refuseUnfinished(exchange: Exchange, status: number, reason: string): void {
  if (exchange.state >= ExchangeState.responding) {
    exchange.dispatch.reason = reason;
    exchange.onClientGone(Ended.proxy);
    return;
  }
  exchange.server?.abort();
  exchange.server = null;
  refuse(exchange, status, reason);
}

/** What came is no head. It gets an answer and a line in the log like any request. */
export function refuseHead(session: HttpSession, fault: Fault): void {
  const { status, reason } = faults[fault];
  refuseUnread(session, status, reason, Ended.proxy);
}

/** timeout.httpRequest has passed before a head was complete. */
export function refuseSlowHead(session: HttpSession): void {
  refuseUnread(session, 408, "no whole head within timeout.httpRequest", Ended.clientTimeout);
}

function refuseUnread(session: HttpSession, status: number, reason: string, ended: Ended): void {
  const { frontend, http, plane } = session;
  plane.board.frontends.count(frontend.row, frontendField.badRequests, 1);
  const exchange = http.take(session);
  session.exchange = exchange;
  session.closing = true;
  session.linger();
  exchange.state = ExchangeState.routing;
  exchange.startMs = plane.reactor.nowMs;
  exchange.headStartMs = session.headStartMs < 0 ? exchange.startMs : session.headStartMs;
  exchange.chunks = true;
  exchange.persistent = false;
  exchange.method = Method.other;
  exchange.idempotent = false;
  exchange.request.begin(BodyKind.none, 0);
  exchange.dispatch.reason = reason;
  answerError(exchange, status, ended, Phase.request);
}

/** timeout.client has passed: more of a body was awaited, or the client takes nothing. */
export function refuseSlowBody(session: HttpSession, exchange: Exchange): void {
  exchange.dispatch.reason = "silent longer than timeout.client";
  if (exchange.state >= ExchangeState.responding || session.client.unsent > 0) {
    exchange.onClientGone(Ended.clientTimeout);
    return;
  }
  exchange.server?.abort();
  exchange.server = null;
  exchange.persistent = false;
  answerError(exchange, 408, Ended.clientTimeout, Phase.data);
}
