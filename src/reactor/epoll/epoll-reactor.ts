// The production reactor: one epoll instance per thread, system calls straight from JavaScript.
// run() blocks its thread; the only blocking call is epoll_wait. One turn: wait, read the clock,
// events, timers, then what handlers asked for meanwhile (resumed reads, failures to report).
import { performance } from "node:perf_hooks"; // The global is looked up anew at each use.
import type { SocketAddress } from "../../config/address.ts";
import * as C from "../../sys/constants.ts";
import { eventData, eventStride } from "../../sys/epoll-event.ts";
import { SystemError } from "../../sys/errno.ts";
import { drainEventfd } from "../../sys/eventfd.ts";
import * as libc from "../../sys/libc.ts";
import { openListener } from "../../sys/stream-socket.ts";
import {
  type Connection,
  type ConnectionHandler,
  type ConnectOptions,
  type Listener,
  type ListenHandler,
  type ListenOptions,
  type Reactor,
  type ReactorHandler,
  type Timer,
  type TimerHandler,
  type Waker,
} from "../reactor.ts";
import { recordBytes, type RecordMemory } from "../record-memory.ts";
import { TimerWheel, WheelTimer } from "../timer-wheel.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { FailedListener } from "./failed-listener.ts";
import { EpollListener } from "./epoll-listener.ts";
import { foresee, onEvents } from "./inlet.ts";
import { openConnection } from "./outgoing.ts";
import {
  type EpollOptions,
  eventsMax,
  listenerGeneration,
  Poll,
  bulkReceiveBytes,
  wakerGeneration,
} from "./poll.ts";
import { reasonOf } from "./reasons.ts";
import { endTurn } from "./turn-end.ts";

/**
 * After so many milliseconds in which this thread did not run (a stopped process, a suspended
 * machine) all that waits in the kernel is heard before timers fire: who has spoken is not silent.
 */
const oversleptMs = 100;

export class EpollReactor implements Reactor {
  readonly kind = "epoll";
  readonly waker: Waker;
  readonly scratch: Uint8Array;
  readonly scratchStart: number;
  readonly records: RecordMemory;
  readonly #poll: Poll;
  readonly #wheel: TimerWheel;
  readonly #handler: ReactorHandler;
  readonly #wakeDescriptor: number;
  #turns: number;
  /** Connections whose events may still have to be heard before timers fire. */
  #unheard: number;
  /** The emptied list of connections handed over last turn, for the next ones accepted. */
  #spare: EpollConnection[];
  #stopping: boolean;
  #closed: boolean;

  constructor(handler: ReactorHandler, options: EpollOptions) {
    this.#poll = new Poll(handler, options);
    this.scratch = this.#poll.buffers.bytes;
    this.scratchStart = bulkReceiveBytes + recordBytes;
    this.records = this.#poll.records;
    this.#wheel = new TimerWheel(this.#poll.nowMs);
    this.#handler = handler;
    this.#wakeDescriptor = this.#poll.ownership.eventfd();
    if (this.#wakeDescriptor < 0) throw new SystemError(libc.errno(), "eventfd", "");
    this.waker = { kind: "eventfd", descriptor: this.#wakeDescriptor };
    this.#poll.control(C.EPOLL_CTL_ADD, this.#wakeDescriptor, C.EPOLLIN, wakerGeneration);
    this.#turns = 0;
    this.#unheard = 0;
    this.#spare = [];
    this.#stopping = false;
    this.#closed = false;
  }

  get nowMs(): number {
    return this.#poll.nowMs;
  }

  get turns(): number {
    return this.#turns;
  }

  get connections(): number {
    return this.#poll.connectionCount;
  }

  sendsFrom(bytes: Uint8Array, address: number): void {
    this.#poll.lent = bytes;
    this.#poll.lentAddress = address;
  }

  listen(address: SocketAddress, options: ListenOptions, handler: ListenHandler): Listener {
    const borrowed = options.descriptor >= 0;
    let descriptor = options.descriptor;
    if (!borrowed) {
      try {
        descriptor = openListener(address, options.backlog, false);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        const { errno, message } = error;
        return new FailedListener(this.#poll, address, handler, reasonOf(errno), message);
      }
    }
    const place = { address, descriptor, borrowed };
    const listener = new EpollListener(this.#poll, this.#wheel, place, handler);
    this.#poll.later.push(() => listener.tellListening());
    return listener;
  }

  connect(remote: SocketAddress, options: ConnectOptions, handler: ConnectionHandler): Connection {
    return openConnection(this.#poll, remote, options, handler);
  }

  timer(handler: TimerHandler): Timer {
    return new WheelTimer(this.#wheel, handler);
  }

  run(): Promise<void> {
    while (!this.#stopping) this.turn(-1);
    this.#closeAll();
    return Promise.resolve();
  }

  stop(): void {
    this.#stopping = true;
  }

  /** One turn, waiting at most `waitMsMax` (-1: as long as nothing happens). */
  turn(waitMsMax: number): void {
    const poll = this.#poll;
    const { accepted } = poll;
    poll.accepted = this.#spare;
    const waitMs = accepted.length > 0 ? 0 : this.#waitMs(waitMsMax);
    const count = libc.epollWait(poll.descriptor, poll.events.address, eventsMax, waitMs);
    const nowMs = performance.now();
    // Once all are heard timers fire, whatever the time: long turns must not starve them.
    const overslept = nowMs - poll.nowMs - waitMs > oversleptMs;
    if (overslept && this.#unheard <= 0) this.#unheard = poll.connectionCount;
    poll.nowMs = nowMs;
    this.#turns++;
    this.#wheel.setNow(nowMs);
    const cells = poll.events.int32;
    for (let i = 0; i < count; i++) {
      const at = i * eventStride;
      const connection = poll.connections[cells[at + eventData] as number];
      if (connection === undefined) continue;
      if (connection.generation === cells[at + eventData + 1]) {
        foresee(connection, cells[at] as number);
      }
    }
    for (let i = 0; i < count; i++) {
      const at = i * eventStride;
      this.#dispatch(
        cells[at] as number,
        cells[at + eventData] as number,
        cells[at + eventData + 1] as number,
      );
    }
    // Continued after a stop, the wait is interrupted (EINTR): then nothing has been heard yet.
    if (count >= 0) this.#unheard = count < eventsMax ? 0 : this.#unheard - count;
    if (count >= 0 && this.#unheard <= 0) this.#fireTimers();
    endTurn(poll, accepted);
    this.#spare = accepted;
    if (poll.later.length > 0) this.#runLater();
  }

  #waitMs(waitMsMax: number): number {
    const poll = this.#poll;
    if (poll.ready.length > 0 || poll.failed.length > 0) return 0;
    if (poll.later.length > 0) return 0;
    const due = this.#wheel.waitMs();
    if (due < 0) return waitMsMax;
    // Rounded up, or the last millisecond would be spent spinning.
    const wait = Math.min(Math.ceil(due), 0x7fffffff);
    return waitMsMax < 0 ? wait : Math.min(wait, waitMsMax);
  }

  #dispatch(mask: number, descriptor: number, generation: number): void {
    const poll = this.#poll;
    if (generation >= 0) {
      const connection = poll.connections[descriptor];
      // Closed meanwhile, or the descriptor has a new owner: the event was for the old one.
      if (connection === undefined || connection.generation !== generation) return;
      try {
        onEvents(connection, mask);
      } catch (error) {
        poll.handlerThrew(connection, error);
      }
    } else if (generation === listenerGeneration) {
      try {
        poll.listeners[descriptor]?.accept();
      } catch (error) {
        this.#handler.onHandlerError(error);
      }
    } else {
      drainEventfd(descriptor);
      this.#guard(() => this.#handler.onWake());
    }
  }

  #fireTimers(): void {
    for (;;) {
      try {
        this.#wheel.advance();
        return;
      } catch (error) {
        this.#handler.onHandlerError(error);
      }
    }
  }

  #runLater(): void {
    for (const work of this.#poll.later.splice(0)) this.#guard(work);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#handler.onHandlerError(error);
    }
  }

  #closeAll(): void {
    const poll = this.#poll;
    if (this.#closed) return;
    this.#closed = true;
    this.#wheel.cancelAll();
    for (const listener of poll.listeners) listener?.drop();
    for (const connection of poll.connections) connection?.abort();
    for (const connection of poll.failed) connection.release();
    poll.pipes.closeAll();
    poll.reserve.closeAll();
    poll.ownership.close(poll.descriptor);
    // Where its owner is noted others may still wake it: whoever reads the notes closes it.
    if (!poll.ownership.notes(this.#wakeDescriptor)) poll.ownership.close(this.#wakeDescriptor);
  }
}
