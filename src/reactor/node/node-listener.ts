// One listener of the node reactor, over a net.Server. node:net accepts whatever comes and cannot
// leave a connection in the kernel's backlog, so those not admitted yet are accepted and held here,
// as many as the backlog would have held. It must not be used outside of this folder.
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { SocketAddress } from "../../config/address.ts";
import { Reason } from "../reactor.ts";
import type { Connection, ListenHandler, ListenOptions, Listener } from "../reactor.ts";
import { silentHandler } from "../silent-handler.ts";
import { NodeConnection } from "./node-connection.ts";
import type { NodeLoop, Stoppable } from "./node-loop.ts";
import { connectionReason, listenReason } from "./reason.ts";
import { ipAddress, socketAddress } from "./socket-address.ts";

/** A connection accepted from the kernel, but not yet admitted. */
interface Held {
  readonly socket: Socket;
  readonly remote: SocketAddress;
}

/** Of a peer that reset before it was accepted: the kernel does not tell it any more. */
const gone: SocketAddress = { family: "ipv4", host: "0.0.0.0", port: 0 };

export class NodeListener implements Listener, Stoppable {
  address: SocketAddress;
  readonly #loop: NodeLoop;
  readonly #server: Server;
  readonly #handler: ListenHandler;
  readonly #heldMax: number;
  readonly #held: Held[];
  /** admit() said no: until resume(). */
  #full: boolean;
  #closing: boolean;
  #listening: boolean;
  /** An exhausted episode has been told. */
  #exhausted: boolean;
  /** Connections since the last look, while closing. */
  #arrived: number;

  constructor(
    loop: NodeLoop,
    address: SocketAddress,
    options: ListenOptions,
    handler: ListenHandler,
  ) {
    this.address = address;
    this.#loop = loop;
    this.#handler = handler;
    this.#heldMax = Math.max(1, options.backlog);
    this.#held = [];
    this.#full = false;
    this.#closing = false;
    this.#listening = false;
    this.#exhausted = false;
    this.#arrived = 0;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    this.#server.on("listening", this.#onListening);
    this.#server.on("connection", this.#onConnection);
    this.#server.on("error", this.#onError);
    loop.listeners.add(this);
    this.#listen(options);
  }

  resume(): void {
    this.#full = false;
    setImmediate(this.#admit);
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#full = false;
    if (!this.#listening) {
      this.stop();
      setImmediate(() => this.#tell(() => this.#handler.onClosed(this)));
      return;
    }
    setImmediate(this.#look, this.#heldMax + 2, 0);
  }

  stop(): void {
    this.#closing = true;
    this.#full = true;
    this.#loop.listeners.delete(this);
    for (const held of this.#held) held.socket.destroy();
    this.#held.length = 0;
    this.#server.close();
  }

  #listen(options: ListenOptions): void {
    const { backlog, descriptor } = options;
    try {
      if (descriptor >= 0) this.#server.listen({ fd: descriptor, backlog });
      else if (this.address.family === "unix") {
        this.#server.listen({ path: this.address.path, backlog, exclusive: true });
      } else {
        const { host, port } = this.address;
        // As on every reactor: the wildcard takes IPv4 too, any other address is IPv6 alone.
        const ipv6Only = host !== "::";
        this.#server.listen({ host, port, backlog, ipv6Only, exclusive: true });
      }
    } catch (error) {
      // A path that is too long, for one, is thrown and not emitted.
      setImmediate(this.#onError, error as Error);
    }
  }

  /**
   * libuv accepts one connection a turn. While closing, a look after each turn tells whether more
   * came; after a whole turn without any, the backlog is empty. At most a backlog is taken.
   */
  readonly #look = (turnsLeft: number, quietTurns: number): void => {
    const quiet = this.#arrived === 0 ? quietTurns + 1 : 0;
    this.#arrived = 0;
    this.#admit();
    if (quiet < 2 && turnsLeft > 0) setImmediate(this.#look, turnsLeft - 1, quiet);
    else {
      this.stop();
      this.#tell(() => this.#handler.onClosed(this));
    }
  };

  readonly #onListening = (): void => {
    if (this.#closing) {
      // Closed before node:net had begun to listen, which it then does all the same.
      this.#server.close();
      return;
    }
    this.#listening = true;
    const info = this.#server.address();
    if (info !== null && typeof info === "object") {
      this.address = socketAddress(info) ?? this.address;
    }
    this.#tell(() => this.#handler.onListening(this));
  };

  readonly #onConnection = (socket: Socket): void => {
    this.#arrived++;
    this.#exhausted = false;
    const remote = this.#remoteOf(socket);
    // More than a kernel's backlog would have kept.
    if (this.#held.length >= this.#heldMax) {
      socket.destroy();
      return;
    }
    this.#held.push({ socket, remote });
    this.#admit();
  };

  readonly #admit = (): void => {
    while (!this.#full && this.#held.length > 0) {
      let admitted = false;
      this.#tell(() => {
        admitted = this.#handler.admit(this);
      });
      if (!admitted) {
        this.#full = true;
        return;
      }
      const held = this.#held.shift();
      if (held === undefined) this.#tell(() => this.#handler.unadmit(this));
      else this.#accept(held);
    }
  };

  #accept(held: Held): void {
    const connection = new NodeConnection(
      this.#loop,
      held.socket,
      true,
      held.remote,
      silentHandler,
    );
    try {
      this.#handler.onAccept(this, connection);
    } catch (error) {
      this.#thrown(connection, error);
    }
  }

  #thrown(connection: Connection, error: unknown): void {
    this.#loop.thrown(error);
    if (connection.closed) return;
    connection.abort();
    this.#tell(() => connection.handler.onFail(connection, Reason.handlerError));
  }

  #remoteOf(socket: Socket): SocketAddress {
    if (this.address.family === "unix") return this.address;
    const { remoteAddress, remoteFamily, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return gone;
    return ipAddress(remoteAddress, remoteFamily ?? "IPv4", remotePort);
  }

  readonly #onError = (error: Error): void => {
    if (this.#closing) return;
    if (!this.#listening) {
      this.#loop.listeners.delete(this);
      this.#closing = true;
      this.#tell(() => this.#handler.onListenFail(this, listenReason(error), error.message));
    } else if (!this.#exhausted && connectionReason(error) === Reason.exhausted) {
      this.#exhausted = true;
      this.#tell(() => this.#handler.onExhausted(this, error.message));
    }
  };

  #tell(call: () => void): void {
    this.#loop.enter();
    try {
      call();
    } catch (error) {
      this.#loop.thrown(error);
    }
  }
}
