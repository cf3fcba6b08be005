// One connection of the node reactor, over a net.Socket. node:net calls back from its own events
// only, never from inside a call, so most rules of reactor.ts hold by passing them on; this file
// adds the ones that streams do not keep. It must not be used outside of this folder.
import type { Socket } from "node:net";
import type { SocketAddress } from "../../config/address.ts";
import { type Connection, type ConnectionHandler, type ForwardSource, Reason } from "../reactor.ts";
import { handOn } from "./handing-on.ts";
import type { NodeLoop } from "./node-loop.ts";
import { connectionReason } from "./reason.ts";
import { reset } from "./reset.ts";
import { localAddress } from "./socket-address.ts";

export class NodeConnection implements Connection, ForwardSource {
  readonly id: number;
  handler: ConnectionHandler;
  readonly incoming: boolean;
  readonly remote: SocketAddress;
  /** Never: node tells of a failure only after the connection. */
  readonly failing: boolean;
  established: boolean;
  closed: boolean;
  readonly #loop: NodeLoop;
  readonly #socket: Socket;
  /** The owner has paused it. */
  paused: boolean;
  /** The sink of forward() is full. */
  held: boolean;
  /** The peer's FIN has been read but not told, because nothing may be told now. */
  #endWaits: boolean;
  /** The peer's FIN has been read. */
  #peerEnded: boolean;
  /** end() was called. */
  #ending: boolean;
  /** Something was kept that onDrain has not been told about. */
  #kept: boolean;
  sink: Connection | null;
  /** Bytes left for the sink. */
  toForward: number;
  /** Who is held until everything kept here has been sent. */
  #source: ForwardSource | null;
  /** Read, and not wanted now: comes before what the stream has. Null: nothing. */
  again: Uint8Array | null;

  constructor(
    loop: NodeLoop,
    socket: Socket,
    incoming: boolean,
    remote: SocketAddress,
    handler: ConnectionHandler,
  ) {
    this.id = loop.nextId();
    this.handler = handler;
    this.incoming = incoming;
    this.remote = remote;
    this.failing = false;
    this.established = incoming;
    this.closed = false;
    this.#loop = loop;
    this.#socket = socket;
    this.paused = incoming;
    this.held = false;
    this.#endWaits = false;
    this.#peerEnded = false;
    this.#ending = false;
    this.#kept = false;
    this.sink = null;
    this.toForward = Infinity;
    this.#source = null;
    this.again = null;
    loop.connections.add(this);
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError);
    if (!incoming) socket.on("connect", this.#onConnect);
  }

  /** What was not wanted; of anything else node:net tells only by giving it. */
  get hasData(): boolean {
    return !this.closed && (this.again !== null || this.#socket.readableLength > 0);
  }

  get ended(): boolean {
    return this.#peerEnded || this.closed;
  }

  get unsent(): number {
    return this.closed ? 0 : this.#socket.writableLength;
  }

  local(): SocketAddress | null {
    return this.closed ? null : localAddress(this.#socket, this.remote, this.incoming);
  }

  pause(): void {
    this.paused = true;
    this.flow();
  }

  resume(): void {
    this.paused = false;
    this.flow();
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    // A copy, because the caller's bytes are valid during this call only.
    return this.#give(Buffer.from(bytes.subarray(start, end)));
  }

  forward(sink: Connection, limit: number = Infinity): void {
    if (!(limit > 0)) return;
    this.sink = sink;
    this.toForward = limit;
    this.held = false;
    this.resume();
  }

  unforward(): void {
    this.sink = null;
    this.held = false;
    this.flow();
  }

  unread(bytes: Uint8Array, start: number, end: number): void {
    // A copy, because these bytes are valid during this call only.
    this.again = Buffer.from(bytes.subarray(start, end));
  }

  awaitedBy(source: ForwardSource): void {
    this.#source = source;
  }

  schedule(): void {
    this.held = false;
    this.flow();
  }

  end(): void {
    if (this.closed || this.#ending) return;
    this.#ending = true;
    this.#socket.end();
  }

  close(): void {
    if (this.#forget()) this.#socket.destroy();
  }

  abort(): void {
    if (this.#forget()) reset(this.#socket, this.remote.family === "unix");
  }

  /** False when it was closed before. */
  #forget(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.established = false;
    this.#loop.connections.delete(this);
    // Who forwards here stays held: what it would read could go nowhere.
    this.#source = null;
    return true;
  }

  #give(chunk: Uint8Array): boolean {
    if (this.closed || this.#ending) return true;
    this.#socket.write(chunk, this.#onWritten);
    if (this.#socket.writableLength > 0) this.#kept = true;
    return this.#socket.writableLength === 0;
  }

  /** Reads or not, as the owner and the sink want it. */
  flow(): void {
    if (this.closed) return;
    if (this.paused || this.held) {
      this.#socket.pause();
      return;
    }
    if (this.again !== null) {
      setImmediate(this.#onAgain);
      return;
    }
    this.#socket.resume();
    if (this.#endWaits) setImmediate(this.#onEnd);
    this.#endWaits = false;
  }

  #releaseSource(): void {
    const source = this.#source;
    this.#source = null;
    if (source !== null && source.sink === this) source.schedule();
  }

  #fail(reason: Reason): void {
    if (this.closed) return;
    this.#loop.enter();
    this.abort();
    try {
      this.handler.onFail(this, reason);
    } catch (error) {
      this.#loop.thrown(error);
    }
  }

  /** Every callback but onFail: what it throws costs this connection. */
  #tell(call: () => void): void {
    this.#loop.enter();
    try {
      call();
    } catch (error) {
      this.#loop.thrown(error);
      this.#fail(Reason.handlerError);
    }
  }

  readonly #onConnect = (): void => {
    if (this.closed) return;
    this.established = true;
    this.#tell(() => this.handler.onConnect(this));
  };

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.closed) this.#tell(() => handOn(this, chunk));
  };

  /** What was given back comes before what the stream has. */
  readonly #onAgain = (): void => {
    const chunk = this.again;
    if (this.closed || chunk === null || this.paused || this.held) return;
    this.again = null;
    this.#tell(() => {
      if (chunk.length === 0 && this.sink === null) this.handler.onData(this, chunk, 0, 0);
      else handOn(this, chunk);
    });
    this.flow();
  };

  readonly #onEnd = (): void => {
    if (this.closed) return;
    this.#peerEnded = true;
    // A stream without buffered data tells the end even while it is paused.
    this.#endWaits = this.paused || this.held || this.again !== null;
    if (!this.#endWaits) this.#tell(() => this.handler.onEnd(this));
  };

  readonly #onWritten = (failed?: Error | null): void => {
    if (failed || this.closed || !this.#kept || this.#socket.writableLength > 0) return;
    this.#kept = false;
    this.#releaseSource();
    this.#tell(() => this.handler.onDrain(this));
  };

  readonly #onError = (error: Error): void => this.#fail(connectionReason(error));
}
