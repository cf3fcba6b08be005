// What write() does with the reactor's scratch, and with many small pieces for a peer that is slow.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { scratchBytes } from "../record-memory.ts";
import type { Harness } from "./harness.conformance.ts";
import { within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

export function writingTests(use: () => Harness): void {
  it("writes from scratch, which may be written into again at once", async () => {
    const harness = use();
    const { scratch, scratchStart } = harness.reactor;
    const { connection, peer } = await scene.accepted(harness);
    expect(scratch.length - scratchStart).toBe(scratchBytes);
    const hash = createHash("sha256");
    const source = scene.pattern(3 * scratchBytes);
    let written = 0;
    for (const [start, end] of [
      [0, scratchBytes],
      [5, 305],
      [17, scratchBytes - 1],
    ] as const) {
      scratch.set(source.subarray(written, written + scratchBytes), scratchStart);
      const [from, to] = [scratchStart + start, scratchStart + end];
      hash.update(scratch.subarray(from, to));
      within(() => connection.write(scratch, from, to));
      scratch.fill(0, scratchStart);
      written += end - start;
    }
    await harness.until(() => peer.received === written, "all bytes");
    expect(peer.digest()).toBe(hash.digest("hex"));
    await scene.closeAll(harness, connection);
  });

  it("keeps a copy of what the kernel does not take from scratch", async () => {
    const harness = use();
    const { scratch, scratchStart } = harness.reactor;
    const { connection, peer } = await scene.accepted(harness);
    const hash = createHash("sha256");
    const source = scene.pattern(scratchBytes);
    peer.pause();
    let written = 0;
    for (let more = true; more;) {
      scratch.set(source, scratchStart);
      scratch[scratchStart] = written & 0xff;
      hash.update(scratch.subarray(scratchStart));
      more = within(() => connection.write(scratch, scratchStart, scratch.length));
      scratch.fill(0xee, scratchStart);
      written += scratchBytes;
    }
    expect(connection.unsent).toBeGreaterThan(0);
    peer.resume();
    await harness.until(() => peer.received === written, "all bytes");
    expect(peer.digest()).toBe(hash.digest("hex"));
    await scene.closeAll(harness, connection);
  });

  it("keeps many small writes for a slow peer, in order", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    const hash = createHash("sha256");
    const filling = scene.pattern(64 * 1024);
    peer.pause();
    let written = scene.fill(connection, filling);
    for (let sum = 0; sum < written; sum += filling.length) hash.update(filling);
    const before = connection.unsent;
    expect(before).toBeGreaterThan(0);
    const small = scene.pattern(20_000);
    const count = 5000;
    for (let i = 0; i < count; i++) {
      const piece = small.subarray(i, i + 1 + (i % 90));
      hash.update(piece);
      written += piece.length;
      within(() => connection.write(piece, 0, piece.length));
      // Halfway the peer takes some of it, so that it drains and fills by turns.
      if (i === count / 2) {
        peer.resume();
        await harness.until(() => connection.unsent < before, "some room");
        peer.pause();
      }
    }
    peer.resume();
    await harness.until(() => peer.received === written, "all bytes");
    await harness.until(() => recorder.has("drain"), "onDrain");
    expect(connection.unsent).toBe(0);
    expect(peer.digest()).toBe(hash.digest("hex"));
    await scene.closeAll(harness, connection);
  });
}
