// A client's connection that speaks HTTP/1.1: request after request, each an exchange. It reads heads
// and bodies, keeps what comes before its turn, watches the client's time limits, and closes without
// losing what the client has not read yet. What a request leads to is its exchange's business.
import type { SocketAddress } from "../../config/address.ts";
import type { HeadProgress } from "../../http/h1/head-progress.ts";
import type { Connection, Reason, Timer } from "../../reactor/reactor.ts";
import type { Frontend } from "../accept/frontend.ts";
import { handshakeFailed, secured } from "../accept/securing.ts";
import { failureText } from "../tls/failure-text.ts";
import { handshakeData } from "../accept/handshake.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import { countEnding } from "../session/count-ending.ts";
import { SessionState } from "../session/session-state.ts";
import { Session } from "../session/session.ts";
import { clientEnd, Ended, Phase } from "../termination.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import { clientTimerFired } from "./client-timer.ts";
import { keepAhead, readBody, readHead, readNext } from "./reading-requests.ts";
import { endQuiet } from "./ending.ts";
import { closeGently } from "./closing.ts";
import type { Exchange } from "./exchange.ts";
import { stickKeyOf } from "./exchange-key.ts";
import type { HttpFrontend } from "./http-frontend.ts";
import type { HttpPlane } from "./http-plane.ts";
import type { KeptBytes } from "./kept-bytes.ts";
import { httpTimeLeft } from "./time-left.ts";

export class HttpSession extends Session {
  readonly http: HttpPlane;
  /** What its frontend's plan said when the request at hand began. */
  settings: HttpFrontend;
  /** That is a proxy whose word counts. */
  peerTrusted: boolean;
  /** Null between two requests. */
  exchange: Exchange | null;
  requests: number;
  /** When the head at hand began to come; -1: it has not. */
  headStartMs: number;
  /** What came before its turn: part of a head, or requests behind the one at hand. */
  ahead: KeptBytes | null;
  progress: HeadProgress | null;
  clientEnded: boolean;
  /** No request after this one is read. */
  closing: boolean;
  /** All is said; what the client still sends is read and dropped, so that no reset takes our answer from it. */
  lingering: boolean;
  /** Heads are being read: whoever ends an exchange meanwhile need not start it. */
  reading: boolean;
  /** It goes on a turn later. */
  postponed: boolean;
  /** When the client's limit passes, and which. */
  deadlineMs: number;
  limit: ClientLimit;

  constructor(
    plane: DataPlane,
    frontend: Frontend,
    client: Connection,
    bind: SocketAddress,
    bindId: number,
  ) {
    super(plane, frontend, client, bind, bindId);
    this.http = plane.http;
    this.settings = frontend.http as HttpFrontend;
    this.peerTrusted = false;
    this.exchange = null;
    this.requests = 0;
    this.headStartMs = -1;
    this.ahead = null;
    this.progress = null;
    this.clientEnded = false;
    this.closing = false;
    this.lingering = false;
    this.reading = false;
    this.postponed = false;
    this.deadlineMs = Infinity;
    this.limit = ClientLimit.none;
  }

  get dispatch(): Dispatch | null {
    return this.exchange === null ? null : this.exchange.dispatch;
  }

  get server(): Connection | null {
    return this.exchange?.server?.connection ?? null;
  }

  get serverEnded(): boolean {
    return this.exchange !== null && this.exchange.serverEnded;
  }

  begin(): void {
    this.state = SessionState.idle;
    this.peerTrusted = this.settings.trusts(this.clientAddress);
    limitClient(this, ClientLimit.head);
    if (this.early !== null) {
      const { early } = this;
      this.early = null;
      readHead(this, early, 0, early.length);
    }
    if (this.exchange === null) this.client.resume();
  }

  onConnect(): void {
    secured(this);
  }

  onForward(_connection: Connection, length: number): void {
    const { exchange } = this;
    if (exchange === null) return;
    if (exchange.tunneling) {
      exchange.onTunnelForward(true, length);
      return;
    }
    exchange.request.skip(length);
    exchange.bytesIn += length;
    exchange.serverAsked();
    limitClient(this, exchange.request.done ? ClientLimit.none : ClientLimit.client);
  }

  onData(_connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (this.state === SessionState.handshake) {
      handshakeData(this, bytes, start, end);
      return;
    }
    this.lastActivityMs = this.plane.reactor.nowMs;
    const { exchange } = this;
    if (exchange === null) {
      if (!this.lingering) readHead(this, bytes, start, end);
    } else if (!exchange.request.done) readBody(this, exchange, bytes, start, end);
    else keepAhead(this, bytes, start, end);
  }

  renewSettings(): void {
    const settings = this.frontend.http ?? this.settings;
    if (settings === this.settings) return;
    this.settings = settings;
    this.peerTrusted = settings.trusts(this.clientAddress);
  }

  /** Its exchange is over, all of the response is handed over. */
  next(persistent: boolean): void {
    this.exchange = null;
    if (!persistent || this.clientEnded || this.plane.stopping) {
      closeGently(this);
      return;
    }
    this.state = SessionState.idle;
    readNext(this);
  }

  /** The client may still be sending: it must be able to read our answer before it hears a reset. */
  linger(): void {
    this.lingering = true;
    this.ahead = null;
  }

  onDrain(_connection: Connection): void {
    if (this.exchange !== null) {
      limitClient(this, this.exchange.request.done ? ClientLimit.none : ClientLimit.client);
      this.exchange.onClientDrain();
    } else if (this.closing) closeGently(this);
    else if (this.state === SessionState.idle) readNext(this);
  }

  /** The client does not take what it is sent. */
  stalled(): void {
    limitClient(this, ClientLimit.client);
  }

  onEnd(_connection: Connection): void {
    this.clientEnded = true;
    const { exchange } = this;
    if (this.state === SessionState.handshake) this.abort(Ended.client, Phase.request);
    else if (exchange === null) endQuiet(this);
    else if (exchange.tunneling) exchange.onTunnelEnd(true);
    else if (!exchange.request.done) exchange.onClientGone(Ended.client);
    else if (this.settings.abortOnClose && this.ahead === null) {
      exchange.onClientGone(Ended.client);
    }
  }

  onFail(connection: Connection, reason: Reason): void {
    if (this.state === SessionState.handshake && this.tls !== null) {
      handshakeFailed(this, failureText(connection, reason));
    }
    if (this.exchange !== null) this.exchange.onClientGone(clientEnd(reason));
    else if (this.state === SessionState.handshake) this.abort(clientEnd(reason), Phase.request);
    else this.#leave();
  }

  onTimer(_timer: Timer): void {
    clientTimerFired(this);
  }

  phase(): Phase {
    return this.exchange === null ? Phase.request : this.exchange.phase();
  }

  replan(): void {
    this.exchange?.replan();
  }

  /** No request after the one at hand. */
  stop(): void {
    if (this.exchange === null && this.state === SessionState.idle && this.ahead === null) {
      this.close();
    }
  }

  stickKey(): string | null {
    return this.exchange === null ? null : stickKeyOf(this.exchange);
  }

  timeoutsLeft(): Record<string, number> {
    return httpTimeLeft(this);
  }

  abort(ended: Ended, phase: Phase): void {
    if (this.state === SessionState.ended) return;
    if (this.exchange !== null) this.exchange.onClientGone(ended);
    else if (this.state === SessionState.handshake) {
      countEnding(this.plane.board, this.frontend.row, -1, -1, ended, phase);
    }
    this.client.abort();
    this.#leave();
  }

  close(): void {
    this.client.close();
    this.#leave();
  }

  #leave(): void {
    if (this.state === SessionState.ended) return;
    this.state = SessionState.ended;
    this.timer.cancel();
    this.ahead = null;
    this.plane.leave(this);
    this.frontend.leave();
  }
}
