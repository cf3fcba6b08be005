// A reactor whose connections all speak TLS, so that the reactors' own conformance suite can be run on
// them: what holds for a connection must hold for one with TLS as well.
import type { SocketAddress } from "../../config/address.ts";
import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenHandler,
  ListenOptions,
  Reactor,
  Timer,
  TimerHandler,
  Waker,
} from "../../reactor/reactor.ts";
import type { RecordMemory } from "../../reactor/record-memory.ts";
import type { ClientContext } from "../client-context.ts";
import type { ServerContexts } from "../server-contexts.ts";
import type { TlsConnection } from "../tls-connection.ts";
import { TlsLayer } from "../tls-layer.ts";

export class SecuredReactor<R extends Reactor> implements Reactor {
  readonly inner: R;
  readonly layer: TlsLayer;
  contexts: ServerContexts | null = null;
  client: ClientContext | null = null;
  readonly #connections: Set<TlsConnection> = new Set();

  constructor(inner: R) {
    this.inner = inner;
    this.layer = new TlsLayer(inner, 1000);
  }

  get kind(): Reactor["kind"] {
    return this.inner.kind;
  }

  get nowMs(): number {
    return this.inner.nowMs;
  }

  get turns(): number {
    return this.inner.turns;
  }

  get connections(): number {
    return this.inner.connections;
  }

  get waker(): Waker {
    return this.inner.waker;
  }

  get scratch(): Uint8Array {
    return this.inner.scratch;
  }

  get scratchStart(): number {
    return this.inner.scratchStart;
  }

  get records(): RecordMemory | null {
    return this.inner.records;
  }

  sendsFrom(bytes: Uint8Array, address: number): void {
    this.inner.sendsFrom(bytes, address);
  }

  listen(address: SocketAddress, options: ListenOptions, handler: ListenHandler): Listener {
    return this.inner.listen(address, options, {
      admit: (listener) => handler.admit(listener),
      unadmit: (listener) => handler.unadmit(listener),
      onListening: (listener) => handler.onListening(listener),
      onListenFail: (listener, reason, message) => handler.onListenFail(listener, reason, message),
      onExhausted: (listener, message) => handler.onExhausted(listener, message),
      onClosed: (listener) => handler.onClosed(listener),
      onAccept: (listener, transport) => {
        const shaken = new Shaking((connection) => handler.onAccept(listener, connection));
        const connection = this.layer.accept(transport, this.contexts as ServerContexts);
        connection.handler = shaken;
        this.#connections.add(connection);
        connection.secure();
      },
    });
  }

  connect(remote: SocketAddress, options: ConnectOptions, handler: ConnectionHandler): Connection {
    const client = this.client as ClientContext;
    const connection = this.layer.connect(remote, options, handler, client);
    this.#connections.add(connection);
    return connection;
  }

  timer(handler: TimerHandler): Timer {
    return this.inner.timer(handler);
  }

  run(): Promise<void> {
    return this.inner.run();
  }

  stop(): void {
    for (const connection of this.#connections) connection.abort();
    this.layer.close();
    this.inner.stop();
  }
}

/** Hands a connection over when its handshake is complete. */
class Shaking implements ConnectionHandler {
  readonly #complete: (connection: Connection) => void;

  constructor(complete: (connection: Connection) => void) {
    this.#complete = complete;
  }

  onConnect(connection: Connection): void {
    this.#complete(connection);
  }

  onData(): void {}

  onForward(): void {}

  onDrain(): void {}

  onEnd(): void {}

  onFail(): void {}
}
