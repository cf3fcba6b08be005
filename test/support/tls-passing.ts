// TLS servers and clients of Node's own behind, and in front of, a load balancer that passes their bytes
// on: what a client sees of the server it reached. Ended when the test ends.
import { readFileSync } from "node:fs";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls, createServer, type ConnectionOptions } from "node:tls";
import type { Issued } from "./authority.ts";
import { connectOptions, portOf } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";

function closing(server: { close(done: () => void): unknown }, sockets: Set<Socket>): void {
  atTestEnd(async () => {
    const closed = new Promise<void>((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.once("close", () => sockets.delete(socket));
}

/** Listens with this certificate and echoes. Its address. */
export async function startTlsServer(
  { cert, key }: Issued,
  ALPNProtocols: readonly string[] = [],
): Promise<string> {
  const options = { cert: readFileSync(cert), key: readFileSync(key), allowHalfOpen: true };
  const protocols = ALPNProtocols.length > 0 ? { ALPNProtocols: [...ALPNProtocols] } : {};
  const sockets = new Set<Socket>();
  const server = createServer({ ...options, ...protocols }, (socket) => {
    keep(sockets, socket);
    socket.pipe(socket);
  });
  server.on("connection", (socket: Socket) => keep(sockets, socket));
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing(server, sockets);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a TLS client has come to. */
export interface Reached {
  /** The common name of the certificate that it was shown. */
  readonly name: string;
  /** Agreed on; false: none. */
  readonly alpn: string | false;
  /** What came back for what it said. */
  readonly echo: string;
}

/** Shakes hands, trusting `ca` alone, says `text`, and ends. Rejects when any of it fails. */
export function reach(
  address: string,
  ca: string,
  options: ConnectionOptions,
  text = "hello behind TLS",
): Promise<Reached> {
  return new Promise((resolve, reject) => {
    const to = { host: "127.0.0.1", port: portOf(address), ca: readFileSync(ca) };
    const socket = connectTls({ ...to, ...options });
    atTestEnd(() => void socket.destroy());
    let echo = "";
    let seen = { name: "", alpn: false as string | false };
    socket.on("error", reject);
    socket.once("secureConnect", () => {
      const { CN: name } = socket.getPeerCertificate().subject;
      seen = { name: String(name), alpn: socket.alpnProtocol ?? false };
      socket.end(text);
    });
    socket.on("data", (bytes: Buffer) => {
      echo += bytes.toString();
    });
    socket.once("end", () => resolve({ ...seen, echo }));
    socket.once("close", () => reject(new Error("closed before its end")));
  });
}

/**
 * Stands between a client and `to`, and gives on the client's first flight in these pieces, one after the
 * other; everything else as it comes. Its address.
 */
export async function startSplitter(
  to: string,
  split: (flight: Buffer) => readonly Buffer[],
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const onward = connect({ ...connectOptions(to), allowHalfOpen: true });
    onward.setNoDelay(true);
    keep(sockets, client);
    keep(sockets, onward);
    onward.pipe(client);
    client.once("data", (flight: Buffer) => {
      client.pause();
      void sendEach(onward, split(flight)).then(() => client.pipe(onward));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing(server, sockets);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Each in a packet of its own, unless the receiver is slower than we are. */
export async function sendEach(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve) => {
      socket.write(piece, () => setImmediate(resolve));
    });
  }
}
