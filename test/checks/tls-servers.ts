// Servers that speak TLS, for checks to look at: each listens on loopback and remembers with whom it
// has finished a handshake. Stopped when the test ends.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { Issued } from "../support/authority.ts";
import { portOf } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { LineReader } from "../support/line-reader.ts";
import { startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** A finished handshake. */
export interface Greeted {
  /** Of SNI; empty: there was none. */
  readonly name: string;
  readonly alpn: string | false | null;
  readonly cipher: string;
  /** The common name in the client's certificate; empty without one. */
  readonly client: string;
  /** What came over it so far. */
  received: string;
}

export interface TlsServer {
  readonly address: string;
  readonly server: Server;
  /** The oldest first. */
  readonly greeted: readonly Greeted[];
  /** The `index`th, as soon as it is there. */
  greeting(index?: number): Promise<Greeted>;
  /** Resolves when no connection is open. */
  idle(): Promise<unknown>;
}

/** By default it takes what comes and says nothing. `at`: the path of a unix socket. */
export async function startTlsServer(
  { cert, key }: Issued,
  options: TlsOptions = {},
  behaviour: (peer: TLSSocket) => void = () => {},
  at = "",
): Promise<TlsServer> {
  const greeted: Greeted[] = [];
  const sockets = new Set<Socket>();
  const own = { cert: readFileSync(cert), key: readFileSync(key) };
  const server = createServer({ ...own, ...options }, (peer) => {
    // Checks end with a reset.
    peer.on("error", () => {});
    const greeting = greetingOf(peer);
    greeted.push(greeting);
    peer.on("data", (bytes: Buffer) => {
      greeting.received += bytes.toString("latin1");
    });
    behaviour(peer);
  });
  server.on("tlsClientError", () => {});
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    if (at === "") server.listen(0, "127.0.0.1", resolve);
    else server.listen(at, resolve);
  });
  atTestEnd(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return {
    address: at === "" ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${at}`,
    server,
    greeted,
    greeting: (index = 0) => until(`handshake ${index} at a server`, () => greeted[index]),
    idle: () => until("a server's connections to be gone", () => sockets.size === 0),
  };
}

function greetingOf(peer: TLSSocket): Greeted {
  // What @types/node does not know: SNI at the server's end.
  const { servername: name } = peer as { servername?: string | false };
  return {
    name: typeof name === "string" ? name : "",
    alpn: peer.alpnProtocol,
    cipher: peer.getCipher().name,
    client: String(peer.getPeerCertificate().subject?.CN ?? ""),
    received: "",
  };
}

/** Answers what comes first with this status. */
export function answers(status: number): (peer: TLSSocket) => void {
  return (peer) => {
    peer.once("data", () => peer.end(`HTTP/1.1 ${status} Words\r\n\r\n`));
  };
}

/**
 * Between a check and a server of TLS 1.3: says nothing more to the check once the check has done its
 * part of the handshake. Gives its address.
 */
export async function startMuffled(address: string): Promise<string> {
  const muffled = await startServer(({ socket }) => {
    const upstream = connect(portOf(address), "127.0.0.1");
    let spoken = 0;
    socket.on("data", (bytes: Buffer) => {
      spoken++;
      upstream.write(bytes);
    });
    upstream.on("data", (bytes: Buffer) => {
      if (spoken < 2) socket.write(bytes);
    });
    socket.once("close", () => upstream.destroy());
  });
  return muffled.address;
}

/** OpenSSL's own server in a process of its own, with these options more. Gives its address. */
export async function startOpenSsl(issued: Issued, words: readonly string[]): Promise<string> {
  const own = ["-accept", "127.0.0.1:0", "-cert", issued.cert, "-key", issued.key];
  const child = spawn("openssl", ["s_server", ...own, ...words], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  atTestEnd(async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.kill("SIGKILL")) await gone;
  });
  const { lines } = new LineReader(child.stdout);
  const line = await until("openssl to listen", () =>
    lines.find((text) => text.startsWith("ACCEPT ")),
  );
  return line.slice("ACCEPT ".length);
}
