// The request on its way to a server: over an idle connection or a new one, its head as rewrites have
// made it, then its body as it comes. What may have to be sent again is kept.
import { BodyKind } from "../../http/body-kind.ts";
import { ConnectionField } from "../../http/h1/field-writer.ts";
import { writeRequest } from "../../http/h1/request-writer.ts";
import { known } from "../../http/field-name.ts";
import { Method, type RequestHead } from "../../http/request-head.ts";
import type { Connection } from "../../reactor/reactor.ts";
import { serverField } from "../../scoreboard/fields.ts";
import type { Server } from "../dispatch/backend.ts";
import { reused } from "../dispatch/connecting.ts";
import { Began } from "../dispatch/dispatch-state.ts";
import { connectServer } from "../dispatch/server-connect.ts";
import { proxyHeaderOf } from "../proxy-protocol/session-header.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import { refuse } from "./refusing.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import type { Route } from "./route.ts";
import { forwardBytesMin, ServerConnection } from "./server-connection.ts";

/** Of the attempt being made; filled anew each time, so that none allocates its own. */
const options = { keepaliveMs: 0, dataFollows: true };

export function connectExchange(exchange: Exchange, server: Server): Began {
  const { http, dispatch } = exchange;
  const { board } = http.plane;
  if (mayReuse(exchange, server)) {
    const idle = http.pools.take(server);
    if (idle !== null) {
      board.servers.count(server.row, serverField.reuses, 1);
      exchange.server = idle;
      exchange.reused = true;
      // It may have waited in a queue.
      dispatch.timer.cancel();
      reused(dispatch);
      sendRequest(exchange);
      return Began.connected;
    }
  }
  exchange.reused = false;
  options.keepaliveMs = dispatch.backend.tcpKeepaliveMs;
  const connection = new ServerConnection(http, server, exchange);
  const { session } = exchange;
  connection.connection = connectServer(http.plane, server, options, connection, session);
  exchange.server = connection;
  return Began.connecting;
}

/** The first request of a client may take an idle connection if it could be sent again. */
function mayReuse(exchange: Exchange, server: Server): boolean {
  if (exchange.wantsFresh || server.sendProxy !== 0) return false;
  const { mode } = server.reuse;
  if (mode === "safe" && exchange.session.requests <= 1) return exchange.idempotent;
  return mode !== "never";
}

/** Head, and what there is of the body. */
export function sendRequest(exchange: Exchange): void {
  const { http, session, request, kept, dispatch } = exchange;
  const server = exchange.server as ServerConnection;
  const { connection } = server;
  const { nowMs } = http.plane.reactor;
  if (server.requests === 0 && server.server.sendProxy !== 0 && server.server.tls === null) {
    const header = proxyHeaderOf(session, server.server);
    connection.write(header, 0, header.length);
  }
  server.begin(exchange);
  const head = http.requestOf(exchange);
  http.release();
  if (!writeHead(exchange, head, server)) {
    exchange.server = null;
    server.abort();
    refuse(exchange, 431, "a head that rewrites have made too long");
    return;
  }
  const { outbox } = http;
  exchange.state = ExchangeState.waiting;
  exchange.sentMs = nowMs;
  if (dispatch.attempts <= 1) dispatch.backend.retryRules.note(nowMs);
  exchange.serverAsked();
  if (kept.length > 0) outbox.append(connection, kept.bytes, 0, kept.length);
  const flows = outbox.flush(connection);
  watchServer(exchange);
  exchange.repeatable = isRepeatable(exchange);
  if (!exchange.repeatable) kept.clear();
  if (request.done) return;
  limitClient(session, ClientLimit.client);
  if (!flows) session.client.pause();
  else {
    session.client.resume();
    forwardBody(exchange, connection);
  }
}

/** As rewrites make it, into the outbox. False: that is too long. */
function writeHead(exchange: Exchange, head: RequestHead, to: ServerConnection): boolean {
  const { http, session, dispatch } = exchange;
  const { outbox, writtenRequests } = http;
  const route = exchange.route as Route;
  const way = route.wayTo(dispatch.backend);
  const { clientAddress } = session;
  const client = clientAddress.family === "unix" ? "" : clientAddress.host;
  const variant = variantOf(exchange);
  const written = writtenRequests.find(head, way, client, variant);
  if (written > 0) {
    outbox.repeat(to.connection, head.writtenStart, written);
    return true;
  }
  dispatch.backend.persistence?.request.edit(head);
  if (exchange.continued) head.dropAll(known.expect);
  route.rewriteRequest(head, http.context.of(exchange), way, to.server);
  const upgrade = head.upgrades || exchange.method === Method.connect;
  const field = upgrade ? ConnectionField.upgrade : ConnectionField.unsaid;
  const { bytes, start } = outbox;
  const end = writeRequest(head, field, to.server.hostBytes, bytes, start);
  if (end < 0) return false;
  // One that names no host, as HTTP/1.0 allows, got that of its server.
  if (way.repeatsRequests && head.minor > 0) {
    writtenRequests.keep(head, way, client, variant, bytes, start, end);
  }
  outbox.compose(to.connection, end);
  return true;
}

/** What has a say in a head besides itself, its way and its client; whether that one is trusted follows from these. */
function variantOf({ session, continued }: Exchange): number {
  const { bind, tls } = session;
  const port = bind.family === "unix" ? 0 : bind.port;
  return port * 4 + (tls === null ? 0 : 2) + (continued ? 1 : 0);
}

/** Whether it may be sent again, and its body is not too long to be kept for that. */
function isRepeatable({ idempotent, dispatch, request, kept }: Exchange): boolean {
  const { retryRules } = dispatch.backend;
  if (!idempotent && !retryRules.nonIdempotent) return false;
  if (request.done && kept.length === 0) return true;
  const more = request.kind === BodyKind.length ? request.remaining : 0;
  return kept.length + more <= retryRules.bodyBytes;
}

/** More of the body, framed as the client sent it. */
export function requestBody(
  exchange: Exchange,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { server, session, request } = exchange;
  if (exchange.state === ExchangeState.dispatching || server === null) {
    exchange.kept.append(bytes, start, end);
    session.client.pause();
    return;
  }
  const { connection } = server;
  exchange.serverAsked();
  if (exchange.repeatable) {
    exchange.repeatable =
      exchange.kept.length + end - start <= exchange.dispatch.backend.retryRules.bodyBytes;
    if (exchange.repeatable) exchange.kept.append(bytes, start, end);
    else exchange.kept.clear();
  }
  if (!connection.write(bytes, start, end)) {
    if (!request.done) session.client.pause();
    return;
  }
  if (!request.done) forwardBody(exchange, connection);
}

/** A large rest is handed on by the reactor, unseen. */
function forwardBody({ request, session, repeatable }: Exchange, to: Connection): void {
  if (repeatable || request.kind === BodyKind.none || request.remaining < forwardBytesMin) return;
  session.client.forward(to, request.remaining);
}

/** The server's silence is limited from now on. */
export function watchServer(exchange: Exchange): void {
  const deadlineMs = serverDeadlineMs(exchange);
  if (exchange.timer.dueMs > deadlineMs) {
    exchange.timer.arm(deadlineMs - exchange.http.plane.reactor.nowMs);
  }
}

/** When the server's time is up: that of its silence, and that of the response's head. Infinity: never. */
export function serverDeadlineMs(exchange: Exchange): number {
  const { serverMs } = exchange.dispatch.backend.timeout;
  const silenceMs = serverMs === 0 ? Infinity : exchange.lastServerMs + serverMs;
  return Math.min(silenceMs, headDeadlineMs(exchange));
}

/** The shorter of these two, from one look to the next; 0: there is none. */
export function serverLimitMs({ state, dispatch }: Exchange): number {
  const { serverMs } = dispatch.backend.timeout;
  const { perTryTimeoutMs } = dispatch.backend.http.retry;
  if (state !== ExchangeState.waiting || perTryTimeoutMs === 0) return serverMs;
  return serverMs === 0 ? perTryTimeoutMs : Math.min(serverMs, perTryTimeoutMs);
}

/** When the head of the response must be whole, however much of it comes; Infinity: it need not. */
export function headDeadlineMs({ state, dispatch, askedMs }: Exchange): number {
  const { perTryTimeoutMs } = dispatch.backend.http.retry;
  const limited = state === ExchangeState.waiting && perTryTimeoutMs > 0;
  return limited ? askedMs + perTryTimeoutMs : Infinity;
}
