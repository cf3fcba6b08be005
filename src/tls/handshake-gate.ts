// How many handshakes a worker does at once, and how many it begins in one turn: the rest wait, in the
// order in which their hellos came, while established connections get their share of the time. A
// hello costs as much as some ten to thirty requests.
import type { Reactor } from "../reactor/reactor.ts";
import { awaitHello } from "./accepting.ts";
import type { TlsConnection } from "./tls-connection.ts";

/** Begun among the events of a turn, and of those who wait as many after them: a turn is not much longer. */
const beginsPerTurn = 8;

export class HandshakeGate {
  /** Handshakes at once. */
  most: number;
  active: number;
  readonly #reactor: Reactor;
  readonly #waiting: Set<TlsConnection>;
  /** Who has waited and has a place, and whose hello the reactor is about to give again. */
  readonly #called: Set<TlsConnection>;
  #turn: number;
  #begun: number;

  constructor(reactor: Reactor, most: number) {
    this.most = most;
    this.active = 0;
    this.#reactor = reactor;
    this.#waiting = new Set();
    this.#called = new Set();
    this.#turn = -1;
    this.#begun = 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place. False: there is none for it now. */
  enter(of: TlsConnection): boolean {
    if (of.shaking) {
      if (this.#called.delete(of)) this.#callNext();
      return true;
    }
    if (this.#waiting.size > 0 || this.#called.size > 0 || !this.#hasPlace()) return false;
    this.#take(of);
    this.#begun++;
    return true;
  }

  /** It has given its hello back, and goes on when it is its turn. */
  wait(of: TlsConnection): void {
    this.#waiting.add(of);
    this.#callNext();
  }

  /** Its handshake is over, or it is itself. */
  leave(of: TlsConnection): void {
    this.#waiting.delete(of);
    this.#called.delete(of);
    if (!of.shaking) return;
    of.shaking = false;
    this.active--;
    this.#callNext();
  }

  /** The next few, once those before them have begun: the reactor then reads them after its next events. */
  #callNext(): void {
    if (this.#called.size > 0) return;
    for (const of of this.#waiting) {
      if (this.#called.size >= beginsPerTurn || this.active >= this.most) return;
      this.#waiting.delete(of);
      this.#take(of);
      this.#called.add(of);
      awaitHello(of);
    }
  }

  #take(of: TlsConnection): void {
    of.shaking = true;
    this.active++;
  }

  #hasPlace(): boolean {
    if (this.#turn !== this.#reactor.turns) {
      this.#turn = this.#reactor.turns;
      this.#begun = 0;
    }
    return this.active < this.most && this.#begun < beginsPerTurn;
  }
}
