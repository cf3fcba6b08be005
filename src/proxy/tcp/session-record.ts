// What the access log says of a session in tcp mode.
import { backendField, frontendField, serverField, workerField } from "../../scoreboard/fields.ts";
import type { SessionRecord } from "../access-log/record.ts";
import type { TcpSession } from "./tcp-session.ts";

/** What the line says. The record is the worker's: every field is set, whatever it held. */
export function recordSession(session: TcpSession, record: SessionRecord): void {
  const { plane, frontend, dispatch, client, source } = session;
  const { backend } = dispatch;
  // Between two attempts it is on no server; the last one tried says more than none.
  const target = dispatch.target ?? dispatch.failed;
  const { board } = plane;
  const { nowMs } = plane.reactor;
  const connecting = dispatch.startMs >= 0;
  record.acceptedAtMs = session.acceptedAtMs;
  record.client = source ?? client.remote;
  record.peer = source === null ? null : client.remote;
  record.bind = session.bind;
  record.bindId = session.bindId;
  record.sni = session.tls === null ? session.sni : "";
  record.tls = session.tls;
  record.frontend = frontend.name;
  record.route = session.route;
  record.backend = connecting ? backend.name : "";
  record.server = target === null ? "" : target.name;
  // The server may have moved since this session was connected.
  record.serverAddress = session.server?.remote ?? target?.address ?? null;
  record.handshakeMs = Math.round(session.handshakeMs);
  record.queueMs = connecting ? Math.round(dispatch.queueMs) : -1;
  record.connectMs = Math.round(dispatch.connectMs);
  record.totalMs = Math.round(nowMs - session.startMs);
  record.bytesIn = session.bytesIn;
  record.bytesOut = session.bytesOut;
  record.reason = dispatch.reason === "" ? session.helloProblem : dispatch.reason;
  record.retries = Math.max(0, dispatch.attempts - 1);
  record.redispatched = dispatch.redispatched;
  record.actconn = board.workers.gauge(0, workerField.active);
  record.feconn = board.frontends.gauge(frontend.row, frontendField.active);
  record.beconn = connecting ? board.backends.gauge(backend.row, backendField.active) : 0;
  record.srvconn = target === null ? 0 : board.servers.gauge(target.row, serverField.active);
  record.srvQueue = dispatch.serverQueue;
  record.backendQueue = dispatch.backendQueue;
}
