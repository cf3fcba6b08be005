// The reactor on node:net: for development where epoll is not, and the fallback. Simple and correct
// comes before fast. A turn is one round of libuv's loop.
//
// What node:net cannot do: leave connections in the kernel's backlog (they are accepted and held,
// see node-listener.ts), tell that accepting failed for want of descriptors (libuv closes such
// connections), notice a reset of a paused connection that has nothing to send, and leave open the
// descriptor that a listener was given.
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { TcpNetConnectOpts } from "node:net";
import { BroadcastChannel } from "node:worker_threads";
import type { SocketAddress } from "../../config/address.ts";
import { scratchBytes } from "../record-memory.ts";
import type {
  ConnectOptions,
  Connection,
  ConnectionHandler,
  ListenHandler,
  ListenOptions,
  Listener,
  Reactor,
  ReactorHandler,
  Timer,
  TimerHandler,
  Waker,
} from "../reactor.ts";
import type { RecordMemory } from "../record-memory.ts";
import { NodeConnection } from "./node-connection.ts";
import { NodeListener } from "./node-listener.ts";
import { NodeLoop } from "./node-loop.ts";
import { NodeTimer } from "./node-timer.ts";

export class NodeReactor implements Reactor {
  readonly kind = "node";
  readonly waker: Waker;
  readonly scratch: Uint8Array;
  readonly scratchStart: number;
  readonly records: RecordMemory | null;
  readonly #loop: NodeLoop;
  readonly #channel: BroadcastChannel;
  readonly #ended: Promise<void>;
  #settle: () => void;
  #stopping: boolean;

  /** It holds a message channel from now on: stop() must be called also if run() never is. */
  constructor(handler: ReactorHandler) {
    this.#loop = new NodeLoop(handler);
    this.scratch = new Uint8Array(scratchBytes);
    this.scratchStart = 0;
    this.records = null;
    this.#stopping = false;
    this.#settle = (): void => {};
    this.#ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const name = `ballast-wake-${randomUUID()}`;
    this.waker = { kind: "channel", name };
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener("message", this.#onWake);
  }

  get nowMs(): number {
    return this.#loop.nowMs;
  }

  get turns(): number {
    return this.#loop.turns;
  }

  get connections(): number {
    return this.#loop.connections.size;
  }

  sendsFrom(): void {
    // It copies what it sends anyway.
  }

  listen(address: SocketAddress, options: ListenOptions, handler: ListenHandler): Listener {
    return new NodeListener(this.#loop, address, options, handler);
  }

  connect(remote: SocketAddress, options: ConnectOptions, handler: ConnectionHandler): Connection {
    const stream = { allowHalfOpen: true, noDelay: true };
    if (remote.family === "unix") {
      const socket = connect({ ...stream, path: remote.path });
      return new NodeConnection(this.#loop, socket, false, remote, handler);
    }
    const tcp: TcpNetConnectOpts = {
      ...stream,
      host: remote.host,
      port: remote.port,
      keepAlive: options.keepaliveMs > 0,
      keepAliveInitialDelay: options.keepaliveMs,
    };
    return new NodeConnection(this.#loop, connect(tcp), false, remote, handler);
  }

  timer(handler: TimerHandler): Timer {
    return new NodeTimer(this.#loop, handler);
  }

  run(): Promise<void> {
    return this.#ended;
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    setImmediate(this.#shut);
  }

  readonly #shut = (): void => {
    this.#loop.shut();
    this.#channel.close();
    this.#settle();
  };

  readonly #onWake = (): void => {
    if (this.#loop.stopped) return;
    this.#loop.enter();
    try {
      this.#loop.handler.onWake();
    } catch (error) {
      this.#loop.thrown(error);
    }
  };
}
