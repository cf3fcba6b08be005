// What the access log says of an exchange in http mode. The request is read again for it, as its client
// sent it.
import { backendField, frontendField, serverField, workerField } from "../../scoreboard/fields.ts";
import { text } from "../../http/head.ts";
import type { HttpRecord } from "../access-log/http-record.ts";
import type { Exchange } from "./exchange.ts";
import { valuesOf } from "./logged-headers.ts";

const nothing: readonly string[] = [];

/** The record is the worker's: every field is set, whatever it held. */
export function recordExchange(exchange: Exchange, record: HttpRecord): void {
  const { session, dispatch, http } = exchange;
  const { frontend, source } = session;
  const { remote } = session.client;
  const { board, reactor } = http.plane;
  const { nowMs } = reactor;
  const { backend } = dispatch;
  const dispatched = dispatch.startMs >= 0;
  // Between two attempts it is on no server; the last one tried says more than none.
  const target = dispatch.target ?? dispatch.failed;
  const { clientAddress } = exchange;
  // No request asks for the time of day if nobody reads it.
  record.acceptedAtMs = Date.now() - Math.round(nowMs - exchange.headStartMs);
  record.client = clientAddress;
  record.peer = source === null && clientAddress === remote ? null : remote;
  record.bind = session.bind;
  record.bindId = session.bindId;
  record.tls = session.tls;
  record.frontend = frontend.name;
  record.backend = dispatched ? backend.name : "";
  record.server = target === null ? "" : target.name;
  record.serverAddress = exchange.server?.connection.remote ?? target?.address ?? null;
  record.handshakeMs = Math.round(session.handshakeMs);
  record.queueMs = dispatched ? Math.round(dispatch.queueMs) : -1;
  record.connectMs = Math.round(dispatch.connectMs);
  record.totalMs = Math.round(nowMs - exchange.headStartMs);
  record.bytesIn = exchange.bytesIn;
  record.bytesOut = exchange.bytesOut;
  record.reason = dispatch.reason;
  record.retries = Math.max(0, dispatch.attempts - 1);
  record.redispatched = dispatch.redispatched;
  record.actconn = board.workers.gauge(0, workerField.active);
  record.feconn = board.frontends.gauge(frontend.row, frontendField.active);
  record.beconn = dispatched ? board.backends.gauge(backend.row, backendField.active) : 0;
  record.srvconn = target === null ? 0 : board.servers.gauge(target.row, serverField.active);
  record.srvQueue = dispatch.serverQueue;
  record.backendQueue = dispatch.backendQueue;
  record.status = exchange.status;
  record.responseMs = exchange.headMs < 0 ? -1 : Math.round(exchange.headMs - exchange.sentMs);
  record.requestId = exchange.requestId.text();
  record.route = exchange.route === null ? "" : exchange.route.name;
  record.cookie = exchange.finding.state + exchange.cookieState;
  recordRequest(exchange, record);
  const { logResponseHeaders } = session.settings;
  record.responseNames = exchange.logged === null ? nothing : logResponseHeaders;
  record.responseValues = exchange.logged ?? nothing;
}

function recordRequest(exchange: Exchange, record: HttpRecord): void {
  const isRequest = exchange.raw.length > 0;
  record.requestMs = isRequest ? Math.round(exchange.startMs - exchange.headStartMs) : -1;
  record.requestNames = nothing;
  record.requestValues = nothing;
  if (!isRequest) {
    record.method = "";
    record.target = "";
    record.host = "";
    record.version = "";
    return;
  }
  const head = exchange.http.requestOf(exchange);
  const { logRequestHeaders } = exchange.session.settings;
  record.method = text(head.bytes, head.methodStart, head.methodEnd);
  record.target = text(head.bytes, head.targetStart, head.targetEnd);
  record.host = text(head.bytes, head.hostStart, head.hostEnd);
  record.version = head.minor === 0 ? "HTTP/1.0" : "HTTP/1.1";
  if (logRequestHeaders.length === 0) return;
  record.requestNames = logRequestHeaders;
  record.requestValues = valuesOf(head, logRequestHeaders);
}
