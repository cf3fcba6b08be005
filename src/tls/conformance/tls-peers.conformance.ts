// Peers that speak TLS with Node's own implementation, over its own sockets: independent of what is
// tested. They share OpenSSL with it, but neither our use of it nor our memory BIOs.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as secure, TLSSocket, createSecureContext, type SecureContext } from "node:tls";
import type { SocketAddress } from "../../config/address.ts";
import {
  NodePeer,
  NodePeers,
  place,
  placed,
} from "../../reactor/conformance/node-peers.conformance.ts";
import type { Peer, PeerServer } from "../../reactor/conformance/peers.conformance.ts";

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}

/** A reset must be one of the socket beneath. */
class TlsPeer extends NodePeer {
  readonly #beneath: Socket;

  constructor(socket: TLSSocket, beneath: Socket) {
    super(socket);
    this.connected = false;
    this.#beneath = beneath;
    socket.on("secureConnect", () => (this.connected = true));
    socket.on("secure", () => (this.connected = true));
  }

  override reset(): void {
    this.#beneath.resetAndDestroy();
  }
}

export class TlsPeers extends NodePeers {
  readonly #files: TlsFiles;
  readonly #context: SecureContext;

  constructor(files: TlsFiles) {
    super();
    this.#files = files;
    this.#context = createSecureContext(files);
  }

  override async listen(address: SocketAddress): Promise<PeerServer> {
    const accepted: Peer[] = [];
    const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (beneath) => {
      const socket = new TLSSocket(beneath, { isServer: true, secureContext: this.#context });
      const peer = new TlsPeer(socket, beneath);
      this.add(peer);
      beneath.on("error", () => socket.destroy());
      socket.on("secure", () => accepted.push(peer));
    });
    this.addServer(server);
    server.listen(place(address));
    await once(server, "listening");
    return { address: placed(address, server), accepted, close: () => void server.close() };
  }

  override connect(address: SocketAddress): Peer {
    const beneath = connect({ ...place(address), allowHalfOpen: true, noDelay: true });
    const { ca } = this.#files;
    const socket = secure({ socket: beneath, ca, servername: "localhost" });
    beneath.on("error", () => {});
    return this.add(new TlsPeer(socket, beneath));
  }

  override deafProgram(): { readonly source: string; readonly data: Record<string, unknown> } {
    return { source: deafSource, data: { ...this.#files } };
  }
}

/** Listens and then blocks its thread, so that nobody accepts, until the gate opens. */
const deafSource = `
const { createServer } = require("node:tls");
const { parentPort, workerData } = require("node:worker_threads");
const { gate, cert, key } = workerData;
const server = createServer({ cert: Buffer.from(cert), key: Buffer.from(key) }, () => {});
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(gate, 0, 0);
});
`;
