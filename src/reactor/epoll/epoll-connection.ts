// A stream connection on epoll: its state, and the calls of its owner. What events do to it is in
// inlet.ts, how it sends in outlet.ts, how it hands all it reads to another one in forwarding.ts.
import type { SocketAddress } from "../../config/address.ts";
import { localAddress, resetOnClose } from "../../sys/stream-socket.ts";
import type { Connection, ConnectionHandler, ForwardSource, Reason } from "../reactor.ts";
import { State } from "./connection-state.ts";
import { keep, sendNow } from "./outlet.ts";
import type { EpollListener } from "./epoll-listener.ts";
import type { Kept } from "./kept.ts";
import type { Pipe } from "./pipes.ts";
import type { Poll } from "./poll.ts";
import { reasonOf } from "./reasons.ts";

export class EpollConnection implements Connection, ForwardSource {
  readonly poll: Poll;
  readonly id: number;
  readonly generation: number;
  descriptor: number;
  handler: ConnectionHandler;
  readonly incoming: boolean;
  state: State;
  /** The kernel may have something to read. */
  readable: boolean;
  /** A short receive does not mean empty: read until EAGAIN. */
  exhaustive: boolean;
  /** The peer has sent urgent data: splice cannot pass its mark, so this one copies. */
  urgent: boolean;
  paused: boolean;
  /** Waits in poll.ready. */
  queued: boolean;
  /** The peer's FIN has been read. */
  peerEnded: boolean;
  /** The peer's FIN or failure has been seen, in an event or by reading. */
  hungUp: boolean;
  /** end() was called. */
  ending: boolean;
  /** EPOLLOUT is in the interest mask. */
  watchesOut: boolean;
  /** TCP_NODELAY is set (inherited, if accepted). */
  noDelay: boolean;
  /** Something has been sent. */
  spoken: boolean;
  /** Of an accepted connection, until it is handed over: whose it is. */
  listener: EpollListener | null;
  /** Errno of a failure still to be reported; 0: none. */
  failure: number;
  /** Unsent bytes, copied; sent after what is in `pipe`. */
  kept: Kept | null;
  /** Spliced, on its way to this socket. */
  pipe: Pipe | null;
  /** What is read here goes there, until `toForward` bytes have. */
  sink: Connection | null;
  toForward: number;
  /** Read, and then nobody wanted it, or it was given back: comes before the socket's. */
  surplus: Buffer | null;
  /** Who waits for this socket to take more. */
  source: ForwardSource | null;
  /** Recent reads were large: splice instead of copying. */
  bulk: boolean;
  #remote: SocketAddress | null;
  /** An accepted IPv4 peer, kept as numbers until somebody asks. */
  readonly #remoteIp: number;
  readonly #remotePort: number;

  constructor(
    poll: Poll,
    descriptor: number,
    handler: ConnectionHandler,
    incoming: boolean,
    remote: SocketAddress | null,
    remoteIp: number,
    remotePort: number,
  ) {
    this.poll = poll;
    this.id = poll.nextId();
    this.generation = this.id & 0x7fffffff;
    this.descriptor = descriptor;
    this.handler = handler;
    this.incoming = incoming;
    this.state = incoming ? State.open : State.connecting;
    this.readable = false;
    this.exhaustive = false;
    this.urgent = false;
    this.paused = incoming;
    this.queued = false;
    this.peerEnded = false;
    this.hungUp = false;
    this.ending = false;
    this.watchesOut = !incoming;
    this.noDelay = incoming;
    this.spoken = false;
    this.listener = null;
    this.failure = 0;
    this.kept = null;
    this.pipe = null;
    this.sink = null;
    this.toForward = Infinity;
    this.surplus = null;
    this.source = null;
    this.bulk = false;
    this.#remote = remote;
    this.#remoteIp = remoteIp;
    this.#remotePort = remotePort;
    if (descriptor >= 0) poll.connections[descriptor] = this;
    poll.connectionCount++;
  }

  get established(): boolean {
    return this.state === State.open;
  }

  get closed(): boolean {
    return this.state === State.closed;
  }

  get hasData(): boolean {
    return this.readable;
  }

  get ended(): boolean {
    return this.hungUp || this.failure !== 0 || this.state === State.closed;
  }

  get failing(): boolean {
    return this.failure !== 0;
  }

  get unsent(): number {
    return (this.kept === null ? 0 : this.kept.length) + (this.pipe === null ? 0 : this.pipe.bytes);
  }

  get remote(): SocketAddress {
    if (this.#remote === null) {
      const host = this.poll.hosts.of(this.#remoteIp);
      this.#remote = { family: "ipv4", host, port: this.#remotePort };
    }
    return this.#remote;
  }

  local(): SocketAddress | null {
    return this.descriptor < 0 ? null : localAddress(this.descriptor);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.schedule();
  }

  forward(sink: Connection, limit: number = Infinity): void {
    if (this.state === State.closed || !(limit > 0)) return;
    this.sink = sink;
    this.toForward = limit;
    this.paused = false;
    this.schedule();
  }

  unforward(): void {
    this.sink = null;
    if (!this.paused) this.schedule();
  }

  unread(bytes: Uint8Array, start: number, end: number): void {
    if (this.state === State.closed) return;
    this.surplus = Buffer.from(bytes.subarray(start, end));
    this.readable = true;
  }

  awaitedBy(source: ForwardSource): void {
    this.source = source;
  }

  /** Has it read after the events of this turn: never from inside the owner's call. */
  schedule(): void {
    if (!this.readable || this.queued || this.state !== State.open) return;
    this.queued = true;
    this.poll.ready.push(this);
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.state === State.closed || this.ending || start >= end) return true;
    if (this.state === State.connecting || this.unsent > 0) {
      keep(this, bytes, start, end);
      return false;
    }
    return sendNow(this, bytes, start, end);
  }

  end(): void {
    if (this.ending || this.state === State.closed) return;
    this.ending = true;
    // At the end of the turn: often the peer has ended too by then, and a close says it all.
    if (this.state === State.open && this.unsent === 0) this.poll.halfClosing.push(this);
  }

  close(): void {
    this.release();
  }

  abort(): void {
    if (this.state === State.closed) return;
    if (this.descriptor >= 0) resetOnClose(this.descriptor);
    this.release();
  }

  /** Closes the descriptor; no callback after this. */
  release(): void {
    if (this.state === State.closed) return;
    this.state = State.closed;
    const { poll, descriptor } = this;
    poll.connectionCount--;
    if (descriptor >= 0) {
      this.descriptor = -1;
      poll.connections[descriptor] = undefined;
      poll.ownership.close(descriptor);
    }
    this.kept = null;
    this.surplus = null;
    if (this.pipe !== null) {
      poll.pipes.giveBack(this.pipe);
      this.pipe = null;
    }
    this.sink = null;
    this.source = null;
  }

  /** Remembers a failure found inside the owner's call; reported after the events of this turn. */
  failLater(errno: number): void {
    if (this.failure !== 0 || this.state === State.closed) return;
    this.failure = errno;
    this.poll.failed.push(this);
  }

  /** Closes and reports. Only from a turn. Who has no owner yet is reported when it has one. */
  fail(errno: number): void {
    if (this.listener === null) this.failWith(reasonOf(errno));
    else this.failure = errno;
  }

  failWith(reason: Reason): void {
    if (this.state === State.closed) return;
    this.release();
    this.handler.onFail(this, reason);
  }
}
