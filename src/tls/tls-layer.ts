// What all connections of one worker that speak TLS share. A worker has one of these from its first bind
// or server with TLS on.
import type { Connection, ConnectionHandler, ConnectOptions, Reactor } from "../reactor/reactor.ts";
import type { SocketAddress } from "../config/address.ts";
import { copyMemory, fixedBytes } from "../sys/openssl/bind.ts";
import { sslGet0AlpnSelected } from "../sys/openssl/session.ts";
import type { ClientContext } from "./client-context.ts";
import { ClientHello } from "./client-hello.ts";
import { Lingering } from "./failing.ts";
import { HandshakeGate } from "./handshake-gate.ts";
import { RecordLayer } from "./record-layer.ts";
import { ServerCalls } from "./server-calls.ts";
import type { ServerContexts } from "./server-contexts.ts";
import { TlsConnection } from "./tls-connection.ts";

export class TlsLayer {
  readonly records: RecordLayer;
  readonly gate: HandshakeGate;
  readonly lingering: Lingering;
  readonly calls: ServerCalls;
  /** Reads the hello of whichever client is saying it. */
  readonly hello: ClientHello;
  /** OpenSSL's objects that are alive; count() changes it. */
  sessions: number;
  readonly #reactor: Reactor;
  readonly #selected: { readonly bytes: Buffer; readonly address: number };
  readonly #counted: (change: number) => void;

  /** `handshakesMax`: of clients, at once. `counted` is told of each object made (1) and freed (-1). */
  constructor(
    reactor: Reactor,
    handshakesMax: number,
    counted: (change: number) => void = () => {},
  ) {
    this.records = new RecordLayer(reactor);
    this.gate = new HandshakeGate(reactor, handshakesMax);
    this.lingering = new Lingering(reactor);
    this.calls = new ServerCalls();
    this.hello = new ClientHello();
    this.sessions = 0;
    this.#reactor = reactor;
    this.#selected = fixedBytes(16 + 256);
    this.#counted = counted;
  }

  /** An object of OpenSSL's has been made (1) or freed (-1). */
  count(change: number): void {
    this.sessions += change;
    this.#counted(change);
  }

  /** Connects, and speaks TLS as `client` says. onConnect comes when the handshake is complete. */
  connect(
    remote: SocketAddress,
    options: ConnectOptions,
    handler: ConnectionHandler,
    client: ClientContext,
  ): TlsConnection {
    const connection = new TlsConnection(this, null, handler);
    client.hold();
    connection.client = client;
    connection.transport = this.#reactor.connect(remote, options, connection);
    return connection;
  }

  /**
   * A connection that was accepted, to be answered with `contexts`. It passes on what comes, as it is,
   * until secure() is called; its handler is to be set.
   */
  accept(transport: Connection, contexts: ServerContexts): TlsConnection {
    const connection = new TlsConnection(this, transport, transport.handler);
    contexts.hold();
    connection.contexts = contexts;
    return connection;
  }

  /** What a server has chosen of our protocols; empty: nothing. */
  agreedProtocol(ssl: number): string {
    const { bytes, address } = this.#selected;
    sslGet0AlpnSelected(ssl, address, address + 8);
    const length = bytes.readUInt32LE(8);
    if (length === 0 || length > 255) return "";
    copyMemory(address + 16, Number(bytes.readBigUInt64LE(0)), length);
    return bytes.toString("latin1", 16, 16 + length);
  }

  /** The worker stops. */
  close(): void {
    this.lingering.close();
  }
}
