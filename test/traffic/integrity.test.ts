// Every byte arrives, in order and once: both ways, at sizes around every buffer on the way, with
// slow readers and with hundreds of sessions at once.
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient, startClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { payload, sha256 } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { answersDigest, echoes, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

const KiB = 1024;
const MB = 1_000_000;
/** Around one receive (18 KiB), around others' buffers (16 KiB), around a pipe (64 KiB), and long ones. */
const sizes = [
  1,
  2,
  1000,
  16 * KiB - 1,
  16 * KiB,
  16 * KiB + 1,
  18 * KiB - 1,
  18 * KiB,
  18 * KiB + 1,
  64 * KiB,
  100_001,
  5 * MB,
  50 * MB,
];

/** Reads in small steps with pauses between them: every buffer on the way is full most of the time. */
function readSlowly(peer: Peer, bytesPerStep: number): void {
  let due = bytesPerStep;
  peer.socket.on("data", () => {
    if (peer.bytes < due) return;
    due += bytesPerStep;
    peer.pause();
    setTimeout(() => peer.resume(), 2);
  });
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("what clients send reaches the server whole, at every size", async () => {
    const server = await startServer(answersDigest);
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    for (const size of sizes) {
      const data = payload(size, size);
      const client = startClient(ballast.address);
      client.end(data);
      expect((await client.untilEnd()).toString(), `${size} bytes`).toBe(sha256(data));
    }
    const lines = await ballast.untilLoggedTimes(sizes.length);
    expect(lines.map(({ bytesIn }) => bytesIn)).toEqual(sizes);
    for (const line of lines) expect(line).toMatchObject({ bytesOut: 64, termination: "--" });
  });

  it("what the server sends reaches clients whole, at every size", async () => {
    let next = 0;
    const server = await startServer((peer) => {
      peer.end(payload(sizes[next] ?? 0, next));
      next++;
    });
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    for (const [i, size] of sizes.entries()) {
      const client = startClient(ballast.address).digestOnly();
      await client.untilEnd();
      expect(client.bytes).toBe(size);
      expect(client.digest, `${size} bytes`).toBe(sha256(payload(size, i)));
      client.end();
    }
    const lines = await ballast.untilLoggedTimes(sizes.length);
    expect(lines.map(({ bytesOut }) => bytesOut)).toEqual(sizes);
    for (const line of lines) expect(line).toMatchObject({ bytesIn: 0, termination: "--" });
  });

  it("20 MB flow in both directions at once", async () => {
    const toClient = payload(20 * MB, 1);
    const toServer = payload(20 * MB, 2);
    const server = await startServer((peer) => peer.digestOnly().end(toClient));
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = startClient(ballast.address).digestOnly();
    client.end(toServer);
    await client.untilEnd();
    const peer = await server.peer();
    await peer.untilEnd();
    expect(client.digest).toBe(sha256(toClient));
    expect(peer.digest).toBe(sha256(toServer));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ bytesIn: 20 * MB, bytesOut: 20 * MB, termination: "--" });
  });

  it("a slow client gets everything", async () => {
    const data = payload(8 * MB, 3);
    const server = await startServer((peer) => peer.end(data));
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = await connectClient(ballast.address);
    readSlowly(client.digestOnly(), 64 * KiB);
    await client.untilEnd();
    expect(client.digest).toBe(sha256(data));
  });

  it("a slow server gets everything", async () => {
    const data = payload(8 * MB, 4);
    const server = await startServer((peer) => {
      answersDigest(peer);
      readSlowly(peer, 64 * KiB);
    });
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = startClient(ballast.address);
    client.end(data);
    expect((await client.untilEnd()).toString()).toBe(sha256(data));
  });

  it("a conversation of small messages keeps its order", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = await connectClient(ballast.address);
    let expected = "";
    for (let i = 0; i < 300; i++) {
      const message = `message ${i};`;
      expected += message;
      client.write(message);
      await client.untilBytes(expected.length);
    }
    expect(client.text).toBe(expected);
    client.end();
    await client.untilEnd();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ bytesIn: expected.length, bytesOut: expected.length });
  });

  it("500 sessions at once keep to their own bytes", async () => {
    const sessions = 500;
    const server = await startServer(echoes);
    const parts = reactor === "node" ? onReactor(reactor) : { global: { workers: 2, reactor } };
    const ballast = await startBallast(tcpConfig({ server }, parts));
    const data = Array.from({ length: sessions }, (_, i) => payload(40_000 + i, i));
    const clients = await Promise.all(
      data.map(async () => (await connectClient(ballast.address)).digestOnly()),
    );
    // All are established through to the server before the first byte flows.
    await until("all sessions at the server", () => server.peers.length === sessions);
    for (const [i, client] of clients.entries())
      client.write((data[i] as Buffer).subarray(0, 20_000));
    await Promise.all(clients.map((client) => client.untilBytes(20_000)));
    for (const [i, client] of clients.entries()) client.end((data[i] as Buffer).subarray(20_000));
    await Promise.all(clients.map((client) => client.untilEnd()));
    expect(clients.map(({ digest }) => digest)).toEqual(data.map(sha256));
    const lines = await ballast.untilLoggedTimes(sessions);
    expect(lines.filter(({ termination }) => termination !== "--")).toEqual([]);
    expect(lines.filter(({ bytesIn, bytesOut }) => bytesIn !== bytesOut)).toEqual([]);
  });
});
