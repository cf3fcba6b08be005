// How connections end: half-close either way, orderly close, reset by either side.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

export function endingTests(use: () => Harness): void {
  describe.each([
    { kind: "an accepted connection", open: scene.accepted },
    { kind: "an outgoing connection", open: scene.outgoing },
  ])("$kind", ({ open }) => {
    it("may write after the peer's FIN", async () => {
      const harness = use();
      const { connection, peer, recorder } = await open(harness);
      within(() => connection.resume());
      peer.write("question");
      peer.end();
      await harness.until(() => recorder.has("end"), "onEnd");
      const answer = scene.pattern(3_000_000);
      scene.write(connection, answer);
      within(() => connection.end());
      await harness.until(() => peer.ended, "the peer's end");
      expect(peer.received).toBe(answer.length);
      expect(peer.digest()).toBe(createHash("sha256").update(answer).digest("hex"));
      await scene.closeAll(harness, connection);
    });

    it("may read after its own FIN", async () => {
      const harness = use();
      const { connection, peer, recorder } = await open(harness);
      within(() => connection.resume());
      scene.write(connection, "question");
      within(() => connection.end());
      await harness.until(() => peer.ended, "the peer's end");
      expect(peer.text()).toBe("question");
      peer.write("answer");
      peer.end();
      await harness.until(() => recorder.has("end"), "onEnd");
      expect(recorder.text()).toBe("answer");
      await scene.closeAll(harness, connection);
    });
  });

  it("sends what is kept before the FIN of end()", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.pause();
    const written = scene.fill(connection, scene.pattern(64 * 1024));
    within(() => connection.end());
    await turns(harness);
    expect(connection.unsent).toBeGreaterThan(0);
    peer.resume();
    await harness.until(() => peer.ended, "the peer's end");
    expect(peer.received).toBe(written);
    expect(recorder.events).toEqual(["drain"]);
    await scene.closeAll(harness, connection);
  });

  it("sends what was written before onConnect before the FIN of an early end()", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder();
    const connection = scene.connect(harness, server.address, recorder);
    scene.write(connection, "all I have to say");
    within(() => connection.end());
    const peer = await scene.peerOf(harness, server);
    await harness.until(() => peer.ended, "the peer's end");
    expect(peer.text()).toBe("all I have to say");
    await scene.closeAll(harness, connection);
  });

  it("keeps a connection whose directions have both ended until its owner closes it", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.resume());
    peer.end();
    await harness.until(() => recorder.has("end"), "onEnd");
    within(() => connection.end());
    await harness.until(() => peer.ended, "the peer's end");
    await turns(harness);
    expect(connection.closed).toBe(false);
    expect(harness.reactor.connections).toBe(1);
    expect(recorder.events).toEqual(["end"]);
    await scene.closeAll(harness, connection);
  });

  it("closes in an orderly way: what the kernel has taken arrives, then FIN", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.resume());
    expect(scene.write(connection, "goodbye")).toBe(true);
    within(() => connection.close());
    expect(connection.closed).toBe(true);
    expect(connection.established).toBe(false);
    expect(connection.unsent).toBe(0);
    expect(connection.local()).toBeNull();
    await harness.until(() => peer.ended, "the peer's end");
    expect(peer.text()).toBe("goodbye");
    expect(peer.error).toBeNull();
    await turns(harness);
    expect(recorder.events).toEqual([]);
    expect(harness.reactor.connections).toBe(0);
  });

  it("drops what is unsent on close()", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.pause();
    const written = scene.fill(connection, scene.pattern(1024 * 1024));
    within(() => connection.close());
    expect(connection.unsent).toBe(0);
    peer.resume();
    await harness.until(() => peer.ended || peer.error !== null, "the peer's end");
    expect(peer.received).toBeLessThan(written);
    expect(recorder.events).toEqual([]);
  });

  it("resets the peer on abort()", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.abort());
    expect(await scene.failureOf(harness, peer)).toBe("ECONNRESET");
    expect(recorder.events).toEqual([]);
    expect(harness.reactor.connections).toBe(0);
  });

  it("resets the peer on abort() with bytes kept, also after end()", async () => {
    const harness = use();
    for (const ends of [false, true]) {
      const { connection, peer, recorder } = await scene.accepted(harness);
      peer.pause();
      scene.fill(connection, scene.pattern(64 * 1024));
      if (ends) within(() => connection.end());
      within(() => connection.abort());
      expect(await scene.failureOf(harness, peer)).toBe("ECONNRESET");
      expect(recorder.events).toEqual([]);
    }
  });

  it("is gone after abort() right behind end(), and nothing else is told", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.end());
    within(() => connection.abort());
    expect(connection.closed).toBe(true);
    await harness.until(() => peer.error !== null || peer.ended, "the peer to notice");
    await turns(harness);
    expect(recorder.events).toEqual([]);
  });

  it("tells a reset by the peer as onFail, once and last", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.resume());
    peer.reset();
    await harness.until(() => connection.closed, "onFail");
    await turns(harness);
    expect(recorder.events).toEqual(["fail:reset"]);
    expect(harness.reactor.connections).toBe(0);
  });

  it("tells a reset while bytes wait to be sent, also when it does not read", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.pause();
    scene.fill(connection, scene.pattern(64 * 1024));
    peer.reset();
    await harness.until(() => connection.closed, "onFail");
    await turns(harness);
    expect(recorder.events).toEqual(["fail:reset"]);
    expect(connection.unsent).toBe(0);
  });

  it("tells a reset by the next write when it does not read", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.reset();
    await harness.until(() => {
      if (!connection.closed) scene.write(connection, "anybody?");
      return connection.closed;
    }, "onFail");
    await turns(harness);
    expect(recorder.events).toEqual(["fail:reset"]);
  });

  it("tells a reset of a paused connection that has nothing to send", async (test) => {
    const harness = use();
    const reason = harness.capabilities.failsWhilePaused;
    if (reason !== null) test.skip(reason);
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.reset();
    await harness.until(() => connection.closed, "onFail");
    expect(recorder.events).toEqual(["fail:reset"]);
  });

  it("tells a reset that follows the peer's FIN", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.resume());
    peer.end();
    await harness.until(() => recorder.has("end"), "onEnd");
    peer.reset();
    await harness.until(() => {
      if (!connection.closed) scene.write(connection, "still there?");
      return connection.closed;
    }, "onFail");
    await turns(harness);
    expect(recorder.events.filter((event) => event !== "drain")).toEqual(["end", "fail:reset"]);
  });

  it("does nothing when a closed connection is called", async () => {
    const harness = use();
    const other = await scene.accepted(harness);
    const { connection, recorder } = await scene.accepted(harness);
    within(() => connection.abort());
    expect(scene.write(connection, "too late")).toBe(true);
    within(() => {
      connection.pause();
      connection.resume();
      connection.forward(other.connection);
      connection.end();
      connection.close();
      connection.abort();
    });
    expect(harness.reactor.connections).toBe(1);
    await turns(harness);
    expect(recorder.events).toEqual([]);
    await scene.closeAll(harness, other.connection);
  });
}
