// A listening socket on epoll, level-triggered: what is left in the backlog is told again next
// turn. When descriptors run out it stops watching and tries again shortly, because a listener
// that is ready and cannot accept would make the loop spin.
import type { SocketAddress } from "../../config/address.ts";
import { listenBacklog } from "../../config/limits.ts";
import * as C from "../../sys/constants.ts";
import { errnoName } from "../../sys/errno.ts";
import * as libc from "../../sys/libc.ts";
import { backlogLength, localAddress } from "../../sys/stream-socket.ts";
import { type Listener, type ListenHandler, Reason, type TimerHandler } from "../reactor.ts";
import { type TimerWheel, WheelTimer } from "../timer-wheel.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { acceptNext, adoptConnection } from "./incoming.ts";
import {
  acceptsAlways,
  acceptsPerTurn,
  type ListenPlace,
  listenerGeneration,
  type Poll,
} from "./poll.ts";
import { reasonOf } from "./reasons.ts";

/** Between two tries when descriptors have run out; while it closes, so many of them. */
const exhaustedRetryMs = 100;
const closingTries = 50;

export class EpollListener implements Listener, TimerHandler {
  readonly address: SocketAddress;
  readonly descriptor: number;
  readonly #poll: Poll;
  readonly #handler: ListenHandler;
  /** The descriptor belongs to the control plane: never closed here. */
  readonly #borrowed: boolean;
  #watching: boolean;
  /** admit() said no: until resume(). What is accepted already is handed over all the same. */
  #full: boolean;
  #exhausted: boolean;
  /** Accepted and not yet handed over. */
  #handing: number;
  #closing: boolean;
  /** Accepts that it still owes to whoever waited when it began to close. */
  #owed: number;
  /** Times left to wait for descriptors then. */
  #closingTries: number;
  /** The last accepting stopped for want of descriptors. */
  #mustWait: boolean;
  #closed: boolean;
  /** Tries again after exhaustion. */
  readonly #retry: WheelTimer;

  /** Begins to listen. */
  constructor(poll: Poll, wheel: TimerWheel, place: ListenPlace, handler: ListenHandler) {
    const { address, descriptor, borrowed } = place;
    this.address = (address.family !== "unix" && localAddress(descriptor)) || address;
    this.descriptor = descriptor;
    this.#poll = poll;
    this.#handler = handler;
    this.#borrowed = borrowed;
    this.#watching = false;
    this.#full = false;
    this.#exhausted = false;
    this.#handing = 0;
    this.#closing = false;
    this.#owed = 0;
    this.#closingTries = closingTries;
    this.#mustWait = false;
    this.#closed = false;
    this.#retry = new WheelTimer(wheel, this);
    poll.listeners[descriptor] = this;
    if (!borrowed) poll.ownership.own(descriptor);
    this.#watch();
  }

  resume(): void {
    if (this.#closing) return;
    this.#full = false;
    this.#watch();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#unwatch();
    const waiting = backlogLength(this.descriptor);
    this.#owed = waiting < 0 ? listenBacklog : waiting;
    this.#poll.later.push(() => this.#takeLast());
  }

  /**
   * Whoever completed the handshake before the close is served: dropping would reset them. Those who
   * come later only as far as they are met on the way, because there may always be one more.
   */
  #takeLast(): void {
    if (this.#closed) return;
    this.#mustWait = false;
    const more = this.accept() && this.#owed > 0;
    if (this.#mustWait && this.#closingTries > 0) {
      // Who waits is not dropped for want of a descriptor at once.
      this.#closingTries--;
      this.#retry.arm(exhaustedRetryMs);
      return;
    }
    if (more) {
      this.#poll.later.push(() => this.#takeLast());
      return;
    }
    this.drop();
    this.#tellClosed();
  }

  /** The last callback: whoever was accepted has been handed over before. */
  #tellClosed(): void {
    if (this.#handing > 0) this.#poll.later.push(() => this.#tellClosed());
    else this.#handler.onClosed(this);
  }

  tellListening(): void {
    if (!this.#closing) this.#handler.onListening(this);
  }

  /** Stops at once, leaving the backlog to its fate (or to the next owner of the descriptor). */
  drop(): void {
    if (this.#closed) return;
    this.#closing = true;
    this.#closed = true;
    this.#retry.cancel();
    this.#unwatch();
    // The descriptor may have a new listener already: a bind that moved to another frontend.
    if (this.#poll.listeners[this.descriptor] === this) {
      this.#poll.listeners[this.descriptor] = undefined;
    }
    if (this.#borrowed) return;
    this.#poll.ownership.close(this.descriptor);
  }

  #watch(): void {
    if (this.#watching || this.#closing) return;
    this.#watching = this.#control(C.EPOLL_CTL_ADD);
    if (!this.#watching) this.#retry.arm(exhaustedRetryMs);
  }

  #unwatch(): void {
    if (!this.#watching) return;
    this.#watching = false;
    this.#control(C.EPOLL_CTL_DEL);
  }

  #control(operation: number): boolean {
    return this.#poll.control(operation, this.descriptor, C.EPOLLIN, listenerGeneration);
  }

  /** Takes what waits in the backlog, as far as it is admitted. True: there may be more. */
  accept(): boolean {
    const { accepted, reserve } = this.#poll;
    for (let i = 0; i < acceptsPerTurn; i++) {
      if (this.#closed) return false;
      // Whoever is accepted now may need a descriptor before the next turn: not more than are held,
      // but a few of each listener, or a flood at one would shut the others out.
      if (accepted.length >= reserve.size && i >= acceptsAlways) return true;
      if (!this.#handler.admit(this)) {
        this.#full = true;
        this.#unwatch();
        return false;
      }
      if (!reserve.has(Math.min(accepted.length + 1, reserve.size))) {
        this.#handler.unadmit(this);
        this.#exhaust(C.EMFILE);
        return false;
      }
      const descriptor = acceptNext(this.#poll, this.descriptor);
      if (descriptor < 0) {
        const error = libc.errno();
        this.#handler.unadmit(this);
        if (error === C.EAGAIN) return false;
        if (reasonOf(error) === Reason.exhausted) {
          this.#exhaust(error);
          return false;
        }
        // The peer gave up while it waited (ECONNABORTED), or the network told its error here.
        continue;
      }
      this.#exhausted = false;
      this.#adopt(descriptor);
    }
    return true;
  }

  #adopt(descriptor: number): void {
    const connection = adoptConnection(this.#poll, descriptor, this.address);
    if (connection.failure !== 0) {
      this.#handler.unadmit(this);
      this.#exhaust(connection.failure);
      return;
    }
    connection.listener = this;
    this.#poll.accepted.push(connection);
    this.#handing++;
    if (this.#closing) this.#owed--;
  }

  /** A turn after it was accepted its owner gets it; if it has failed meanwhile, that follows. */
  handOver(connection: EpollConnection): void {
    connection.listener = null;
    this.#handing--;
    if (connection.closed) {
      this.#handler.unadmit(this);
      return;
    }
    if (connection.failing) this.#poll.failed.push(connection);
    try {
      this.#handler.onAccept(this, connection);
    } catch (error) {
      // The newcomer pays for it; whoever waits behind it does not.
      this.#poll.handlerThrew(connection, error);
    }
  }

  #exhaust(error: number): void {
    this.#mustWait = true;
    this.#unwatch();
    this.#retry.arm(exhaustedRetryMs);
    if (this.#exhausted) return;
    this.#exhausted = true;
    this.#handler.onExhausted(this, `${errnoName(error)}: accept4`);
  }

  /** Time to try again. */
  onTimer(): void {
    if (this.#closing) {
      this.#takeLast();
      return;
    }
    if (!this.#full) this.#watch();
  }
}
