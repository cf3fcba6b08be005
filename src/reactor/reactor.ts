// The reactor: connections, listeners and timers over an event loop. One interface with several
// implementations (epoll, node; a simulated one later), and nothing above can tell which one runs.
// The rules that hold for all of them, and that reactor.conformance.ts checks:
//
// - No handler is ever called from inside a call that you make: all callbacks come from a turn.
// - After close() or abort() a connection's handler is never called again, not even in this turn.
// - Bytes handed to a handler are valid during that call only.
// - What write() cannot give to the kernel at once is kept (copied) and reported, so that the
//   caller can stop its source: memory is bounded by what one turn reads, whatever a peer does.
// - An exception that a handler throws reaches onHandlerError and aborts that one connection, which
//   then gets onFail with handlerError, unless it was closed already. A throw from onAccept aborts
//   the connection that was accepted.
import type { SocketAddress } from "../config/address.ts";
import type { RecordMemory } from "./record-memory.ts";
import type { Reason } from "./reason.ts";

export { Reason, reasonNames } from "./reason.ts";

/** Who hands on what it reads to a sink, and has stopped because that is full. */
export interface ForwardSource {
  /** Where it goes now; null: nowhere any more. */
  readonly sink: Connection | null;
  /** The sink has given all to the kernel: goes on, later in this turn. */
  schedule(): void;
}

/** What a connection tells its owner. One object may serve several connections. */
export interface ConnectionHandler {
  /**
   * An outgoing connection is established. Of an accepted one it is told only where TLS is spoken:
   * the handshake is complete.
   */
  onConnect(connection: Connection): void;
  /** `bytes[start..end)` arrived. Valid during the call only. Not called while forwarding. */
  onData(connection: Connection, bytes: Uint8Array, start: number, end: number): void;
  /**
   * While forwarding: `length` bytes were read here and given to the sink (kept or sent). With the
   * last byte of a forward()'s limit, forwarding has ended before this is called.
   */
  onForward(connection: Connection, length: number): void;
  /** Everything kept, by write() or as the sink of a forward(), has been given to the kernel. */
  onDrain(connection: Connection): void;
  /** The peer finished sending (FIN), after all its data was delivered. Writing still works. */
  onEnd(connection: Connection): void;
  /** It failed; it is closed already. Comes once, and is the last callback. */
  onFail(connection: Connection, reason: Reason): void;
}

/**
 * One stream connection, accepted or outgoing. An accepted one starts paused, an outgoing one reads
 * as soon as it is established. When both directions have ended it stays open, and counted, until
 * its owner closes it. On a closed one every call does nothing, and write() answers true.
 */
export interface Connection {
  /** Unique within its reactor, never reused. */
  readonly id: number;
  /** May be replaced at any time; the next callback goes to the new one. */
  handler: ConnectionHandler;
  /** Accepted, as opposed to connected by us. */
  readonly incoming: boolean;
  /** False before onConnect and after it closed. */
  readonly established: boolean;
  readonly closed: boolean;
  /** Bytes are known to wait here. False when there are none, or when nobody has looked yet. */
  readonly hasData: boolean;
  /**
   * Nothing will come of it any more: closed, or the peer is known to have finished or failed. True
   * before onEnd or onFail tells so: a pool that looks at this and at hasData never hands out what
   * is known to be dead. epoll learns it of all events of a turn before any handler runs; node only
   * with the event itself. A write() is accepted all the same, and onEnd or onFail follows.
   */
  readonly ended: boolean;
  /** It failed before it was accepted: onFail follows in this turn, and nothing else. */
  readonly failing: boolean;
  /** Bytes kept because the kernel would not take them yet. */
  readonly unsent: number;
  /** The other end. For an accepted unix connection: its listener's path. */
  readonly remote: SocketAddress;
  /** This end (costs a system call); null when it cannot be told any more. */
  local(): SocketAddress | null;
  /** Stops onData and onEnd until resume(). */
  pause(): void;
  resume(): void;
  /**
   * Sends `bytes[start..end)`. Before onConnect everything is kept. True: all of it is the
   * kernel's now; false: some was kept, stop the source until onDrain.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean;
  /**
   * From now on what arrives here is written to `sink`, in the cheapest way the reactor knows,
   * pausing whenever the sink is full. Instead of onData comes onForward; onEnd comes when
   * everything before it has been handed over. Starts reading. Both must be of one reactor; either
   * may speak TLS.
   *
   * After `limit` bytes (default: Infinity) forwarding ends by itself, and what follows, from
   * exactly that byte, comes by onData, or goes where the onForward that told the last byte has
   * sent it: it may pause(), forward() to another sink, or write() to this one. The sink may keep
   * bytes still, which then go out before what is written to it, and count in its `unsent`. onEnd
   * before the limit: the peer has sent less. A limit of 0 or less: the call does nothing.
   */
  forward(sink: Connection, limit?: number): void;
  /**
   * What arrives from now on comes by onData again; what the sink has been given stays its own. For
   * a body that nobody wants any more, on a connection that goes on. Does not end a pause().
   */
  unforward(): void;
  /**
   * Gives back the last bytes that onData brought, or none: onData comes once more with them, before
   * all others, in a later callback and not before resume(). Only while paused; they are copied. For
   * layers between a reactor and the owner that cannot deliver now what they have been given.
   */
  unread(bytes: Uint8Array, start: number, end: number): void;
  /** `source` hands on to here: it is woken when everything kept has been given to the kernel. */
  awaitedBy(source: ForwardSource): void;
  /** Half-close: FIN after everything kept. Reading goes on. */
  end(): void;
  /** Orderly close of both directions now; what is still unsent is dropped. */
  close(): void;
  /** RST, at once. */
  abort(): void;
}

export interface ListenHandler {
  /**
   * Asked before each accept: may one more come in? False leaves it, and all after it, in the
   * kernel's backlog, and it is not asked again before listener.resume().
   */
  admit(listener: Listener): boolean;
  /** An admission that no connection used: give it back. */
  unadmit(listener: Listener): void;
  /** A connection, paused: set its handler, then resume() or forward(). */
  onAccept(listener: Listener, connection: Connection): void;
  /** The socket listens; listener.address has the real port. */
  onListening(listener: Listener): void;
  /** It could not listen, and never will. */
  onListenFail(listener: Listener, reason: Reason, message: string): void;
  /**
   * Accepting failed for want of descriptors or memory. The listener pauses itself and tries
   * again shortly; told once an episode, again only after an accept has succeeded.
   */
  onExhausted(listener: Listener, message: string): void;
  /** After close(): the backlog has been taken and the socket listens no more. The last callback. */
  onClosed(listener: Listener): void;
}

export interface Listener {
  readonly address: SocketAddress;
  /** There is room again after admit() has refused: asks it again, for all that wait. */
  resume(): void;
  /**
   * Accepts, in the turns that follow, what already waits in the backlog (as far as admitted, asked
   * again after a refusal), then stops listening.
   */
  close(): void;
}

export interface ListenOptions {
  /** A listening descriptor opened by the control plane, to be used and not closed; -1: open one. */
  readonly descriptor: number;
  readonly backlog: number;
}

export interface ConnectOptions {
  /**
   * The owner has bytes to send at once: the handshake's last ACK may ride on them, which saves a
   * packet. Without bytes that follow, the server would learn of the connection up to 200 ms late.
   */
  readonly dataFollows: boolean;
  /** Kernel keepalive probes after this idle time; 0: none. */
  readonly keepaliveMs: number;
}

export interface TimerHandler {
  /** The time armed has passed. The timer is disarmed; it may be armed again at once. */
  onTimer(timer: Timer): void;
}

/** One reusable timer. Never early; late by at most a few milliseconds. */
export interface Timer {
  readonly armed: boolean;
  /** When it fires, on the clock of reactor.nowMs; Infinity while it is not armed. */
  readonly dueMs: number;
  /** Fires `delayMs` from now (from reactor.nowMs), replacing what was armed before. */
  arm(delayMs: number): void;
  cancel(): void;
}

/** Plain data that another thread can pass to wake() in wake.ts. */
export type Waker =
  | { readonly kind: "eventfd"; readonly descriptor: number }
  | { readonly kind: "channel"; readonly name: string };

export interface ReactorHandler {
  /** Another thread called wake(). Several calls may arrive as one. */
  onWake(): void;
  /** A handler threw: the connection (if any) is aborted, everything else goes on. */
  onHandlerError(error: unknown): void;
}

export interface Reactor {
  readonly kind: "epoll" | "node" | "sim";
  /** Monotonic milliseconds, read once a turn. */
  readonly nowMs: number;
  /** Turns made so far: a number that stands still belongs to a thread that hangs. */
  readonly turns: number;
  /** Connections open now. */
  readonly connections: number;
  readonly waker: Waker;
  /**
   * For composing what is to be written, in `scratchBytes` from `scratchStart` to its end:
   * write(scratch, start, end) sends from it without a copy, in one call. Pass this very array, not a
   * part of it. Its bytes stand until somebody writes into it again; the reactor never does, and
   * copies what it has to keep. What is before is the reactor's: onData may bring bytes in this array.
   */
  readonly scratch: Uint8Array;
  readonly scratchStart: number;
  /** Null: this reactor copies what it sends anyway. */
  readonly records: RecordMemory | null;
  /**
   * From now on write() sends from `bytes`, which stand at `address`, without a copy, as from `scratch`.
   * One such array at a time; its bytes stand during write().
   */
  sendsFrom(bytes: Uint8Array, address: number): void;
  listen(address: SocketAddress, options: ListenOptions, handler: ListenHandler): Listener;
  connect(remote: SocketAddress, options: ConnectOptions, handler: ConnectionHandler): Connection;
  timer(handler: TimerHandler): Timer;
  /**
   * Runs until stop(). `epoll` blocks the calling thread and returns a settled promise; `node`
   * returns at once a promise that settles when stopped. Either way: `await reactor.run()`.
   */
  run(): Promise<void>;
  /**
   * Ends run() after this turn. Open connections are aborted, listeners closed at once and timers
   * cancelled; no handler is called any more.
   */
  stop(): void;
}
