// After 101 (WebSocket and any other Upgrade) or a CONNECT: no HTTP any more. Bytes flow both ways, moved
// by the reactor, half-closes are passed on, and timeout.tunnel rules as in tcp mode.
import { ConnectionField } from "../../http/h1/field-writer.ts";
import { writeResponse } from "../../http/h1/response-writer.ts";
import type { ResponseHead } from "../../http/response-head.ts";
import type { Connection } from "../../reactor/reactor.ts";
import { Ended, Phase } from "../termination.ts";
import { clientLost, endExchange } from "./ending.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import { rewriteResponse } from "./rewriting-response.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";

/**
 * The server agrees: `head` goes to the client, and from then on everything does. False: rewrites have
 * made the head too long, and nothing has been sent.
 */
export function startTunnel(exchange: Exchange, head: ResponseHead): boolean {
  const { http, session } = exchange;
  rewriteResponse(exchange, head);
  const { outbox } = http;
  const connection = head.status === 101 ? ConnectionField.upgrade : ConnectionField.unsaid;
  const end = writeResponse(head, head.body, connection, outbox.bytes, outbox.start);
  if (end < 0) return false;
  outbox.compose(session.client, end);
  exchange.state = ExchangeState.tunnel;
  exchange.persistent = false;
  exchange.bytesOut += end - outbox.start;
  limitClient(session, ClientLimit.none);
  return true;
}

/** What came behind the server's head. From here on nothing is looked at. */
export function tunnelData(
  exchange: Exchange,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { session, http } = exchange;
  const { client } = session;
  const server = exchange.server?.connection as Connection;
  if (end > start) http.outbox.append(client, bytes, start, end);
  http.outbox.flush(client);
  exchange.bytesOut += end - start;
  const { ahead } = session;
  if (ahead !== null) {
    session.ahead = null;
    server.write(ahead.bytes, 0, ahead.length);
    exchange.bytesIn += ahead.length;
  }
  client.forward(server);
  server.forward(client);
  tunnelActive(exchange);
}

export function tunnelForwarded(exchange: Exchange, fromClient: boolean, length: number): void {
  if (fromClient) exchange.bytesIn += length;
  else exchange.bytesOut += length;
  exchange.serverActive();
}

function tunnelActive(exchange: Exchange): void {
  exchange.serverActive();
  const { tunnelMs } = exchange.dispatch.backend.timeout;
  if (tunnelMs > 0) exchange.timer.arm(tunnelMs);
  else exchange.timer.cancel();
}

/** One side has finished sending: so have we, towards the other. */
export function tunnelEnded(exchange: Exchange, clientSide: boolean): void {
  const server = exchange.server?.connection;
  if (clientSide) exchange.clientEnded = true;
  else exchange.serverEnded = true;
  exchange.serverActive();
  if (server === undefined) return;
  if (exchange.clientEnded && exchange.serverEnded) {
    tunnelDone(exchange);
    return;
  }
  (clientSide ? server : exchange.session.client).end();
  const { clientFinMs } = exchange.session.frontend.plan.timeout;
  if (clientFinMs > 0 && exchange.timer.dueMs > exchange.lastServerMs + clientFinMs) {
    exchange.timer.arm(clientFinMs);
  }
}

/** Both have ended: when each has taken what waits for it, it is over. */
export function tunnelDone(exchange: Exchange): void {
  if (!exchange.clientEnded || !exchange.serverEnded) return;
  if (exchange.session.client.unsent > 0 || (exchange.server?.connection.unsent ?? 0) > 0) return;
  endExchange(exchange, Ended.normal, Phase.done);
}

/** Lazy: it looks whether a limit has passed. */
export function tunnelTimerFired(exchange: Exchange): void {
  const { http, dispatch, session, timer } = exchange;
  const { tunnelMs } = dispatch.backend.timeout;
  const { clientFinMs } = session.frontend.plan.timeout;
  const half = exchange.clientEnded || exchange.serverEnded;
  const limitMs = half && clientFinMs > 0 ? Math.min(clientFinMs, tunnelMs || Infinity) : tunnelMs;
  if (limitMs === 0) return;
  const leftMs = exchange.lastServerMs + limitMs - http.plane.reactor.nowMs;
  if (leftMs > 0) {
    timer.arm(leftMs);
    return;
  }
  clientLost(exchange, exchange.clientEnded ? Ended.serverTimeout : Ended.clientTimeout);
}
