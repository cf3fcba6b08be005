// How an exchange begins: a request's head is complete, and a route is looked for.
import { isIdempotent, Method, type RequestHead } from "../../http/request-head.ts";
import { frontendField } from "../../scoreboard/fields.ts";
import { SessionState } from "../session/session-state.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { HttpSession } from "./http-session.ts";
import { isBodyTooLarge, refuseBody, refuseLargeBody } from "./refusing.ts";
import { trustedClient } from "./rewriting/trusted-client.ts";
import { routeExchange } from "./routing-exchange.ts";

/**
 * The request whose head is `head`, in `bytes`, of which so much is here as `end` says. Gives where in
 * them it ends: what is behind it is another request.
 */
export function beginExchange(
  session: HttpSession,
  head: RequestHead,
  bytes: Uint8Array,
  end: number,
): number {
  const { frontend, http, plane, settings } = session;
  plane.board.frontends.count(frontend.row, frontendField.requests, 1);
  const exchange = http.take(session);
  session.exchange = exchange;
  session.state = SessionState.exchange;
  fill(exchange, head);
  const { request } = exchange;
  const bodyStart = http.requests.end;
  const bodyEnd = request.done ? bodyStart : request.read(bytes, bodyStart, end);
  exchange.bytesIn = head.end - head.start + bodyEnd - bodyStart;
  http.hold(exchange);
  if (session.peerTrusted) knowClient(exchange, head);
  if (request.fault !== 0) {
    refuseBody(exchange, request.fault);
    return end;
  }
  if (isBodyTooLarge(exchange)) {
    refuseLargeBody(exchange);
    return end;
  }
  if (bodyEnd > bodyStart) exchange.kept.append(bytes, bodyStart, bodyEnd);
  routeExchange(exchange, settings.router.match(head, exchange.clientAddress, exchange));
  // These bytes are the reactor's, and gone when the event is over.
  http.release();
  return bodyEnd;
}

function fill(exchange: Exchange, head: RequestHead): void {
  const { http, session } = exchange;
  exchange.state = ExchangeState.routing;
  exchange.raw.append(head.bytes, head.start, head.end);
  exchange.method = head.method;
  exchange.chunks = head.minor > 0;
  exchange.idempotent = isIdempotent(head.method);
  exchange.persistent = head.persistent && head.method !== Method.connect;
  exchange.request.begin(head.body, head.contentLength);
  exchange.startMs = http.plane.reactor.nowMs;
  exchange.headStartMs = session.headStartMs < 0 ? exchange.startMs : session.headStartMs;
  session.headStartMs = -1;
}

/** A trusted proxy may say who its client is, and whether that one speaks TLS. */
function knowClient(exchange: Exchange, head: RequestHead): void {
  const { session } = exchange;
  const { trusted, forwardedFor } = session.settings;
  const told = trustedClient(head, session.clientAddress, trusted, forwardedFor);
  if (told.address !== null) exchange.toldClient = told.address;
  if (told.secure !== null) exchange.secure = told.secure;
}
