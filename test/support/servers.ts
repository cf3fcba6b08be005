// Servers for Ballast to connect to, in the test's own process: each is a listener and one
// function that says what it does with a connection. Servers that must die are in server-programs.ts.
import {
  createServer,
  type AddressInfo,
  type ListenOptions,
  type Server,
  type Socket,
} from "node:net";
import { connectOptions } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";
import { Peer } from "./peer.ts";
import { until } from "./until.ts";

/** What a server does with each connection. */
export type Behaviour = (peer: Peer) => void;

export interface TestServer {
  /** As a configuration writes it. */
  readonly address: string;
  /** All its connections so far, the oldest first. */
  readonly peers: readonly Peer[];
  /** The `index`th connection, as soon as it is there. */
  peer(index?: number): Promise<Peer>;
  /** Stops listening: from now on connects are refused; what is open goes on. */
  refuse(): void;
  /** Stops listening and resets what is open. */
  stop(): Promise<void>;
}

/** Listens on loopback, or where `at` says. Stopped when the test ends. */
export async function startServer(
  behaviour: Behaviour,
  at: string = "127.0.0.1:0",
): Promise<TestServer> {
  const peers: Peer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const peer = new Peer(socket);
    peers.push(peer);
    behaviour(peer);
  });
  await listen(server, at);
  const stop = async (): Promise<void> => {
    // The listener first: whoever comes because another was reset must find it closed.
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : null;
    for (const socket of sockets) {
      if (at.startsWith("unix:")) socket.destroy();
      else socket.resetAndDestroy();
    }
    await closed;
  };
  atTestEnd(stop);
  return {
    address: at.startsWith("unix:") ? at : formatBound(server.address() as AddressInfo),
    peers,
    refuse: () => void server.close(),
    peer: (index = 0) => until(`connection ${index} at a server`, () => peers[index]),
    stop,
  };
}

function listen(server: Server, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...(connectOptions(at) as ListenOptions), backlog: 2048 }, resolve);
  });
}

function formatBound({ address, port, family }: AddressInfo): string {
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Speaks first: says its name and ends. */
export function says(name: string): Behaviour {
  return (peer) => peer.end(name);
}

/** Says its name and keeps the connection open. */
export function greets(name: string): Behaviour {
  return (peer) => peer.write(name);
}

/** Gives back what it gets, and FIN for FIN. */
export const echoes: Behaviour = ({ socket }) => {
  socket.pipe(socket);
};

/** Takes everything, counts and hashes it, and answers nothing. */
export const swallows: Behaviour = (peer) => {
  peer.digestOnly();
};

/** Takes nothing, says nothing. */
export const stalls: Behaviour = (peer) => peer.pause();

/** Takes everything until FIN, then answers its SHA-256 and ends. */
export const answersDigest: Behaviour = (peer) => {
  peer.digestOnly();
  peer.socket.once("end", () => peer.end(peer.digest));
};

/** Several servers that say their own name: `s1`, `s2`, ... By name, as `servers:` wants them. */
export async function startNamedServers(count: number): Promise<Record<string, TestServer>> {
  const names = Array.from({ length: count }, (_, i) => `s${i + 1}`);
  const servers = await Promise.all(names.map((name) => startServer(says(name))));
  return Object.fromEntries(names.map((name, i) => [name, servers[i] as TestServer]));
}

/** A loopback port on which nothing listens, for now. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await listen(server, host.includes(":") ? `[${host}]:0` : `${host}:0`);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
