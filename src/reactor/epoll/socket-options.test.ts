// What the kernel is told about each socket: TCP_NODELAY on both sides, keepalive where the plan
// says so. Accepted sockets inherit theirs from the listener.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import * as C from "../../sys/constants.ts";
import { close, getsockopt } from "../../sys/libc.ts";
import { Memory } from "../../sys/memory.ts";
import { localAddress, openListener, setKeepalive } from "../../sys/stream-socket.ts";
import type { Connection, ListenHandler } from "../reactor.ts";
import { silentHandler } from "../silent-handler.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import { EpollReactor } from "./epoll-reactor.ts";

const patienceMs = 5000;
const cleanups: (() => void)[] = [];
const value = new Memory(8);
const length = new Memory(4);

afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

/** An int option of a connection's socket, as the kernel has it. */
function optionOf(connection: Connection, level: number, name: number): number {
  const { descriptor } = connection as EpollConnection;
  length.int32[0] = 4;
  expect(getsockopt(descriptor, level, name, value.address, length.address)).toBe(0);
  return value.int32[0] as number;
}

function noDelay(connection: Connection): number {
  return optionOf(connection, C.IPPROTO_TCP, C.TCP_NODELAY);
}

function openReactor(): EpollReactor {
  const failures: unknown[] = [];
  const handler = { onWake() {}, onHandlerError: (error: unknown) => void failures.push(error) };
  const reactor = new EpollReactor(handler, { owners: new Uint8Array(0), owner: 0, spare: 8 });
  cleanups.push(() => {
    reactor.stop();
    void reactor.run();
    expect(failures).toEqual([]);
  });
  return reactor;
}

/** Turns the reactor, and Node's own event loop, until `done`. */
async function turnUntil(reactor: EpollReactor, done: () => boolean): Promise<void> {
  const limitMs = performance.now() + patienceMs;
  while (!done()) {
    if (performance.now() > limitMs) throw new Error("waited in vain");
    reactor.turn(1);
    await nextRound();
  }
}

/** A connection that the reactor accepts on a listener of the control plane's kind. */
async function accept(host: string, prepare: (descriptor: number) => void): Promise<Connection> {
  const family = host.includes(":") ? "ipv6" : "ipv4";
  const descriptor = openListener({ family, host, port: 0 }, 16, true);
  cleanups.push(() => close(descriptor));
  prepare(descriptor);
  const address = localAddress(descriptor);
  if (address === null || address.family === "unix") throw new Error("no address");
  const reactor = openReactor();
  const accepted: Connection[] = [];
  const handler: ListenHandler = {
    admit: () => true,
    unadmit() {},
    onAccept: (_, connection) => void accepted.push(connection),
    onListening() {},
    onListenFail() {},
    onExhausted() {},
    onClosed() {},
  };
  reactor.listen(address, { descriptor, backlog: 16 }, handler);
  const client = connect(address.port, address.host);
  cleanups.push(() => client.destroy());
  await turnUntil(reactor, () => accepted.length > 0);
  return accepted[0] as Connection;
}

/** A connection of the reactor's to a server of the test's. */
async function reach(
  keepaliveMs: number,
): Promise<{ reactor: EpollReactor; connection: Connection; received: () => number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket.resume());
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const reactor = openReactor();
  const address = { family: "ipv4", host: "127.0.0.1", port } as const;
  const options = { dataFollows: false, keepaliveMs };
  const connection = reactor.connect(address, options, silentHandler);
  await turnUntil(reactor, () => connection.established && sockets.length === 1);
  return { reactor, connection, received: () => sockets[0]?.bytesRead ?? 0 };
}

describe.runIf(process.platform === "linux")("on Linux", () => {
  it.each(["127.0.0.1", "::1"])("an accepted connection has TCP_NODELAY: %s", async (host) => {
    expect(noDelay(await accept(host, () => {}))).toBe(1);
  });

  it("an outgoing connection has TCP_NODELAY after its second send", async () => {
    const { reactor, connection, received } = await reach(0);
    const bytes = Buffer.from("small");
    expect(connection.write(bytes, 0, bytes.length)).toBe(true);
    await turnUntil(reactor, () => received() === bytes.length);
    expect(connection.write(bytes, 0, bytes.length)).toBe(true);
    expect(noDelay(connection)).toBe(1);
    await turnUntil(reactor, () => received() === 2 * bytes.length);
  });

  it("an outgoing connection has TCP_NODELAY after a first send of several segments", async () => {
    const { reactor, connection, received } = await reach(0);
    const bytes = Buffer.alloc(10_000);
    connection.write(bytes, 0, bytes.length);
    expect(noDelay(connection)).toBe(1);
    await turnUntil(reactor, () => received() === bytes.length);
  });

  it("an accepted connection has the keepalive of its listener", async () => {
    const kept = await accept("127.0.0.1", (descriptor) => setKeepalive(descriptor, 30_000));
    expect(optionOf(kept, C.SOL_SOCKET, C.SO_KEEPALIVE)).toBe(1);
    expect(optionOf(kept, C.IPPROTO_TCP, C.TCP_KEEPIDLE)).toBe(30);
    expect(optionOf(kept, C.IPPROTO_TCP, C.TCP_KEEPINTVL)).toBe(30);
    const plain = await accept("127.0.0.1", (descriptor) => {
      setKeepalive(descriptor, 30_000);
      setKeepalive(descriptor, 0);
    });
    expect(optionOf(plain, C.SOL_SOCKET, C.SO_KEEPALIVE)).toBe(0);
  });

  it("an outgoing connection has the keepalive that it was opened with", async () => {
    const { connection: kept } = await reach(7000);
    expect(optionOf(kept, C.SOL_SOCKET, C.SO_KEEPALIVE)).toBe(1);
    expect(optionOf(kept, C.IPPROTO_TCP, C.TCP_KEEPIDLE)).toBe(7);
    const { connection: plain } = await reach(0);
    expect(optionOf(plain, C.SOL_SOCKET, C.SO_KEEPALIVE)).toBe(0);
  });
});
