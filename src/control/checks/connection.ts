// The connection of one probe: the socket, a PROXY protocol header in front of everything, TLS where
// the check wants it. stream-probe.ts opens one and closes it. Plain sockets are read without Node's
// streams, and all are closed with RST: at 500 checks a second both count (a FIN would leave a
// TIME_WAIT each).
import { connect, type Socket, type SocketConnectOpts } from "node:net";
import type { TLSSocket } from "node:tls";
import type { NamedAddress, SocketAddress } from "../../config/address.ts";
import { encodeLocalProxyHeader } from "../../proxy/proxy-protocol/encode.ts";
import { type Failure, networkFailure, tlsFailure } from "./failures.ts";
import { mayBeRefused, speakTls, type TlsClient } from "./tls-client.ts";

/** What one read takes: answers to checks are small. */
const readBytes = 4096;

/** Whom the connection tells; nothing comes after close(). */
export interface ConnectionListener {
  /** It stands, TLS included. */
  onOpen(): void;
  /** Each character is one byte. */
  onReceive(received: string): void;
  /** The server has sent its last byte. */
  onEnd(): void;
  onFail(failure: Failure): void;
}

export interface ConnectionOptions {
  readonly address: SocketAddress | NamedAddress;
  readonly sendProxy: 0 | 1 | 2;
  /** Null: without TLS. */
  readonly tls: TlsClient | null;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #socket: Socket;
  /** What speaks TLS over the socket, from the handshake on. */
  #secured: TLSSocket | null;
  #connected: boolean;
  #open: boolean;
  #closed: boolean;
  /** The server has given a ticket: it has seen our certificate, or that there is none. */
  #accepted: boolean;
  #onAccept: (() => void) | null;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#secured = null;
    this.#connected = false;
    this.#open = false;
    this.#closed = false;
    this.#accepted = false;
    this.#onAccept = null;
    const onread = {
      buffer: () => Buffer.allocUnsafe(readBytes),
      callback: (length: number, bytes: Buffer) => this.#receive(bytes.subarray(0, length)),
    };
    const { address, tls } = options;
    this.#socket = connect({
      ...endpointOf(address),
      ...(tls === null && { onread }),
    } as unknown as SocketConnectOpts);
    this.#socket.once("connect", () => this.#stands());
    if (tls === null) this.#socket.once("end", () => this.#ended());
    // Not once: a socket that is closed by us may still have something to say.
    this.#socket.on("error", (error) => this.#failed(error));
  }

  /** What it lacks; empty: it is open. */
  get missing(): string {
    if (this.#open) return "";
    return this.#connected ? "no TLS handshake" : "no connection";
  }

  write(bytes: Uint8Array | string): void {
    if (typeof bytes === "string") this.#stream.write(bytes, "latin1");
    else this.#stream.write(bytes);
  }

  /**
   * Calls `done` when the server has nothing against us. Where it has asked for a certificate that
   * means to say good-bye and to hear what it answers: a ticket, an end, or why it refuses (onFail).
   */
  settle(done: () => void): void {
    if (this.#accepted || this.#secured === null || !mayBeRefused(this.#secured)) {
      done();
      return;
    }
    this.#onAccept = done;
    this.#secured.end();
  }

  /** Leaves nothing open. */
  close(): void {
    this.#closed = true;
    const { address } = this.#options;
    // While it connects a reset would wait for the connection; unix sockets know none. On its way to
    // a FIN libuv refuses to reset (uv_tcp_close_reset), and Node would leave it open.
    const resets = this.#connected && address.family !== "unix" && !this.#stream.writableEnded;
    if (resets && !this.#socket.destroyed) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** What the dialogue goes over. */
  get #stream(): Socket {
    return this.#secured ?? this.#socket;
  }

  #stands(): void {
    if (this.#closed) return;
    this.#connected = true;
    const { sendProxy, tls } = this.#options;
    if (sendProxy !== 0) this.write(encodeLocalProxyHeader(sendProxy));
    if (tls === null) this.#opened();
    else this.#secure(tls);
  }

  #secure(tls: TlsClient): void {
    const secured = speakTls(this.#socket, tls);
    this.#secured = secured;
    secured.on("error", (error) => this.#failed(error));
    // These two come from inside OpenSSL, which gives away the last of our handshake only after them.
    secured.once("secureConnect", () => setImmediate(() => this.#isSecure(secured)));
    secured.once("session", () => setImmediate(() => this.#isAccepted()));
    // Only here: who destroys it from inside OpenSSL, however indirectly, crashes the process.
    this.#socket.once("close", () => secured.destroy());
  }

  #isSecure(secured: TLSSocket): void {
    if (this.#closed) return;
    this.#opened();
    secured.on("data", (bytes: Buffer) => this.#receive(bytes));
    if (secured.readableEnded) this.#ended();
    else secured.once("end", () => this.#ended());
  }

  #isAccepted(): void {
    this.#accepted = true;
    if (!this.#closed) this.#onAccept?.();
  }

  #opened(): void {
    this.#open = true;
    this.#listener.onOpen();
  }

  /** False stops reading. */
  #receive(bytes: Buffer): boolean {
    if (!this.#closed) this.#listener.onReceive(bytes.toString("latin1"));
    return !this.#closed;
  }

  #ended(): void {
    if (this.#closed) return;
    if (this.#onAccept === null) this.#listener.onEnd();
    else this.#onAccept();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    const isTls = this.#secured !== null;
    this.#listener.onFail(isTls ? tlsFailure(error, this.#open) : networkFailure(error));
  }
}

function endpointOf(address: SocketAddress | NamedAddress): object {
  return address.family === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port, noDelay: true };
}
