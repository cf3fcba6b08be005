// The end of a connection that broke the rules of TLS, or with whom nothing could be agreed. It is told
// why, in an alert that OpenSSL or refuse() has written, and must be able to read it: a close with
// unread bytes would reset the connection and take the alert with it. So what it still sends is read
// and dropped, for a moment, while its session is over already.
import { type Connection, type ConnectionHandler, Reason } from "../reactor/reactor.ts";
import type { Reactor, Timer, TimerHandler } from "../reactor/reactor.ts";
import type { TlsConnection } from "./tls-connection.ts";

const lingerMs = 1000;
/** At once; further ones are closed without ceremony. */
const lingeringMax = 256;

/** Sends what OpenSSL has to say, and tells the owner. */
export function failed(of: TlsConnection, problem: string): void {
  of.problem = problem === "" ? "the handshake failed" : problem;
  of.layer.records.send(of.transport);
  leave(of);
}

/** The same before there is anything of OpenSSL: `answer` goes out as it is. */
export function refuse(of: TlsConnection, problem: string, answer: Uint8Array): void {
  of.problem = problem;
  of.transport.write(answer, 0, answer.length);
  leave(of);
}

function leave(of: TlsConnection): void {
  const { layer, transport } = of;
  of.release();
  layer.lingering.add(transport);
  of.handler.onFail(of, Reason.tls);
}

/** Transports that have been told why, and are still to hear it. */
export class Lingering implements ConnectionHandler, TimerHandler {
  readonly #timer: Timer;
  readonly #reactor: Reactor;
  /** With the time when each is closed, oldest first. */
  readonly #transports: Map<Connection, number>;

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
    this.#timer = reactor.timer(this);
    this.#transports = new Map();
  }

  add(transport: Connection): void {
    if (this.#transports.size >= lingeringMax || transport.ended) {
      transport.close();
      return;
    }
    transport.handler = this;
    transport.end();
    transport.resume();
    this.#transports.set(transport, this.#reactor.nowMs + lingerMs);
    if (!this.#timer.armed) this.#timer.arm(lingerMs);
  }

  onConnect(): void {}

  onData(): void {}

  onForward(): void {}

  onDrain(): void {}

  onEnd(transport: Connection): void {
    this.#transports.delete(transport);
    transport.close();
  }

  onFail(transport: Connection): void {
    this.#transports.delete(transport);
  }

  onTimer(): void {
    const { nowMs } = this.#reactor;
    for (const [transport, dueMs] of this.#transports) {
      if (dueMs > nowMs) {
        this.#timer.arm(dueMs - nowMs);
        return;
      }
      this.#transports.delete(transport);
      transport.close();
    }
  }

  /** The worker stops. */
  close(): void {
    for (const transport of this.#transports.keys()) transport.close();
    this.#transports.clear();
    this.#timer.cancel();
  }
}
