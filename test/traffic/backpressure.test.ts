// A reader that stalls must stop the sender at the other end, and cost Ballast no memory: only the
// kernel's socket buffers fill. Then the reader goes on, and nothing is missing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { payload, sha256 } from "../support/payload.ts";
import { startServer } from "../support/servers.ts";
import { untilSteady } from "../support/until.ts";

const MiB = 1024 * 1024;
const length = 160 * MiB;
/** Two sockets' buffers, each at most 4 MiB to send and 32 MiB to receive on common systems. */
const kernelBytesMax = 96 * MiB;
/** What may be resident in addition while a reader stalls. */
const stalledBytesMax = 24 * MiB;
/** And after everything has passed through: the node reactor makes garbage of it first. */
const passedBytesMax = { epoll: 24 * MiB, node: 96 * MiB };

const messageBytes = 5000;

const data = payload(length);
const digest = sha256(data);

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("a client that stalls stops the server, and misses nothing afterwards", async () => {
    const server = await startServer((peer) => peer.end(data));
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const before = ballast.residentBytes;
    const client = await connectClient(ballast.address);
    client.digestOnly().pause();
    const sender = await server.peer();
    const taken = await untilSteady("the server", () => sender.taken);
    expect(taken).toBeLessThan(kernelBytesMax);
    expect(ballast.residentBytes - before).toBeLessThan(stalledBytesMax);
    client.resume();
    await client.untilEnd();
    expect(client.digest).toBe(digest);
    expect(ballast.residentBytes - before).toBeLessThan(passedBytesMax[reactor]);
  });

  it("a server that stalls stops the client, and misses nothing afterwards", async () => {
    const server = await startServer((peer) => peer.digestOnly().pause());
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const before = ballast.residentBytes;
    const client = await connectClient(ballast.address);
    client.end(data);
    const receiver = await server.peer();
    const taken = await untilSteady("the client", () => client.taken);
    expect(taken).toBeLessThan(kernelBytesMax);
    expect(ballast.residentBytes - before).toBeLessThan(stalledBytesMax);
    receiver.resume();
    await receiver.untilEnd();
    expect(receiver.digest).toBe(digest);
    expect(ballast.residentBytes - before).toBeLessThan(passedBytesMax[reactor]);
  });

  it("small messages to a client that stalls arrive whole and in order", async () => {
    // A unix socket holds little, so that it is full in the middle of a message soon.
    const folder = mkdtempSync(join(tmpdir(), "ballast-unix-"));
    atTestEnd(() => rmSync(folder, { recursive: true }));
    const bind = `unix:${join(folder, "front.sock")}`;
    const server = await startServer(() => {});
    await startBallast(tcpConfig({ server }, { ...onReactor(reactor), frontend: { bind } }));
    const client = await connectClient(bind);
    const sender = await server.peer();
    for (let round = 1; round <= 5; round++) {
      client.pause();
      // One message at a time, so that each is read by itself until the client's socket is full.
      for (let i = 0; i < 300; i++) {
        const at = (round * 300 + i) * messageBytes;
        const message = data.subarray(at, at + messageBytes);
        await new Promise((resolve) => sender.socket.write(message, resolve));
      }
      client.resume();
      await client.untilBytes(round * 300 * messageBytes);
    }
    sender.end();
    await client.untilEnd();
    const sent = data.subarray(300 * messageBytes, 6 * 300 * messageBytes);
    expect(client.digest).toBe(sha256(sent));
  });

  it("one direction stalls and the other flows on", async () => {
    const server = await startServer((peer) => {
      peer.digestOnly();
      peer.write(data);
    });
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = await connectClient(ballast.address);
    client.pause();
    const peer = await server.peer();
    await untilSteady("the server", () => peer.taken);
    client.write(data.subarray(0, 20 * MiB));
    await peer.untilBytes(20 * MiB);
    expect(peer.digest).toBe(sha256(data.subarray(0, 20 * MiB)));
  });
});
