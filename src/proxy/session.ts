// One TCP session, from accept to its log line: handshake -> connecting -> tunnel -> ended. This
// file holds its state and hands each event to its phase: handshake.ts, connecting.ts, tunnel.ts.
// It is the handler of both its connections; nothing a peer does makes it throw.
import type { ClientHello } from "../tls/client-hello.ts";
import type { SocketAddress } from "../config/address.ts";
import type { Connection, ConnectionHandler, Timer, TimerHandler } from "../reactor/reactor.ts";
import { Reason, reasonNames } from "../reactor/reactor.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import type { Backend, Server } from "./backend.ts";
import { connectFailed, connectRefused, connectTimerFired } from "./connecting.ts";
import type { DataPlane } from "./data-plane.ts";
import type { Frontend } from "./frontend.ts";
import { handshakeData, startHandshake } from "./handshake.ts";
import { endedInspecting, endInspecting, inspectData, startInspecting } from "./inspecting.ts";
import { giveUpWaiting } from "./placing.ts";
import { countEnd } from "./session-count.ts";
import { SessionState } from "./session-state.ts";
import { clientEnd, Ended, Phase } from "./termination.ts";
import {
  startTunnel,
  tunnelDrained,
  tunnelEnded,
  tunnelForwarded,
  tunnelTimerFired,
} from "./tunnel.ts";
import type { Waiting } from "./wait-queue.ts";

export class Session implements ConnectionHandler, TimerHandler {
  readonly plane: DataPlane;
  readonly frontend: Frontend;
  backend: Backend;
  readonly client: Connection;
  /** Where it was accepted. */
  readonly bind: SocketAddress;
  readonly bindId: number;
  /** Null before the first attempt and between attempts. */
  server: Connection | null;
  /** The server picked; counted as active there until left. */
  target: Server | null;
  targetIndex: number;
  state: SessionState;
  readonly timer: Timer;
  /** Neighbours in the worker's list of sessions. */
  newer: Session | null;
  older: Session | null;
  readonly acceptedAtMs: number;
  readonly startMs: number;
  handshakeMs: number;
  /** When connecting began; -1: not yet. */
  connectStartMs: number;
  /** How long it took; -1: never established. */
  connectMs: number;
  attemptStartMs: number;
  /** Failures in a row that its server had when it accepted: see outcome.ts. */
  errorsTaken: number;
  lastActivityMs: number;
  attempts: number;
  redispatched: boolean;
  /** What was last said of a failure: in the log it tells a refused connect from a lost route. */
  reason: string;
  /** The server of the last attempt that failed; null while none has. */
  failed: Server | null;
  /** That attempt was the last one; false when the next has been counted as a retry of it. */
  failedLast: boolean;
  /** The TLS server name, where a backend wanted it; empty: none. */
  sni: string;
  /** Of the phase that looks for it. */
  hello: ClientHello | null;
  /** Null: it does not wait. */
  waiting: Waiting | null;
  /** When it began to wait, and how long it has waited before. */
  queuedAtMs: number;
  queueMs: number;
  /** How many waited before it, for its server and for its backend. */
  serverQueue: number;
  backendQueue: number;
  /** Its frontend's backend could not take it. */
  failedOver: boolean;
  /** Servers that this session has tried in vain; null while there are none. */
  excluded: Uint8Array | null;
  clientEnded: boolean;
  serverEnded: boolean;
  bytesIn: number;
  bytesOut: number;
  /** Where the PROXY protocol header says the client is; null: the connection's own addresses. */
  source: SocketAddress | null;
  destination: SocketAddress | null;
  /** Of a handshake: what came of the header so far; after it: what came behind the header. */
  early: Buffer | null;

  constructor(
    plane: DataPlane,
    frontend: Frontend,
    client: Connection,
    bind: SocketAddress,
    bindId: number,
  ) {
    this.plane = plane;
    this.frontend = frontend;
    this.backend = frontend.backend;
    this.client = client;
    this.bind = bind;
    this.bindId = bindId;
    this.server = null;
    this.target = null;
    this.targetIndex = -1;
    this.state = SessionState.handshake;
    this.timer = plane.reactor.timer(this);
    this.newer = null;
    this.older = null;
    this.acceptedAtMs = Date.now();
    this.startMs = plane.reactor.nowMs;
    this.handshakeMs = 0;
    this.connectStartMs = -1;
    this.connectMs = -1;
    this.attemptStartMs = -1;
    this.errorsTaken = 0;
    this.lastActivityMs = this.startMs;
    this.attempts = 0;
    this.redispatched = false;
    this.reason = "";
    this.failed = null;
    this.failedLast = false;
    this.sni = "";
    this.hello = null;
    this.waiting = null;
    this.queuedAtMs = 0;
    this.queueMs = 0;
    this.serverQueue = 0;
    this.backendQueue = 0;
    this.failedOver = false;
    this.excluded = null;
    this.clientEnded = false;
    this.serverEnded = false;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.source = null;
    this.destination = null;
    this.early = null;
  }

  start(acceptProxy: boolean): void {
    this.client.handler = this;
    this.plane.enter(this);
    // From the first moment on: a backend that a session may still need keeps its rows.
    this.plane.board.backends.gaugeAdd(this.backend.row, backendField.active, 1);
    // Gone before it was accepted: it is counted and logged, and no server hears of it.
    if (this.client.failing) return;
    if (acceptProxy) startHandshake(this);
    else startInspecting(this);
  }

  onConnect(_connection: Connection): void {
    startTunnel(this);
  }

  onData(_connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    // Only these two read; everything after is forwarded.
    if (this.state === SessionState.inspecting) inspectData(this, bytes, start, end);
    else handshakeData(this, bytes, start, end);
  }

  onForward(connection: Connection, length: number): void {
    tunnelForwarded(this, connection === this.client, length);
  }

  onDrain(_connection: Connection): void {
    tunnelDrained(this);
  }

  onEnd(connection: Connection): void {
    if (this.state === SessionState.tunnel) tunnelEnded(this, connection === this.client);
    else if (this.state === SessionState.inspecting) endedInspecting(this);
    else this.abort(Ended.client, Phase.request);
  }

  onFail(connection: Connection, reason: Reason): void {
    const isClient = connection === this.client;
    this.reason = reasonNames[reason] ?? "";
    if (reason === Reason.handlerError) this.abort(Ended.internal, this.phase());
    else if (isClient) this.abort(clientEnd(reason), this.phase());
    else if (this.state === SessionState.connecting) connectFailed(this, connectRefused(reason));
    else this.abort(reason === Reason.timedOut ? Ended.serverTimeout : Ended.server, Phase.data);
  }

  onTimer(): void {
    try {
      if (this.state === SessionState.tunnel) tunnelTimerFired(this);
      else if (this.state === SessionState.handshake)
        this.abort(Ended.clientTimeout, Phase.request);
      else if (this.state === SessionState.inspecting) endInspecting(this);
      else connectTimerFired(this);
    } catch (error) {
      // The reactor does not know whose timer it is: without this the session would never end.
      this.abort(Ended.internal, this.phase());
      throw error;
    }
  }

  /** The phase that a premature end falls into. */
  phase(): Phase {
    if (this.state <= SessionState.inspecting) return Phase.request;
    if (this.state === SessionState.tunnel) return this.serverEnded ? Phase.last : Phase.data;
    return this.state === SessionState.queued ? Phase.queue : Phase.connect;
  }

  /** Both sides are done and nothing is left to deliver. */
  close(): void {
    if (this.state === SessionState.ended) return;
    this.client.close();
    this.server?.close();
    this.#ended(Ended.normal, Phase.done);
  }

  /** Ends it before its time: both sides get a reset, so that neither takes it for complete. */
  abort(ended: Ended, phase: Phase): void {
    if (this.state === SessionState.ended) return;
    this.client.abort();
    this.server?.abort();
    this.#ended(ended, phase);
  }

  #ended(ended: Ended, phase: Phase): void {
    const { plane } = this;
    this.timer.cancel();
    giveUpWaiting(this);
    countEnd(this, ended, phase);
    plane.log.write(this, ended, phase);
    this.leaveServer();
    plane.board.backends.gaugeAdd(this.backend.row, backendField.active, -1);
    this.state = SessionState.ended;
    this.server = null;
    plane.leave(this);
    this.frontend.leave();
  }

  /** Gives up its place on the server picked. */
  leaveServer(): void {
    if (this.target === null) return;
    const { target } = this;
    const { board, queues } = this.plane;
    board.servers.gaugeAdd(target.row, serverField.active, -1);
    board.backends.gaugeAdd(target.backendRow, backendField.placed, -1);
    this.target = null;
    queues.freed(target);
  }
}
