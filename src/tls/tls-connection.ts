// A connection that speaks TLS, over one that does not: to its owner it is a Connection like any other,
// and to the reactor's connection it is the owner. It must not know which reactor runs, nor what is
// carried. What the peer sends is in receiving.ts, the beginning in accepting.ts and handshaking.ts.
import type { Connection, ConnectionHandler, ForwardSource, Reason } from "../reactor/reactor.ts";
import { sslFree, sslSetShutdown, SSL_SHUTDOWN_BOTH } from "../sys/openssl/session.ts";
import { awaitHello, helloData } from "./accepting.ts";
import type { Agreed } from "./agreed.ts";
import { sayHello } from "./connecting.ts";
import { failed } from "./failing.ts";
import { Layered } from "./layered.ts";
import { finReceived, receive, remember } from "./receiving.ts";
import type { ClientContext } from "./client-context.ts";
import { earlyBytes, finish, sayGoodbye, send } from "./sending.ts";
import type { ServerContexts } from "./server-contexts.ts";
import type { TlsLayer } from "./tls-layer.ts";
import { TlsPhase } from "./tls-phase.ts";

const nothing: readonly string[] = [];

export class TlsConnection extends Layered implements Connection, ConnectionHandler, ForwardSource {
  readonly layer: TlsLayer;
  handler: ConnectionHandler;
  phase: TlsPhase;
  /** OpenSSL's; 0: none yet, or none any more. */
  ssl: number;
  /** Of a bind: what the hello is answered with. */
  contexts: ServerContexts | null;
  /** Of a server: what it is greeted with. */
  client: ClientContext | null;
  /** Of a hello that has not come whole: all of it so far. */
  opening: Uint8Array | null;
  /** Holds one of the worker's places for handshakes. */
  shaking: boolean;
  /** The server that the client named, in lower case; empty: none. */
  sni: string;
  /** Of a bind: protocols that the client offered, in its order. */
  offered: readonly string[];
  /** The protocol agreed on; empty: none. */
  alpn: string;
  /** What the handshake has led to; null: it is not complete. */
  agreed: Agreed | null;
  /** Why it failed; empty: it has not. */
  problem: string;
  /** The owner has paused it. */
  paused: boolean;
  /** The sink of forward() is full. */
  held: boolean;
  sink: Connection | null;
  toForward: number;
  /** Who waits for this one to take more. */
  source: ForwardSource | null;
  /** Written before the handshake was complete. */
  early: Uint8Array[] | null;
  /** The peer has said that it has finished, or its FIN has come. */
  peerEnded: boolean;
  /** Its FIN came without a word (close_notify): somebody else may have cut it short. */
  truncated: boolean;
  ending: boolean;
  /** To a server: sent in clear before our hello (the PROXY protocol). Null: nothing. */
  preface: Uint8Array | null;
  /** Reads after which the session may be there to be remembered. */
  memorable: number;

  constructor(layer: TlsLayer, transport: Connection | null, handler: ConnectionHandler) {
    super(transport);
    this.layer = layer;
    this.handler = handler;
    this.phase = transport === null ? TlsPhase.connecting : TlsPhase.clear;
    this.ssl = 0;
    this.contexts = null;
    this.client = null;
    this.opening = null;
    this.shaking = false;
    this.sni = "";
    this.offered = nothing;
    this.alpn = "";
    this.agreed = null;
    this.problem = "";
    this.paused = transport !== null;
    this.held = false;
    this.sink = null;
    this.toForward = Infinity;
    this.source = null;
    this.early = null;
    this.peerEnded = false;
    this.truncated = false;
    this.ending = false;
    this.preface = null;
    this.memorable = 0;
    if (transport !== null) transport.handler = this;
  }

  get established(): boolean {
    return this.phase === TlsPhase.open;
  }

  get closed(): boolean {
    return this.phase === TlsPhase.closed;
  }

  get ended(): boolean {
    return this.peerEnded || this.closed || this.transport.ended;
  }

  get failing(): boolean {
    return this.problem !== "" || this.transport.failing;
  }

  get unsent(): number {
    return this.transport.unsent + earlyBytes(this);
  }

  /** From here on the client must speak TLS; what it has said already is given back by unread(). */
  secure(): void {
    awaitHello(this);
  }

  pause(): void {
    this.paused = true;
    if (this.phase === TlsPhase.open || this.phase === TlsPhase.clear) this.transport.pause();
  }

  resume(): void {
    this.paused = false;
    this.#flow();
  }

  /** Reads on, if nobody has a reason against it. */
  #flow(): void {
    if (this.paused || this.held) return;
    if (this.phase === TlsPhase.open || this.phase === TlsPhase.clear) this.transport.resume();
  }

  forward(sink: Connection, limit: number = Infinity): void {
    if (this.closed || !(limit > 0)) return;
    this.sink = sink;
    this.toForward = limit;
    this.held = false;
    this.resume();
  }

  unforward(): void {
    this.sink = null;
    this.schedule();
  }

  schedule(): void {
    this.held = false;
    this.#flow();
  }

  awaitedBy(source: ForwardSource): void {
    this.source = source;
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.phase === TlsPhase.clear) return this.transport.write(bytes, start, end);
    return send(this, bytes, start, end);
  }

  end(): void {
    finish(this);
  }

  /** Half-close without close_notify: what was said may not have been all. */
  endAbruptly(): void {
    if (this.ending || this.closed) return;
    this.ending = true;
    this.transport.end();
  }

  close(): void {
    if (this.closed) return;
    if (this.phase === TlsPhase.open && this.problem === "") {
      if (!this.ending) sayGoodbye(this);
      // It may have come together with what led to this close.
      if (this.memorable > 0) remember(this);
    }
    this.transport.close();
    this.release();
  }

  abort(): void {
    if (this.closed) return;
    this.transport.abort();
    this.release();
  }

  /** Frees what it holds; no callback after this. Its transport is another's business. */
  release(): void {
    if (this.closed) return;
    this.phase = TlsPhase.closed;
    this.layer.gate.leave(this);
    this.contexts?.drop();
    this.client?.drop();
    if (this.ssl !== 0) {
      // Cut short is not broken: else OpenSSL would have the session forgotten.
      if (this.problem === "") sslSetShutdown(this.ssl, SSL_SHUTDOWN_BOTH);
      sslFree(this.ssl);
      this.ssl = 0;
      this.layer.count(-1);
    }
    this.opening = null;
    this.early = null;
    this.sink = null;
    this.source = null;
  }

  onConnect(_transport: Connection): void {
    sayHello(this);
  }

  onData(_transport: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (this.phase === TlsPhase.clear) this.handler.onData(this, bytes, start, end);
    else if (this.phase === TlsPhase.hello) helloData(this, bytes, start, end);
    else if (this.problem !== "") failed(this, this.problem);
    else receive(this, bytes, start, end);
  }

  onForward(): void {}

  onDrain(_transport: Connection): void {
    if (this.phase !== TlsPhase.open && this.phase !== TlsPhase.clear) return;
    this.handler.onDrain(this);
    this.wakeSource();
  }

  /** Whoever was stopped for this connection goes on. */
  wakeSource(): void {
    const { source } = this;
    if (source === null) return;
    this.source = null;
    if (source.sink === this) source.schedule();
  }

  onEnd(_transport: Connection): void {
    finReceived(this);
  }

  onFail(_transport: Connection, reason: Reason): void {
    this.release();
    this.handler.onFail(this, reason);
  }
}
