// The access log of one worker: a line for each session that ends, formatted at once and shipped
// in batches. The record is filled anew for every line.
import type { GlobalPlan } from "../../config/plan.ts";
import type { Reactor, Timer, TimerHandler } from "../../reactor/reactor.ts";
import { backendField, frontendField, serverField, workerField } from "../../scoreboard/fields.ts";
import { AccessLogBuffer } from "../access-log/buffer.ts";
import { SessionRecord } from "../access-log/record.ts";
import { accessFormats } from "../access-log/registry.ts";
import type { TcpSession } from "./tcp-session.ts";
import type { Ended, Phase } from "../termination.ts";

/** Lines wait this long for company: one message to the control plane carries many. */
const flushMs = 200;

export class SessionLog implements TimerHandler {
  readonly #record: SessionRecord;
  readonly #buffer: AccessLogBuffer;
  readonly #timer: Timer;
  /** Null while the log is off. */
  #format: ((record: SessionRecord) => string) | null;

  constructor(reactor: Reactor, ship: (batch: Uint8Array) => void) {
    this.#record = new SessionRecord();
    this.#buffer = new AccessLogBuffer(ship);
    this.#timer = reactor.timer(this);
    this.#format = null;
  }

  /** What is kept was formatted as the plan before said: it goes first. */
  configure({ access, format }: GlobalPlan["log"]): void {
    this.flush();
    this.#format = access === "off" ? null : accessFormats[format];
  }

  write(session: TcpSession, ended: Ended, phase: Phase): void {
    if (this.#format === null) return;
    const record = this.#record;
    describe(session, record);
    record.ended = ended;
    record.phase = phase;
    this.#buffer.append(this.#format(record));
    if (!this.#timer.armed) this.#timer.arm(flushMs);
  }

  flush(): void {
    this.#buffer.flush();
  }

  onTimer(_timer: Timer): void {
    this.#buffer.flush();
  }
}

/** What the line says. The record is the worker's: every field is set, whatever it held. */
function describe(session: TcpSession, record: SessionRecord): void {
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
  record.frontend = frontend.name;
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
  record.reason = dispatch.reason;
  record.retries = Math.max(0, dispatch.attempts - 1);
  record.redispatched = dispatch.redispatched;
  record.actconn = board.workers.gauge(0, workerField.active);
  record.feconn = board.frontends.gauge(frontend.row, frontendField.active);
  record.beconn = connecting ? board.backends.gauge(backend.row, backendField.active) : 0;
  record.srvconn = target === null ? 0 : board.servers.gauge(target.row, serverField.active);
  record.srvQueue = dispatch.serverQueue;
  record.backendQueue = dispatch.backendQueue;
}
