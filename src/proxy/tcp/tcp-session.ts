// One TCP session, from accept to its log line: handshake -> inspecting -> dispatching -> tunnel ->
// ended. This file holds its state and hands each event to its phase: handshake.ts, inspecting.ts,
// dispatch/connecting.ts, tunnel.ts. It is the handler of both its connections.
import { noKey } from "../../balance/policy.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { SessionKey } from "../../config/plan.ts";
import type { Connection, Timer } from "../../reactor/reactor.ts";
import { Reason } from "../../reactor/reactor.ts";
import type { StickKey } from "../../scoreboard/stick-key.ts";
import type { ClientHello } from "../../tls/client-hello.ts";
import type { Frontend } from "../accept/frontend.ts";
import { handshakeFailed, handshakeTimedOut, secured } from "../accept/securing.ts";
import { connectServer } from "../dispatch/server-connect.ts";
import { failureText } from "../tls/failure-text.ts";
import { handshakeData } from "../accept/handshake.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Server } from "../dispatch/backend.ts";
import { addressHash, fillAddress, fillName, serverNameHash } from "../dispatch/client-key.ts";
import {
  connected,
  connectFailed,
  connectRefused,
  dispatchTimerFired,
} from "../dispatch/connecting.ts";
import { Dispatch, type Dispatched } from "../dispatch/dispatch.ts";
import { Began } from "../dispatch/dispatch-state.ts";
import { giveUpWaiting } from "../dispatch/placing.ts";
import { SessionState } from "../session/session-state.ts";
import { Session } from "../session/session.ts";
import { clientEnd, Ended, Phase } from "../termination.ts";
import { endedInspecting, endInspecting, inspectData, startInspecting } from "./inspecting.ts";
import { replanSession } from "./routing-session.ts";
import { countEnd } from "./session-count.ts";
import { noAlpn } from "./tcp-router.ts";
import { tunnelLeft, waitLeft } from "./time-left.ts";
import {
  startTunnel,
  tunnelDrained,
  tunnelEnded,
  tunnelForwarded,
  tunnelTimerFired,
} from "./tunnel.ts";

/** Of the attempt being made; filled anew each time, so that none allocates its own. */
const options = { keepaliveMs: 0, dataFollows: false };

export class TcpSession extends Session implements Dispatched {
  readonly dispatch: Dispatch;
  /** Null before the first attempt and between attempts. */
  server: Connection | null;
  /** The TLS server name, in lower case, if anybody wanted it; empty: none. */
  sni: string;
  /** What the client offered there, in its order; likewise. */
  alpn: readonly string[];
  /** Of the phase that looks for them. */
  hello: ClientHello | null;
  /** What was wrong with that, for the log; empty: nothing. */
  helloProblem: string;
  /** The route that took it, by name; empty: none, or none yet. */
  route: string;
  clientEnded: boolean;
  serverEnded: boolean;

  constructor(
    plane: DataPlane,
    frontend: Frontend,
    client: Connection,
    bind: SocketAddress,
    bindId: number,
  ) {
    super(plane, frontend, client, bind, bindId);
    this.dispatch = new Dispatch(plane, this, this.timer, null);
    this.server = null;
    this.sni = "";
    this.alpn = noAlpn;
    this.hello = null;
    this.helloProblem = "";
    this.route = "";
    this.clientEnded = false;
    this.serverEnded = false;
  }

  begin(): void {
    startInspecting(this);
  }

  override get namedServer(): string {
    return this.sni;
  }

  connectTo(server: Server): Began {
    const { plane, dispatch, client } = this;
    options.keepaliveMs = dispatch.backend.tcpKeepaliveMs;
    options.dataFollows = this.early !== null || server.sendProxy !== 0 || client.hasData;
    this.server = connectServer(plane, server, options, this, this);
    return Began.connecting;
  }

  dropAttempt(): void {
    this.server?.abort();
    this.server = null;
  }

  abandon(ended: Ended, phase: Phase): void {
    this.abort(ended, phase);
  }

  persisted(): number {
    return -1;
  }

  keyHash(on: SessionKey): number {
    if (on === "sni") return serverNameHash(this.sni);
    return on === "source" ? addressHash(this.clientAddress) : noKey;
  }

  fillKey(key: StickKey, on: SessionKey): void {
    if (on === "sni") fillName(key, this.sni);
    else if (on === "source") fillAddress(key, this.clientAddress);
    else key.clear();
  }

  onConnect(connection: Connection): void {
    if (connection === this.client) {
      secured(this);
      return;
    }
    connected(this.dispatch, true);
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
    if (this.state === SessionState.established) tunnelEnded(this, connection === this.client);
    else if (this.state === SessionState.inspecting) endedInspecting(this);
    else this.abort(Ended.client, Phase.request);
  }

  onFail(connection: Connection, reason: Reason): void {
    const isClient = connection === this.client;
    this.dispatch.reason = failureText(connection, reason);
    if (isClient && this.tls !== null && this.state === SessionState.handshake) {
      handshakeFailed(this, this.dispatch.reason);
    }
    if (reason === Reason.handlerError) this.abort(Ended.internal, this.phase());
    else if (isClient) this.abort(clientEnd(reason), this.phase());
    else if (this.state === SessionState.dispatching) {
      this.server = null;
      connectFailed(this.dispatch, connectRefused(reason));
    } else this.abort(reason === Reason.timedOut ? Ended.serverTimeout : Ended.server, Phase.data);
  }

  onTimer(_timer: Timer): void {
    try {
      if (this.state === SessionState.established) tunnelTimerFired(this);
      else if (this.state === SessionState.handshake) handshakeTimedOut(this);
      else if (this.state === SessionState.inspecting) endInspecting(this);
      else dispatchTimerFired(this.dispatch);
    } catch (error) {
      // The reactor does not know whose timer it is: without this the session would never end.
      this.abort(Ended.internal, this.phase());
      throw error;
    }
  }

  phase(): Phase {
    if (this.state <= SessionState.inspecting) return Phase.request;
    if (this.state === SessionState.established) return this.serverEnded ? Phase.last : Phase.data;
    return this.dispatch.phase();
  }

  replan(): void {
    replanSession(this);
  }

  /** It ends when both sides have. */
  stop(): void {}

  stickKey(): string | null {
    const { stick } = this.dispatch.backend;
    if (stick === null) return null;
    if (stick.on === "sni") return this.sni === "" ? null : this.sni;
    const { clientAddress } = this;
    return clientAddress.family === "unix" ? null : clientAddress.host;
  }

  timeoutsLeft(): Record<string, number> {
    return this.state === SessionState.established ? tunnelLeft(this) : waitLeft(this);
  }

  /** Both sides are done and nothing is left to deliver. */
  close(): void {
    if (this.state === SessionState.ended) return;
    this.client.close();
    this.server?.close();
    this.#ended(Ended.normal, Phase.done);
  }

  abort(ended: Ended, phase: Phase): void {
    if (this.state === SessionState.ended) return;
    this.client.abort();
    this.server?.abort();
    this.#ended(ended, phase);
  }

  #ended(ended: Ended, phase: Phase): void {
    const { plane } = this;
    this.timer.cancel();
    giveUpWaiting(this.dispatch);
    countEnd(this, ended, phase);
    plane.log.writeSession(this, ended, phase);
    const hasBackend = this.state > SessionState.inspecting;
    this.state = SessionState.ended;
    if (hasBackend) this.dispatch.leave();
    this.server = null;
    plane.leave(this);
    this.frontend.leave();
  }
}
