// The scenes that the conformance tests play in: a listener, a connection with its peer, a tunnel of
// two connections. Every call is made so that a callback from inside it would be noticed.
import type { SocketAddress } from "../../config/address.ts";
import type { Connection, ConnectionHandler, Listener } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import type { Peer, PeerServer } from "./peers.conformance.ts";
import { Acceptor, Recorder, within } from "./recorder.conformance.ts";

export const loopback: SocketAddress = { family: "ipv4", host: "127.0.0.1", port: 0 };
export const backlog = 128;

/** A connection of the reactor, what its handler was told, and its other end. */
export interface Link {
  readonly connection: Connection;
  readonly recorder: Recorder;
  readonly peer: Peer;
}

/** Bytes that differ everywhere, so that a lost, doubled or swapped piece shows in a digest. */
export function pattern(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e37_79b9;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

export async function listen(
  harness: Harness,
  acceptor: Acceptor,
  address: SocketAddress = loopback,
): Promise<Listener> {
  const options = { descriptor: -1, backlog };
  const listener = within(() => harness.reactor.listen(address, options, acceptor));
  await harness.until(() => acceptor.listening || acceptor.failure !== "", "the listener's answer");
  return listener;
}

/** A peer connects and the reactor accepts. The connection is still paused. */
export async function accepted(
  harness: Harness,
  hooks: Partial<ConnectionHandler> = {},
  address: SocketAddress = loopback,
): Promise<Link> {
  const acceptor = new Acceptor();
  const listener = await listen(harness, acceptor, address);
  const peer = harness.peers.connect(listener.address);
  await harness.until(() => peer.connected && acceptor.connections.length === 1, "an accept");
  const connection = acceptor.connections[0] as Connection;
  const recorder = new Recorder(hooks);
  connection.handler = recorder;
  return { connection, recorder, peer };
}

/** The reactor connects and a peer accepts. */
export async function outgoing(
  harness: Harness,
  hooks: Partial<ConnectionHandler> = {},
  address: SocketAddress = loopback,
): Promise<Link> {
  const server = await harness.peers.listen(address);
  const recorder = new Recorder(hooks);
  const connection = connect(harness, server.address, recorder);
  await harness.until(() => recorder.has("connect"), "onConnect");
  const peer = await peerOf(harness, server);
  return { connection, recorder, peer };
}

export async function peerOf(harness: Harness, server: PeerServer, index = 0): Promise<Peer> {
  await harness.until(() => server.accepted.length > index, "the peer's accept");
  return server.accepted[index] as Peer;
}

export function connect(
  harness: Harness,
  address: SocketAddress,
  handler: ConnectionHandler,
): Connection {
  return within(() =>
    harness.reactor.connect(address, { keepaliveMs: 0, dataFollows: false }, handler),
  );
}

/** An address of loopback where nobody listens. */
export async function unusedAddress(harness: Harness): Promise<SocketAddress> {
  const server = await harness.peers.listen(loopback);
  server.close();
  return server.address;
}

export function write(connection: Connection, bytes: Uint8Array | string): boolean {
  const whole = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  return within(() => connection.write(whole, 0, whole.length));
}

/**
 * The code that the peer fails with. It writes, because libuv tells a reset that follows unread
 * data as an end; a write shows ECONNRESET after RST, and EPIPE after an orderly close.
 */
export async function failureOf(harness: Harness, peer: Peer): Promise<string | null> {
  await harness.until(() => {
    peer.write("?");
    return peer.error !== null;
  }, "the peer's failure");
  return peer.error;
}

/** Writes until the reactor keeps something; the peer must have been paused. */
export function fill(connection: Connection, piece: Uint8Array): number {
  let written = 0;
  // No kernel buffers this much of one connection.
  for (let count = 0; count < 4096; count++) {
    written += piece.length;
    if (!write(connection, piece)) return written;
  }
  throw new Error(`the kernel took ${written} bytes and wanted more`);
}

/** Closes connections and waits until the reactor counts none. */
export async function closeAll(harness: Harness, ...connections: Connection[]): Promise<void> {
  for (const connection of connections) within(() => connection.close());
  await harness.until(() => harness.reactor.connections === 0, "no connection left");
}
