// The response on its way to the client: its head as rewrites have made it, then its body as it comes.
// From its first byte to the client on, nothing can be tried again.
import { observeLatency } from "../../balance/latency.ts";
import { BodyKind } from "../../http/body-kind.ts";
import { type Fault, faults } from "../../http/h1/fault.ts";
import { ConnectionField } from "../../http/h1/field-writer.ts";
import { writeResponse } from "../../http/h1/response-writer.ts";
import type { ResponseHead } from "../../http/response-head.ts";
import { Ended, Phase } from "../termination.ts";
import { answerError } from "./answering.ts";
import { clientLost } from "./ending.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import { watchServer } from "./requesting.ts";
import { Cause } from "./retry-rules.ts";
import type { Route } from "./route.ts";
import { rewriteResponse } from "./rewriting-response.ts";
import { retry } from "./retrying.ts";
import type { ServerConnection } from "./server-connection.ts";
import { countStatus } from "./status-count.ts";
import { startTunnel } from "./tunneling.ts";

/** 1xx: passed on, if the client knows what that is (RFC 9110 section 15.2). */
export function interimResponse(exchange: Exchange, head: ResponseHead): void {
  if (!exchange.chunks || (head.status === 100 && exchange.continued)) return;
  const { outbox } = exchange.http;
  const end = writeResponse(head, head.body, ConnectionField.unsaid, outbox.bytes, outbox.start);
  // One that does not fit is left out: nothing depends on it.
  if (end < 0) return;
  outbox.compose(exchange.session.client, end);
  exchange.bytesOut += end - outbox.start;
  exchange.flush();
}

export function responseHead(exchange: Exchange, head: ResponseHead): void {
  const { http, session } = exchange;
  const { board, reactor, clockMs } = http.plane;
  const server = exchange.server as ServerConnection;
  const { row } = server.server;
  const tookMs = reactor.nowMs - exchange.sentMs;
  observeLatency(board, row, tookMs * 1000, clockMs);
  if (retry(exchange, Cause.status, head.status)) return;
  exchange.status = head.status;
  exchange.headMs = reactor.nowMs;
  exchange.state = ExchangeState.responding;
  countStatus(exchange, head.status);
  if (head.switches) {
    if (!startTunnel(exchange, head)) headTooLong(exchange, server);
    return;
  }
  if (session.plane.stopping) exchange.persistent = false;
  let framing: BodyKind = head.body;
  exchange.framesChunks = false;
  if (framing === BodyKind.chunked && !exchange.chunks) framing = BodyKind.untilClose;
  else if (framing === BodyKind.untilClose && exchange.chunks) {
    framing = BodyKind.chunked;
    exchange.framesChunks = true;
  }
  exchange.passesFraming = framing === head.body;
  if (framing === BodyKind.untilClose) exchange.persistent = false;
  // A client that is still sending cannot be told apart from its next request.
  if (!exchange.request.done && head.status >= 300) exchange.persistent = false;
  if (!writeHead(exchange, head, framing)) {
    headTooLong(exchange, server);
    return;
  }
  watchServer(exchange);
}

/** As rewrites make it, into the outbox. False: that is too long. */
function writeHead(exchange: Exchange, head: ResponseHead, framing: BodyKind): boolean {
  const { http, session, dispatch, secure } = exchange;
  const { outbox, writtenResponses } = http;
  const way = (exchange.route as Route).wayTo(dispatch.backend);
  const connection = connectionField(exchange);
  const variant = (framing * 4 + connection) * 2 + (secure ? 1 : 0);
  const written = writtenResponses.find(head, way, "", variant);
  if (written > 0) {
    outbox.repeat(session.client, head.writtenStart, written);
    exchange.bytesOut += written - head.writtenStart;
    return true;
  }
  rewriteResponse(exchange, head);
  const { bytes, start } = outbox;
  const end = writeResponse(head, framing, connection, bytes, start);
  if (end < 0) return false;
  if (way.repeatsResponses) writtenResponses.keep(head, way, "", variant, bytes, start, end);
  outbox.compose(session.client, end);
  exchange.bytesOut += end - start;
  return true;
}

/** Nothing has been sent, and nothing of it can be. */
function headTooLong(exchange: Exchange, server: ServerConnection): void {
  exchange.state = ExchangeState.waiting;
  exchange.server = null;
  server.abort();
  exchange.dispatch.reason = "a head that rewrites have made too long";
  answerError(exchange, 502, Ended.proxy, Phase.headers);
}

function connectionField({ persistent, chunks }: Exchange): ConnectionField {
  if (!persistent) return ConnectionField.close;
  return chunks ? ConnectionField.unsaid : ConnectionField.keepAlive;
}

/** What the server says is no response, or its body's framing is none. */
export function junkResponse(exchange: Exchange, fault: Fault): void {
  exchange.server?.abort();
  exchange.dispatch.reason = faults[fault].reason;
  if (exchange.state >= ExchangeState.responding) {
    clientLost(exchange, Ended.server);
    return;
  }
  exchange.server = null;
  if (retry(exchange, Cause.junkResponse, 0)) return;
  answerError(exchange, 502, Ended.proxy, Phase.headers);
}
