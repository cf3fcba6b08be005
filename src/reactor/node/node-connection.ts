// One connection of the node reactor, over a net.Socket. node:net calls back from its own events
// only, never from inside a call, so most rules of reactor.ts hold by passing them on; this file
// adds the ones that streams do not keep. It must not be used outside of this folder.
import type { Socket } from "node:net";
import type { SocketAddress } from "../../config/address.ts";
import { Reason } from "../reactor.ts";
import type { Connection, ConnectionHandler } from "../reactor.ts";
import type { NodeLoop } from "./node-loop.ts";
import { connectionReason } from "./reason.ts";
import { socketAddress } from "./socket-address.ts";

export class NodeConnection implements Connection {
  readonly id: number;
  handler: ConnectionHandler;
  readonly incoming: boolean;
  readonly remote: SocketAddress;
  established: boolean;
  closed: boolean;
  readonly #loop: NodeLoop;
  readonly #socket: Socket;
  /** The owner has paused it. */
  #paused: boolean;
  /** The sink of forward() is full. */
  #held: boolean;
  /** The peer's FIN has been read but not told, because nothing may be told now. */
  #endWaits: boolean;
  /** end() was called. */
  #ending: boolean;
  /** Something was kept that onDrain has not been told about. */
  #kept: boolean;
  #sink: NodeConnection | null;
  /** Who is held until everything kept here has been sent. */
  #source: NodeConnection | null;

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
    this.established = incoming;
    this.closed = false;
    this.#loop = loop;
    this.#socket = socket;
    this.#paused = incoming;
    this.#held = false;
    this.#endWaits = false;
    this.#ending = false;
    this.#kept = false;
    this.#sink = null;
    this.#source = null;
    loop.connections.add(this);
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError);
    if (!incoming) socket.on("connect", this.#onConnect);
  }

  get hasData(): boolean {
    return false;
  }

  /** Node tells of a failure only after the connection. */
  get failing(): boolean {
    return false;
  }

  get unsent(): number {
    return this.closed ? 0 : this.#socket.writableLength;
  }

  local(): SocketAddress | null {
    if (this.closed) return null;
    // An outgoing unix socket has no name.
    if (this.remote.family === "unix")
      return this.incoming ? this.remote : { family: "unix", path: "" };
    return socketAddress(this.#socket.address());
  }

  pause(): void {
    this.#paused = true;
    this.#flow();
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    // A copy, because the caller's bytes are valid during this call only.
    return this.#give(Buffer.from(bytes.subarray(start, end)));
  }

  forward(sink: Connection): void {
    if (!(sink instanceof NodeConnection)) throw new TypeError("the sink is of another reactor");
    this.#sink = sink;
    this.#held = false;
    this.resume();
  }

  end(): void {
    if (this.closed || this.#ending) return;
    this.#ending = true;
    this.#socket.end();
  }

  close(): void {
    if (!this.#forget()) return;
    this.#socket.destroy();
  }

  abort(): void {
    if (!this.#forget()) return;
    const socket = this.#socket;
    if (socket.connecting || socket.destroyed || this.remote.family === "unix") {
      // There is nothing to reset: no peer yet, or a kind of socket that knows no RST.
      socket.destroy();
    } else if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) {
      // libuv refuses to reset while its shutdown(2) is under way, which is one turn at most.
      socket.once("finish", () => socket.resetAndDestroy());
    } else {
      socket.resetAndDestroy();
    }
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
    if (this.#socket.writableLength === 0) return true;
    this.#kept = true;
    return false;
  }

  /** Reads or not, as the owner and the sink want it. */
  #flow(): void {
    if (this.closed) return;
    if (this.#paused || this.#held) {
      this.#socket.pause();
      return;
    }
    this.#socket.resume();
    if (!this.#endWaits) return;
    this.#endWaits = false;
    setImmediate(this.#onEnd);
  }

  #releaseSource(): void {
    const source = this.#source;
    this.#source = null;
    if (source === null) return;
    source.#held = false;
    source.#flow();
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

  #thrown(error: unknown): void {
    this.#loop.thrown(error);
    this.#fail(Reason.handlerError);
  }

  readonly #onConnect = (): void => {
    if (this.closed) return;
    this.#loop.enter();
    this.established = true;
    try {
      this.handler.onConnect(this);
    } catch (error) {
      this.#thrown(error);
    }
  };

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.closed) return;
    this.#loop.enter();
    try {
      const sink = this.#sink;
      if (sink === null) {
        this.handler.onData(this, chunk, 0, chunk.length);
        return;
      }
      if (sink.closed || !sink.#give(chunk)) {
        this.#held = true;
        sink.#source = this;
        this.#flow();
      }
      this.handler.onForward(this, chunk.length);
    } catch (error) {
      this.#thrown(error);
    }
  };

  readonly #onEnd = (): void => {
    if (this.closed) return;
    // A stream without buffered data tells the end even while it is paused.
    this.#endWaits = this.#paused || this.#held;
    if (this.#endWaits) return;
    this.#loop.enter();
    try {
      this.handler.onEnd(this);
    } catch (error) {
      this.#thrown(error);
    }
  };

  readonly #onWritten = (failed?: Error | null): void => {
    if (failed || this.closed || !this.#kept || this.#socket.writableLength > 0) return;
    this.#kept = false;
    this.#loop.enter();
    this.#releaseSource();
    try {
      this.handler.onDrain(this);
    } catch (error) {
      this.#thrown(error);
    }
  };

  readonly #onError = (error: Error): void => this.#fail(connectionReason(error));
}
