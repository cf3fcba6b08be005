// Relaying: forward() and the hand-made relay. A reader that stalls must stop the other side's
// sender; what is kept stays small; and once it reads again everything arrives intact.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Recorder, within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";
import { stalled } from "./streams.conformance.ts";

const offeredBytes = 64 * 1024 * 1024;
const keptBytesMax = 1024 * 1024;
const offered = scene.pattern(offeredBytes);
const digest = createHash("sha256").update(offered).digest("hex");

async function tunnel(harness: Harness, upstream: boolean): Promise<{ from: Link; to: Link }> {
  const client = await scene.accepted(harness);
  const server = await scene.outgoing(harness);
  return upstream ? { from: client, to: server } : { from: server, to: client };
}

export function backpressureTests(use: () => Harness): void {
  describe.each([
    { direction: "from client to server", upstream: true },
    { direction: "from server to client", upstream: false },
  ])("forward() $direction", ({ upstream }) => {
    it("stops the sender while the reader stalls and then delivers everything", async () => {
      const harness = use();
      const { from, to } = await tunnel(harness, upstream);
      to.peer.pause();
      within(() => from.connection.forward(to.connection));
      from.peer.write(offered);
      from.peer.end();
      let keptMax = 0;
      const sentStalls = stalled(() => from.peer.sent);
      await harness.until(() => {
        keptMax = Math.max(keptMax, to.connection.unsent);
        return sentStalls();
      }, "the sender to stall");
      expect(from.peer.sent).toBeLessThan(offeredBytes);
      expect(from.recorder.has("end")).toBe(false);
      to.peer.resume();
      await harness.until(() => {
        keptMax = Math.max(keptMax, to.connection.unsent);
        return to.peer.received === offeredBytes && from.recorder.has("end");
      }, "all bytes and the end");
      expect(keptMax).toBeLessThan(keptBytesMax);
      expect(to.peer.digest()).toBe(digest);
      expect(from.recorder.forwarded).toBe(offeredBytes);
      expect(from.recorder.received).toBe(0);
      expect(from.recorder.events.at(-1)).toBe("end");
      await scene.closeAll(harness, from.connection, to.connection);
    });

    it("tells onEnd when all has been handed over, and the sink's onDrain when it is sent", async () => {
      const harness = use();
      const { from, to } = await tunnel(harness, upstream);
      to.peer.pause();
      // First the sink's kernel buffer is filled, so that whatever is forwarded must be kept.
      const before = scene.fill(to.connection, scene.pattern(64 * 1024));
      within(() => from.connection.forward(to.connection));
      from.peer.write("tail");
      from.peer.end();
      await turns(harness);
      expect(to.recorder.has("drain")).toBe(false);
      to.peer.resume();
      await harness.until(() => from.recorder.has("end"), "onEnd of the source");
      within(() => to.connection.end());
      await harness.until(() => to.peer.ended, "the FIN");
      expect(to.peer.received).toBe(before + 4);
      expect(to.recorder.has("drain")).toBe(true);
      expect(to.connection.unsent).toBe(0);
      await scene.closeAll(harness, from.connection, to.connection);
    });

    it("pauses and resumes a connection that forwards", async () => {
      const harness = use();
      const { from, to } = await tunnel(harness, upstream);
      within(() => from.connection.forward(to.connection));
      from.peer.write("one");
      await harness.until(() => to.peer.text() === "one", "the first bytes");
      within(() => from.connection.pause());
      await turns(harness);
      from.peer.write("two");
      from.peer.end();
      await turns(harness);
      expect(to.peer.text()).toBe("one");
      expect(from.recorder.has("end")).toBe(false);
      within(() => from.connection.resume());
      await harness.until(() => from.recorder.has("end"), "the end");
      await harness.until(() => to.peer.text() === "onetwo", "the rest");
      await scene.closeAll(harness, from.connection, to.connection);
    });
  });

  it("forwards both ways at once", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness, true);
    const half = offered.subarray(0, offeredBytes / 4);
    within(() => from.connection.forward(to.connection));
    within(() => to.connection.forward(from.connection));
    for (const peer of [from.peer, to.peer]) {
      peer.write(half);
      peer.end();
    }
    let keptMax = 0;
    await harness.until(() => {
      keptMax = Math.max(keptMax, to.connection.unsent, from.connection.unsent);
      return from.recorder.has("end") && to.recorder.has("end");
    }, "both ends");
    const bothArrived = (): boolean => from.peer.received + to.peer.received === 2 * half.length;
    await harness.until(bothArrived, "all bytes");
    const expected = createHash("sha256").update(half).digest("hex");
    expect([from.peer.digest(), to.peer.digest()]).toEqual([expected, expected]);
    expect(keptMax).toBeLessThan(keptBytesMax);
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it("forwards to a connection that is not established yet", async () => {
    const harness = use();
    const client = await scene.accepted(harness);
    client.peer.write("request");
    await turns(harness);
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder();
    const connection = scene.connect(harness, server.address, recorder);
    within(() => client.connection.forward(connection));
    const peer = await scene.peerOf(harness, server);
    await harness.until(() => peer.text() === "request", "the request");
    expect(recorder.events[0]).toBe("connect");
    peer.write("response");
    await harness.until(() => recorder.text() === "response", "the response");
    await scene.closeAll(harness, client.connection, connection);
  });

  it("keeps little for an owner who pauses the source until onDrain", async () => {
    const harness = use();
    const { connection, peer } = await scene.accepted(harness, {
      onData: (other, bytes, start, end) => {
        if (!within(() => other.write(bytes, start, end))) within(() => other.pause());
      },
      onDrain: (other) => within(() => other.resume()),
    });
    peer.pause();
    within(() => connection.resume());
    peer.write(offered);
    let keptMax = 0;
    const sentStalls = stalled(() => peer.sent);
    await harness.until(() => {
      keptMax = Math.max(keptMax, connection.unsent);
      return sentStalls();
    }, "the sender to stall");
    expect(peer.sent).toBeLessThan(offeredBytes);
    peer.resume();
    await harness.until(() => {
      keptMax = Math.max(keptMax, connection.unsent);
      return peer.received === offeredBytes;
    }, "the whole echo");
    expect(keptMax).toBeLessThan(keptBytesMax);
    expect(peer.digest()).toBe(digest);
    await scene.closeAll(harness, connection);
  });

  it("stays quiet when the sink of a forward() is closed", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness, true);
    within(() => from.connection.forward(to.connection));
    within(() => to.connection.abort());
    from.peer.write("into the void");
    await turns(harness);
    expect(from.connection.closed).toBe(false);
    expect(to.recorder.events).toEqual(["connect"]);
    await scene.closeAll(harness, from.connection);
  });
}
