// A connection to a server that speaks HTTP/1.1: one exchange after the other, and idle in the pool in
// between. It reads responses and tells its exchange; what becomes of them is decided there.
import { BodyKind } from "../../http/body-kind.ts";
import { BodyReader } from "../../http/h1/body-reader.ts";
import { isFault, Parsed } from "../../http/h1/fault.ts";
import { HeadProgress } from "../../http/h1/head-progress.ts";
import type { Connection, ConnectionHandler, Reason } from "../../reactor/reactor.ts";
import { isTruncated } from "../../tls/receiving.ts";
import type { Server } from "../dispatch/backend.ts";
import type { Exchange } from "./exchange.ts";
import type { HttpPlane } from "./http-plane.ts";
import { KeptBytes } from "./kept-bytes.ts";

/** A body of which so much is still to come is handed on by the reactor, unseen. */
export const forwardBytesMin: number = 16 * 1024;

export class ServerConnection implements ConnectionHandler {
  readonly http: HttpPlane;
  readonly server: Server;
  /** Set by whoever connects, at once. */
  connection: Connection;
  /** Null while it is idle. */
  exchange: Exchange | null;
  /** Exchanges that it has carried. */
  requests: number;
  readonly bornMs: number;
  idleSinceMs: number;
  /** Neighbours in its pool. */
  newer: ServerConnection | null;
  older: ServerConnection | null;
  /** Its response will be followed by another one. */
  persistent: boolean;
  readonly body: BodyReader;
  /** The response's head is complete. */
  headDone: boolean;
  /** Something of a response has arrived. */
  answered: boolean;
  /** Of a head that has not arrived whole. */
  partial: KeptBytes | null;
  progress: HeadProgress | null;

  constructor(http: HttpPlane, server: Server, exchange: Exchange) {
    this.http = http;
    this.server = server;
    this.connection = exchange.session.client;
    this.exchange = exchange;
    this.requests = 0;
    this.bornMs = http.plane.reactor.nowMs;
    this.idleSinceMs = 0;
    this.newer = null;
    this.older = null;
    this.persistent = false;
    this.body = new BodyReader();
    this.headDone = false;
    this.answered = false;
    this.partial = null;
    this.progress = null;
  }

  /** Another exchange begins on it. */
  begin(exchange: Exchange): void {
    this.exchange = exchange;
    this.requests++;
    this.headDone = false;
    this.answered = false;
    this.persistent = false;
  }

  onConnect(_connection: Connection): void {
    this.exchange?.onConnected();
  }

  onData(_connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const { exchange } = this;
    if (exchange === null) {
      // Nobody has asked anything: whatever it says could be taken for the next answer.
      this.http.pools.drop(this);
      return;
    }
    this.answered = true;
    exchange.serverActive();
    if (this.headDone) this.#readBody(exchange, bytes, start, end);
    else this.#readHead(exchange, bytes, start, end);
  }

  #readHead(exchange: Exchange, received: Uint8Array, from: number, to: number): void {
    const { responses } = this.http;
    let bytes = received;
    let start = from;
    let end = to;
    const { partial } = this;
    if (partial !== null) {
      partial.append(received, from, to);
      ({ bytes, length: end } = partial);
      start = 0;
    }
    for (;;) {
      const verdict = responses.parse(bytes, start, end, exchange.method, this.progress);
      if (verdict === Parsed.needMore) {
        this.#keep(bytes, start, end);
        return;
      }
      if (isFault(verdict)) {
        exchange.onJunk(verdict);
        return;
      }
      const { head } = responses;
      this.progress = null;
      if (head.status >= 200 || head.switches) break;
      exchange.onInterim(head);
      if (this.exchange !== exchange) return;
      start = responses.end;
      if (start === end) {
        this.partial = null;
        return;
      }
    }
    const { head } = responses;
    this.partial = null;
    this.headDone = true;
    this.persistent = head.persistent;
    this.body.begin(head.body, head.body === BodyKind.length ? head.contentLength : 0);
    const bodyStart = responses.end;
    exchange.onHead(head);
    if (this.exchange !== exchange) return;
    if (exchange.tunneling) exchange.onTunnelData(bytes, bodyStart, end);
    else this.#readBody(exchange, bytes, bodyStart, end);
  }

  /** The head goes on in what comes next. */
  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.progress ??= new HeadProgress();
    if (this.partial !== null && start === 0) return;
    const partial = new KeptBytes();
    partial.append(bytes, start, end);
    this.partial = partial;
  }

  #readBody(exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
    const { body } = this;
    let at = start;
    if (exchange.passesFraming) {
      at = body.read(bytes, start, end);
      if (at > start) exchange.sendFramed(bytes, start, at);
    } else {
      while (at < end && !body.done && body.fault === 0) {
        at = body.next(bytes, at, end);
        if (body.dataEnd > body.dataStart) {
          exchange.sendData(bytes, body.dataStart, body.dataEnd);
        }
      }
    }
    if (body.fault !== 0) {
      exchange.onJunk(body.fault);
      return;
    }
    if (body.done) {
      // More than it has announced: what follows is nobody's answer.
      if (at < end) this.persistent = false;
      exchange.onResponseEnd();
      return;
    }
    const flows = exchange.flush();
    if (exchange.passesFraming && body.remaining >= forwardBytesMin) {
      this.connection.forward(exchange.session.client, body.remaining);
    } else if (!flows) this.connection.pause();
  }

  onForward(_connection: Connection, length: number): void {
    const { exchange, body } = this;
    if (exchange === null) return;
    exchange.serverActive();
    if (exchange.tunneling) {
      exchange.onTunnelForward(false, length);
      return;
    }
    body.skip(length);
    exchange.countBody(length);
    // It has its time limit anew: it has just taken what was here before.
    if (exchange.session.client.unsent > 0) exchange.session.stalled();
    if (body.done) exchange.onResponseEnd();
  }

  onDrain(_connection: Connection): void {
    this.exchange?.onServerDrain();
  }

  onEnd(connection: Connection): void {
    const { exchange } = this;
    if (exchange === null) this.http.pools.drop(this);
    else if (exchange.tunneling) exchange.onTunnelEnd(false);
    else if (this.headDone && !isTruncated(connection) && this.body.end()) exchange.onResponseEnd();
    else exchange.onServerGone(0);
  }

  onFail(_connection: Connection, reason: Reason): void {
    const { exchange } = this;
    if (exchange === null) this.http.pools.drop(this);
    else exchange.onServerGone(reason);
  }

  /** Its exchange is over, and it cannot carry another one. */
  close(): void {
    this.exchange = null;
    this.connection.close();
  }

  abort(): void {
    this.exchange = null;
    this.connection.abort();
  }
}
