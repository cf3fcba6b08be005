// Many small writes, among large ones and on many connections at once: a reactor may put them together
// and send them later in the turn, and nobody must be able to tell by what arrives, and when it ends.
import { createHash, type Hash } from "node:crypto";
import { expect, it } from "vitest";
import type { Connection } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import type { Peer } from "./peers.conformance.ts";
import { Acceptor, Recorder, within } from "./recorder.conformance.ts";
import * as scene from "./scene.conformance.ts";

/** A connection, and what was written to it. */
class Written {
  readonly connection: Connection;
  readonly peer: Peer;
  readonly #hash: Hash;
  length: number;

  constructor(connection: Connection, peer: Peer) {
    this.connection = connection;
    this.peer = peer;
    this.#hash = createHash("sha256");
    this.length = 0;
  }

  write(bytes: Uint8Array): boolean {
    this.#hash.update(bytes);
    this.length += bytes.length;
    return scene.write(this.connection, bytes);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

async function acceptMany(harness: Harness, count: number): Promise<Written[]> {
  const acceptor = new Acceptor();
  const listener = await scene.listen(harness, acceptor);
  const peers: Peer[] = [];
  for (let i = 1; i <= count; i++) {
    peers.push(harness.peers.connect(listener.address));
    // One after the other: so each is its own peer's.
    await harness.until(() => acceptor.connections.length === i, "an accept");
  }
  return peers.map((peer, i) => {
    const connection = acceptor.connections[i] as Connection;
    connection.handler = new Recorder();
    return new Written(connection, peer);
  });
}

/** Waits for all that was written, and tells whether it is that. */
async function arriveWhole(harness: Harness, all: readonly Written[]): Promise<boolean> {
  await harness.until(
    () => all.every(({ peer, length }) => peer.received === length),
    "all that was written",
  );
  return all.every((one) => one.peer.digest() === one.digest());
}

/** The same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function smallWriteTests(use: () => Harness): void {
  it("keeps the order of small and large ones on each of many connections", async () => {
    const harness = use();
    const all = await acceptMany(harness, 20);
    const next = numbers(1);
    const pattern = scene.pattern(200_000);
    const sizes = [1, 100, 100, 700, 4096, 4097, 20_000];
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 200; i++) {
        const one = all[Math.floor(next() * all.length)] as Written;
        const size = sizes[Math.floor(next() * sizes.length)] as number;
        const start = Math.floor(next() * (pattern.length - size));
        one.write(pattern.subarray(start, start + size));
      }
      await harness.until(() => true, "a turn");
    }
    expect(await arriveWhole(harness, all)).toBe(true);
    await scene.closeAll(harness, ...all.map(({ connection }) => connection));
  });

  it("keeps what a peer that does not read leaves behind, and the others get theirs", async () => {
    const harness = use();
    const all = await acceptMany(harness, 4);
    const [slow] = all as [Written];
    slow.peer.pause();
    const small = scene.pattern(1000);
    // Far more than the kernel takes, in writes that each would go out at once.
    for (let i = 0; slow.connection.unsent === 0; i++) {
      for (const one of all) one.write(small);
      if (i % 10 === 0) await harness.until(() => true, "a turn");
    }
    // What one turn has brought, at most.
    expect(slow.connection.unsent).toBeLessThanOrEqual(10 * small.length);
    expect(slow.write(small)).toBe(false);
    const others = all.slice(1);
    await harness.until(
      () => others.every(({ peer, length }) => peer.received === length),
      "what is for the others",
    );
    slow.peer.resume();
    expect(await arriveWhole(harness, all)).toBe(true);
    await scene.closeAll(harness, ...all.map(({ connection }) => connection));
  });

  it("sends what was written just before close() and end()", async () => {
    const harness = use();
    const [closed, ended, other] = (await acceptMany(harness, 3)) as [Written, Written, Written];
    for (const one of [other, closed, ended, other, ended, closed]) one.write(Buffer.from("bye "));
    within(() => closed.connection.close());
    within(() => ended.connection.end());
    expect(await arriveWhole(harness, [closed, ended, other])).toBe(true);
    await harness.until(() => closed.peer.ended && ended.peer.ended, "both ends");
    expect(other.peer.ended).toBe(false);
    await scene.closeAll(harness, ended.connection, other.connection);
  });

  it("sends more in one turn than it could hold", async () => {
    const harness = use();
    const all = await acceptMany(harness, 100);
    const bytes = scene.pattern(3000);
    for (const one of all) {
      one.write(bytes.subarray(0, 1000));
      one.write(bytes.subarray(1000));
    }
    expect(await arriveWhole(harness, all)).toBe(true);
    await scene.closeAll(harness, ...all.map(({ connection }) => connection));
  });

  it("lets nothing that is forwarded overtake what was written before", async () => {
    const harness = use();
    const left = await scene.accepted(harness);
    const right = await scene.accepted(harness);
    const large = scene.pattern(2_000_000);
    const hash = createHash("sha256");
    let received = 0;
    within(() => left.connection.forward(right.connection));
    for (let i = 0; i < 5; i++) {
      // A turn may begin with this and go on with what is forwarded.
      scene.write(right.connection, "small");
      left.peer.write(large);
      received += 5 + large.length;
      hash.update("small").update(large);
      const due = received;
      await harness.until(() => right.peer.received === due, "all of it");
    }
    expect(right.peer.digest()).toBe(hash.digest("hex"));
    await scene.closeAll(harness, left.connection, right.connection);
  });

  it("tells a failure once, when several wait for a peer that has gone", async () => {
    const harness = use();
    const { connection, peer, recorder } = await scene.accepted(harness);
    within(() => connection.resume());
    peer.reset();
    // Whether the reset is known already is the kernel's business.
    for (let i = 0; i < 5; i++) scene.write(connection, "to nobody");
    await harness.until(() => connection.closed, "the failure");
    await harness.until(() => true, "a turn");
    expect(recorder.events.filter((event) => event.startsWith("fail"))).toHaveLength(1);
  });
}
