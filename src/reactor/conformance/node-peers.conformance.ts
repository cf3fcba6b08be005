// Peers over node:net sockets of this process, for reactors that work on real sockets.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { NetConnectOpts, Server, Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { SocketAddress } from "../../config/address.ts";
import type { DeafServer, Peer, PeerServer, Peers } from "./peers.conformance.ts";

const pieceBytes = 65_536;
/** Enough of what was read to show in text(). */
const textBytesMax = 1_048_576;

export class NodePeer implements Peer {
  local: SocketAddress | null = null;
  connected = false;
  received = 0;
  sent = 0;
  ended = false;
  error: string | null = null;
  readonly socket: Socket;
  readonly #hash = createHash("sha256");
  readonly #chunks: Buffer[] = [];
  readonly #queue: Uint8Array[] = [];
  #writing = false;
  #ending = false;

  constructor(socket: Socket) {
    this.socket = socket;
    if (!socket.connecting) this.#onConnect();
    socket.on("connect", () => this.#onConnect());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("data", (chunk: Buffer) => {
      if (this.received < textBytesMax) this.#chunks.push(chunk);
      this.received += chunk.length;
      this.#hash.update(chunk);
    });
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  write(bytes: Uint8Array | string): void {
    if (this.#ending) return;
    const whole = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    for (let start = 0; start < whole.length; start += pieceBytes) {
      this.#queue.push(whole.subarray(start, start + pieceBytes));
    }
    this.#pump();
  }

  end(): void {
    this.#ending = true;
    this.#pump();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** One piece at a time, so that `sent` tells what the kernel has taken. */
  #pump(): void {
    if (this.#writing || this.socket.destroyed) return;
    const piece = this.#queue.shift();
    if (piece === undefined) {
      if (this.#ending) this.socket.end();
      return;
    }
    this.#writing = true;
    this.socket.write(piece, () => {
      this.#writing = false;
      this.sent += piece.length;
      this.#pump();
    });
  }

  #onConnect(): void {
    this.connected = true;
    const info = this.socket.address();
    if (!("address" in info)) return;
    const family = info.family === "IPv6" ? "ipv6" : "ipv4";
    this.local = { family, host: info.address, port: info.port };
  }
}

/** Everything that it opens is closed by close(). */
export class NodePeers implements Peers {
  readonly #peers: NodePeer[] = [];
  readonly #servers: Server[] = [];
  readonly #workers: Worker[] = [];

  async listen(address: SocketAddress): Promise<PeerServer> {
    const accepted: NodePeer[] = [];
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      accepted.push(this.add(new NodePeer(socket)));
    });
    this.addServer(server);
    server.listen(place(address));
    await once(server, "listening");
    return { address: placed(address, server), accepted, close: () => void server.close() };
  }

  connect(address: SocketAddress): Peer {
    const options: NetConnectOpts = place(address);
    return this.add(new NodePeer(connect({ ...options, allowHalfOpen: true, noDelay: true })));
  }

  async deaf(): Promise<DeafServer> {
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const { source, data } = this.deafProgram();
    const worker = new Worker(source, { eval: true, workerData: { ...data, gate } });
    this.#workers.push(worker);
    const [port] = (await once(worker, "message")) as [number];
    return {
      address: { family: "ipv4", host: "127.0.0.1", port },
      listen: () => {
        Atomics.store(gate, 0, 1);
        Atomics.notify(gate, 0);
      },
    };
  }

  /** What deaf() runs in a thread of its own, and what that is given. */
  deafProgram(): { readonly source: string; readonly data: Record<string, unknown> } {
    return { source: deafSource, data: {} };
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.socket.destroy();
    for (const server of this.#servers) server.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** Closes it in the end. */
  add<P extends NodePeer>(peer: P): P {
    this.#peers.push(peer);
    return peer;
  }

  addServer(server: Server): void {
    this.#servers.push(server);
  }
}

/** Listens and then blocks its thread, so that nobody accepts, until the gate opens. */
const deafSource = `
const { createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const server = createServer(() => {});
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData.gate, 0, 0);
});
`;

export function place(address: SocketAddress): { path: string } | { host: string; port: number } {
  if (address.family === "unix") return { path: address.path };
  return { host: address.host, port: address.port };
}

export function placed(address: SocketAddress, server: Server): SocketAddress {
  const info = server.address();
  if (address.family === "unix" || info === null || typeof info === "string") return address;
  return { family: address.family, host: info.address, port: info.port };
}
