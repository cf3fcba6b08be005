// How many handshakes a worker does at once, and how many it begins in one turn: the rest wait, in the
// order in which their hellos came, while established connections get their share of the time. A
// hello costs as much as some ten to thirty requests.
import type { Reactor, Timer, TimerHandler } from "../reactor/reactor.ts";
import { awaitHello } from "./accepting.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

/** Begun in one turn: a turn is not longer than these take. */
const beginsPerTurn = 8;

export class HandshakeGate implements TimerHandler {
  /** Handshakes at once. */
  most: number;
  active: number;
  readonly #reactor: Reactor;
  readonly #waiting: Set<TlsConnection>;
  readonly #timer: Timer;
  #turn: number;
  #begun: number;

  constructor(reactor: Reactor, most: number) {
    this.most = most;
    this.active = 0;
    this.#reactor = reactor;
    this.#waiting = new Set();
    this.#timer = reactor.timer(this);
    this.#turn = -1;
    this.#begun = 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place. False: it goes on when it is its turn. */
  enter(of: TlsConnection): boolean {
    if (of.shaking) return true;
    if (this.#waiting.size === 0 && this.#hasPlace()) {
      this.#take(of);
      return true;
    }
    this.#waiting.add(of);
    if (this.active < this.most && !this.#timer.armed) this.#timer.arm(0);
    return false;
  }

  /** Its handshake is over, or it is itself. */
  leave(of: TlsConnection): void {
    this.#waiting.delete(of);
    if (!of.shaking) return;
    of.shaking = false;
    this.active--;
    if (this.#waiting.size > 0 && !this.#timer.armed) this.#timer.arm(0);
  }

  onTimer(): void {
    for (const of of this.#waiting) {
      if (!this.#hasPlace()) break;
      this.#waiting.delete(of);
      this.#take(of);
      if (of.phase === TlsPhase.waiting) awaitHello(of);
    }
    if (this.#waiting.size > 0 && this.active < this.most) this.#timer.arm(0);
  }

  #take(of: TlsConnection): void {
    of.shaking = true;
    this.active++;
    this.#begun++;
  }

  #hasPlace(): boolean {
    if (this.#turn !== this.#reactor.turns) {
      this.#turn = this.#reactor.turns;
      this.#begun = 0;
    }
    return this.active < this.most && this.#begun < beginsPerTurn;
  }
}
