// Bytes of one connection: what arrives, what is written, what is kept, and reading paused.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { Connection } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

const echo = (connection: Connection, bytes: Uint8Array, start: number, end: number): void => {
  within(() => connection.write(bytes, start, end));
};

export function streamTests(use: () => Harness): void {
  it("echoes what a client sends", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness, { onData: echo });
    within(() => connection.resume());
    peer.write("hello");
    await harness.until(() => peer.text() === "hello", "the echo");
    peer.write(", again");
    await harness.until(() => peer.text() === "hello, again", "the second echo");
    expect(recorder.text()).toBe("hello, again");
    expect(connection.established).toBe(true);
    expect(connection.incoming).toBe(true);
    await scene.closeAll(harness, connection);
  });

  it("reads and writes an outgoing connection at once, without resume()", async () => {
    const harness = use();
    const { connection, peer } = await scene.outgoing(harness, { onData: echo });
    expect(connection.incoming).toBe(false);
    peer.write("from the server");
    await harness.until(() => peer.text() === "from the server", "the echo");
    await scene.closeAll(harness, connection);
  });

  it("copies what it keeps: the caller's bytes may change after write()", async () => {
    const harness = use();
    const { connection, peer } = await scene.accepted(harness);
    peer.pause();
    const bytes = scene.pattern(16 * 1024 * 1024);
    const expected = createHash("sha256").update(bytes).digest("hex");
    expect(scene.write(connection, bytes)).toBe(false);
    bytes.fill(0);
    peer.resume();
    await harness.until(() => peer.received === bytes.length, "all bytes");
    expect(peer.digest()).toBe(expected);
    await scene.closeAll(harness, connection);
  });

  it("writes the range that it was given and nothing else", async () => {
    const harness = use();
    const { connection, peer } = await scene.accepted(harness);
    within(() => connection.write(Buffer.from("0123456789"), 3, 6));
    await harness.until(() => peer.received >= 3, "the range");
    await turns(harness);
    expect(peer.text()).toBe("345");
    await scene.closeAll(harness, connection);
  });

  it("answers false to write() when it keeps something, and tells onDrain once it is sent", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.pause();
    // The kernel's buffers may grow once more after they were full.
    let written = 0;
    do {
      recorder.events.length = 0;
      written += scene.fill(connection, scene.pattern(64 * 1024));
      expect(connection.unsent).toBeGreaterThan(0);
      // What is written, and what TLS adds to each record of it.
      expect(connection.unsent).toBeLessThanOrEqual(64 * 1024 + 4 * 22);
      await turns(harness);
    } while (recorder.has("drain"));
    peer.resume();
    await harness.until(() => recorder.has("drain"), "onDrain");
    expect(connection.unsent).toBe(0);
    await harness.until(() => peer.received === written, "all bytes");
    await turns(harness);
    expect(recorder.events).toEqual(["drain"]);
    await scene.closeAll(harness, connection);
  });

  it("keeps the order of what was kept and what is written later", async () => {
    const harness = use();
    const { connection, peer } = await scene.accepted(harness);
    peer.pause();
    const hash = createHash("sha256");
    const piece = scene.pattern(64 * 1024);
    const written = scene.fill(connection, piece);
    for (let sum = 0; sum < written; sum += piece.length) hash.update(piece);
    const more = scene.pattern(200_000).subarray(7);
    expect(scene.write(connection, more)).toBe(false);
    expect(scene.write(connection, "last")).toBe(false);
    peer.resume();
    await harness.until(() => peer.received === written + more.length + 4, "all bytes");
    expect(peer.digest()).toBe(hash.update(more).update("last").digest("hex"));
    await scene.closeAll(harness, connection);
  });

  it("answers true to write() when the kernel took all, and tells no onDrain", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    expect(scene.write(connection, "small")).toBe(true);
    expect(connection.unsent).toBe(0);
    await harness.until(() => peer.text() === "small", "the bytes");
    await turns(harness);
    expect(recorder.events).toEqual([]);
    await scene.closeAll(harness, connection);
  });

  it("keeps what is written before onConnect and sends it then, in order", async () => {
    const harness = use();
    const server = await harness.peers.listen(scene.loopback);
    const recorder = new Recorder({
      onConnect: (connection) => void scene.write(connection, " third"),
    });
    const connection = scene.connect(harness, server.address, recorder);
    expect(connection.established).toBe(false);
    expect(scene.write(connection, "first")).toBe(false);
    expect(scene.write(connection, " second")).toBe(false);
    expect(connection.unsent).toBe(12);
    await harness.until(() => recorder.has("drain"), "onDrain");
    expect(recorder.events[0]).toBe("connect");
    const peer = await scene.peerOf(harness, server);
    await harness.until(() => peer.received >= 18, "the bytes");
    expect(peer.text()).toBe("first second third");
    await scene.closeAll(harness, connection);
  });

  it("starts an accepted connection paused", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    peer.write("early");
    peer.end();
    await turns(harness);
    expect(recorder.events).toEqual([]);
    within(() => connection.resume());
    await harness.until(() => recorder.has("end"), "onEnd");
    expect(recorder.text()).toBe("early");
    await scene.closeAll(harness, connection);
  });

  it("tells neither data nor end while paused, and both after resume()", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness, {
      onData: (other) => within(() => other.pause()),
    });
    within(() => connection.resume());
    peer.write("one");
    await harness.until(() => recorder.received === 3, "the first data");
    peer.write("two");
    peer.end();
    await turns(harness);
    expect(recorder.text()).toBe("one");
    within(() => connection.resume());
    await harness.until(() => recorder.received === 6, "the second data");
    await turns(harness);
    expect(recorder.has("end")).toBe(false);
    within(() => connection.resume());
    await harness.until(() => recorder.has("end"), "onEnd");
    expect(recorder.text()).toBe("onetwo");
    expect(recorder.count("end")).toBe(1);
    await scene.closeAll(harness, connection);
  });

  it("withholds an end that comes alone while paused", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.outgoing(harness);
    within(() => connection.pause());
    await turns(harness);
    peer.end();
    await turns(harness);
    expect(recorder.events).toEqual(["connect"]);
    within(() => connection.resume());
    within(() => connection.pause());
    within(() => connection.resume());
    await harness.until(() => recorder.has("end"), "onEnd");
    await turns(harness);
    expect(recorder.count("end")).toBe(1);
    await scene.closeAll(harness, connection);
  });

  it("holds the sender back while paused", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    const offered = scene.pattern(64 * 1024 * 1024);
    peer.write(offered);
    await harness.until(
      stalled(() => peer.sent),
      "the sender to stall",
    );
    expect(peer.sent).toBeLessThan(offered.length);
    expect(recorder.received).toBe(0);
    within(() => connection.resume());
    await harness.until(() => recorder.received === offered.length, "all bytes");
    expect(recorder.digest()).toBe(createHash("sha256").update(offered).digest("hex"));
    await scene.closeAll(harness, connection);
  });

  it("delivers data that came together with FIN before onEnd", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    const bytes = scene.pattern(300_000);
    peer.write(bytes);
    peer.end();
    await turns(harness);
    within(() => connection.resume());
    await harness.until(() => recorder.has("end"), "onEnd");
    expect(recorder.received).toBe(bytes.length);
    expect(recorder.digest()).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(recorder.events).toEqual(["data", "end"]);
    await scene.closeAll(harness, connection);
  });

  it("calls the handler that is set now", async () => {
    const harness = use();
    const second = new Recorder();
    const { connection, peer, recorder } = await scene.accepted(harness, {
      onData: (other) => {
        other.handler = second;
      },
    });
    within(() => connection.resume());
    peer.write("a");
    await harness.until(() => recorder.received === 1, "the first handler's data");
    peer.write("b");
    peer.end();
    await harness.until(() => second.has("end"), "the second handler's end");
    expect(recorder.events).toEqual(["data"]);
    expect(second.text()).toBe("b");
    await scene.closeAll(harness, connection);
  });

  it("never gives an id twice", async () => {
    const harness = use();
    const ids = new Set<number>();
    for (let count = 0; count < 5; count++) {
      const { connection } = await scene.accepted(harness);
      ids.add(connection.id);
      await scene.closeAll(harness, connection);
    }
    expect(ids.size).toBe(5);
  });
}

/** True once `value` has not changed for many turns. */
export function stalled(value: () => number): () => boolean {
  let last = -1;
  let same = 0;
  return () => {
    const now = value();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    return same > 200;
  };
}
