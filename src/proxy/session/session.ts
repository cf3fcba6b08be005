// A session: one client's connection, from accept to its log line. What is the same for every mode
// stands here; a TCP session (tcp/) goes on as one tunnel, an HTTP session (http/) as exchanges. It is
// the handler of its client's connection; nothing a peer does makes it throw.
import type { SocketAddress } from "../../config/address.ts";
import type {
  Connection,
  ConnectionHandler,
  Reason,
  Timer,
  TimerHandler,
} from "../../reactor/reactor.ts";
import type { Frontend } from "../accept/frontend.ts";
import { startHandshake } from "../accept/handshake.ts";
import { secure } from "../accept/securing.ts";
import type { TlsConnection } from "../../tls/tls-connection.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import type { Ended, Phase } from "../termination.ts";
import { SessionState } from "./session-state.ts";

export abstract class Session implements ConnectionHandler, TimerHandler {
  readonly plane: DataPlane;
  readonly frontend: Frontend;
  readonly client: Connection;
  /** The same, if it speaks TLS with us; null: it does not. */
  tls: TlsConnection | null;
  /** Where it was accepted. */
  readonly bind: SocketAddress;
  readonly bindId: number;
  state: SessionState;
  readonly timer: Timer;
  /** Neighbours in the worker's list of sessions. */
  newer: Session | null;
  older: Session | null;
  readonly acceptedAtMs: number;
  readonly startMs: number;
  handshakeMs: number;
  lastActivityMs: number;
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
    this.client = client;
    this.tls = null;
    this.bind = bind;
    this.bindId = bindId;
    this.state = SessionState.handshake;
    this.timer = plane.reactor.timer(this);
    this.newer = null;
    this.older = null;
    this.acceptedAtMs = Date.now();
    this.startMs = plane.reactor.nowMs;
    this.handshakeMs = 0;
    this.lastActivityMs = this.startMs;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.source = null;
    this.destination = null;
    this.early = null;
  }

  /** It has been accepted. */
  start(acceptProxy: boolean, tls: TlsConnection | null): void {
    this.tls = tls;
    this.client.handler = this;
    this.plane.enter(this);
    // Gone before it was accepted: it is counted and logged, and no server hears of it.
    if (this.client.failing) return;
    if (acceptProxy) startHandshake(this);
    else secure(this);
  }

  /** Who the client is: what a PROXY protocol header says, if there is one. */
  get clientAddress(): SocketAddress {
    return this.source ?? this.client.remote;
  }

  /** The server that it asked for in a hello which we only read; empty: none. */
  get namedServer(): string {
    return "";
  }

  /** What it looks for a server with, now; null: with nothing. */
  abstract get dispatch(): Dispatch | null;
  /** The connection to its server, now. */
  abstract get server(): Connection | null;
  /** The client, or the server, has finished sending. */
  abstract readonly clientEnded: boolean;
  abstract readonly serverEnded: boolean;
  /** Its client is known, and TLS agreed on. */
  abstract begin(): void;
  /** The phase that a premature end falls into. */
  abstract phase(): Phase;
  /** Ends it before its time: both sides get a reset, so that neither takes it for complete. */
  abstract abort(ended: Ended, phase: Phase): void;
  /** A new plan is in force. */
  abstract replan(): void;
  /** It is to end when it has nothing to do any more. */
  abstract stop(): void;
  /** What it sticks by, as its sticky table lists it; null: by nothing. */
  abstract stickKey(): string | null;
  /** Milliseconds left on each time limit that is running, by its name in `timeout`. */
  abstract timeoutsLeft(): Record<string, number>;
  abstract onConnect(connection: Connection): void;
  abstract onData(connection: Connection, bytes: Uint8Array, start: number, end: number): void;
  abstract onForward(connection: Connection, length: number): void;
  abstract onDrain(connection: Connection): void;
  abstract onEnd(connection: Connection): void;
  abstract onFail(connection: Connection, reason: Reason): void;
  abstract onTimer(timer: Timer): void;
}
