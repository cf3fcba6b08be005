// A listening socket on epoll, level-triggered: what is left in the backlog is told again next
// turn. When descriptors run out it stops watching and tries again shortly, because a listener
// that is ready and cannot accept would make the loop spin.
import type { SocketAddress } from "../../config/address.ts";
import { listenBacklog } from "../../config/limits.ts";
import * as C from "../../sys/constants.ts";
import { errnoName } from "../../sys/errno.ts";
import * as libc from "../../sys/libc.ts";
import { sockaddrBytesMax } from "../../sys/sockaddr.ts";
import { localAddress } from "../../sys/stream-socket.ts";
import { type Listener, type ListenHandler, Reason } from "../reactor.ts";
import type { WheelTimer } from "../timer-wheel.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { adoptConnection } from "./incoming.ts";
import { acceptsPerTurn, listenerGeneration, type Poll } from "./poll.ts";
import { reasonOf } from "./reasons.ts";

export const exhaustedRetryMs = 100;
/** Of each listener in each turn, however many the others took. */
const acceptsAlways = 4;

export class EpollListener implements Listener {
  readonly address: SocketAddress;
  readonly descriptor: number;
  readonly #poll: Poll;
  readonly #handler: ListenHandler;
  /** The descriptor belongs to the control plane: never closed here. */
  readonly #borrowed: boolean;
  #watching: boolean;
  /** By its owner. */
  #paused: boolean;
  /** Not admitted: until resume(), like paused, but what is accepted already is handed over. */
  #full: boolean;
  /** Accepted before its owner paused it: handed over when resumed. */
  #held: EpollConnection[];
  #exhausted: boolean;
  /** Accepted and not yet handed over. */
  #handing: number;
  #closing: boolean;
  /** Turns left to empty the backlog in. */
  #closingTurns: number;
  #closed: boolean;
  /** Tries again after exhaustion. Set by the reactor that made this listener. */
  retry: WheelTimer | null;

  constructor(
    poll: Poll,
    address: SocketAddress,
    descriptor: number,
    borrowed: boolean,
    handler: ListenHandler,
  ) {
    this.address = (address.family !== "unix" && localAddress(descriptor)) || address;
    this.descriptor = descriptor;
    this.#poll = poll;
    this.#handler = handler;
    this.#borrowed = borrowed;
    this.#watching = false;
    this.#paused = false;
    this.#full = false;
    this.#held = [];
    this.#exhausted = false;
    this.#handing = 0;
    this.#closing = false;
    this.#closingTurns = Math.ceil(listenBacklog / acceptsPerTurn);
    this.#closed = false;
    this.retry = null;
    poll.listeners[descriptor] = this;
    if (!borrowed) poll.own(descriptor);
    this.#watch();
  }

  pause(): void {
    this.#paused = true;
    this.#unwatch();
  }

  resume(): void {
    if (this.#closing) return;
    this.#unpause();
    this.#watch();
  }

  #unpause(): void {
    this.#paused = false;
    this.#full = false;
    this.#poll.accepted.push(...this.#held.splice(0));
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#unwatch();
    this.#poll.later.push(() => this.#finish());
  }

  /**
   * Whoever completed the handshake before the close is served: dropping would reset them. At most
   * a backlog's worth, because under a flood there always is one more.
   */
  #finish(): void {
    if (this.#closed) return;
    this.#unpause();
    this.#exhausted = false;
    const more = this.#closingTurns > 0 && this.accept();
    this.#closingTurns--;
    if (this.#exhausted && this.#closingTurns > 0) {
      // Nobody is told twice, and who waits is not dropped for want of a descriptor at once.
      this.retry?.arm(exhaustedRetryMs);
      return;
    }
    if (more || this.#handing > 0) {
      this.#poll.later.push(() => this.#finish());
      return;
    }
    this.drop();
    this.#handler.onClosed(this);
  }

  tellListening(): void {
    if (!this.#closing) this.#handler.onListening(this);
  }

  /** Stops at once, leaving the backlog to its fate (or to the next owner of the descriptor). */
  drop(): void {
    if (this.#closed) return;
    this.#closing = true;
    this.#closed = true;
    this.retry?.cancel();
    this.#unwatch();
    // The descriptor may have a new listener already: a bind that moved to another frontend.
    if (this.#poll.listeners[this.descriptor] === this) {
      this.#poll.listeners[this.descriptor] = undefined;
    }
    if (this.#borrowed) return;
    this.#poll.disown(this.descriptor);
    libc.close(this.descriptor);
  }

  #watch(): void {
    if (this.#watching || this.#closing) return;
    this.#watching = this.#poll.control(
      C.EPOLL_CTL_ADD,
      this.descriptor,
      C.EPOLLIN,
      listenerGeneration,
    );
    if (!this.#watching) this.retry?.arm(exhaustedRetryMs);
  }

  #unwatch(): void {
    if (!this.#watching) return;
    this.#watching = false;
    this.#poll.control(C.EPOLL_CTL_DEL, this.descriptor, 0, listenerGeneration);
  }

  /** Takes what waits in the backlog, as far as it is admitted. True: there may be more. */
  accept(): boolean {
    const { address, addressLength, accepted, reserve } = this.#poll;
    const flags = C.SOCK_NONBLOCK | C.SOCK_CLOEXEC;
    for (let i = 0; i < acceptsPerTurn; i++) {
      if (this.#paused || this.#closed) return false;
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
      addressLength.int32[0] = sockaddrBytesMax;
      const descriptor = libc.accept4(
        this.descriptor,
        address.address,
        addressLength.address,
        flags,
      );
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
  }

  /** A turn after it was accepted: its owner gets it, unless it has failed meanwhile. */
  handOver(connection: EpollConnection): void {
    if (this.#paused) {
      this.#held.push(connection);
      return;
    }
    connection.listener = null;
    this.#handing--;
    if (connection.closed) {
      this.#handler.unadmit(this);
      return;
    }
    try {
      this.#handler.onAccept(this, connection);
    } catch (error) {
      // The newcomer pays for it; whoever waits behind it does not.
      this.#poll.handlerThrew(connection, error);
    }
  }

  #exhaust(error: number): void {
    this.#unwatch();
    this.retry?.arm(exhaustedRetryMs);
    if (this.#exhausted) return;
    this.#exhausted = true;
    this.#handler.onExhausted(this, `${errnoName(error)}: accept4`);
  }

  /** The retry timer fired. */
  tryAgain(): void {
    if (this.#closing) {
      this.#finish();
      return;
    }
    if (!this.#paused && !this.#full) this.#watch();
  }
}
