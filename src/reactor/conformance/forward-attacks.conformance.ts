// forward() at its worst moments: a sink that is still connecting, ends that fall on the limit, a
// source that dies while the sink holds its bytes, and long walks in which everything changes.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { Connection } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { Recorder, within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";
import { stalled } from "./streams.conformance.ts";

const walkBytes = 4_000_000;

/** Numbers below `below` that only look like chance. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * An owner that changes its mind whenever it is told something. It notes where each byte went:
 * `shares[0]` came by onData, the others went to the sinks.
 */
class Wanderer {
  readonly shares: Buffer[][] = [[], [], []];
  paused = false;
  moves = 0;
  readonly #all: Buffer;
  readonly #sinks: readonly Connection[];
  readonly #roll: (below: number) => number;
  #at = 0;
  /** 0: onData. */
  #to = 0;
  #left = 0;

  constructor(all: Buffer, sinks: readonly Connection[], roll: (below: number) => number) {
    this.#all = all;
    this.#sinks = sinks;
    this.#roll = roll;
  }

  move(connection: Connection): void {
    const roll = this.#roll;
    this.moves++;
    this.paused = roll(6) === 0;
    this.#to = roll(3);
    if (this.#to === 0) {
      within(() => connection.unforward());
    } else {
      this.#left = roll([40, 20_000, 20_000, 300_000][roll(4)] as number) + 1;
      const sink = this.#sinks[this.#to - 1] as Connection;
      within(() => connection.forward(sink, this.#left));
    }
    within(() => (this.paused ? connection.pause() : connection.resume()));
  }

  onForward(connection: Connection, length: number): void {
    this.#note(this.#to, length);
    this.#left -= length;
    if (this.#left === 0) this.move(connection);
  }

  onData(connection: Connection, length: number): void {
    this.#note(0, length);
    this.move(connection);
  }

  #note(to: number, length: number): void {
    this.shares[to]?.push(this.#all.subarray(this.#at, this.#at + length));
    this.#at += length;
  }
}

function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** A source whose sink keeps some of it, and takes no more. */
async function stuck(harness: Harness, limit: number): Promise<{ from: Link; to: Link }> {
  const from = await scene.accepted(harness);
  const to = await scene.outgoing(harness);
  to.peer.pause();
  from.peer.write(scene.pattern(32 * 1024 * 1024));
  within(() => from.connection.forward(to.connection, limit));
  const stalls = stalled(() => from.recorder.forwarded);
  await harness.until(() => to.connection.unsent > 0 && stalls(), "a full sink");
  return { from, to };
}

export function forwardAttackTests(use: () => Harness): void {
  it.each([Infinity, 5])("forwards to a sink that connects later, limit %d", async (limit) => {
    const harness = use();
    const from = await scene.accepted(harness);
    from.peer.write("bytes");
    // A backlog of one takes two at most, so the last one is connecting until somebody accepts.
    const deaf = await harness.peers.deaf();
    const recorders = Array.from({ length: 4 }, () => new Recorder());
    const sinks = recorders.map((recorder) => scene.connect(harness, deaf.address, recorder));
    await turns(harness);
    const sink = sinks.at(-1) as Connection;
    expect(sink.established).toBe(false);
    within(() => from.connection.forward(sink, limit));
    await turns(harness);
    deaf.listen();
    await harness.until(() => recorders.at(-1)?.has("connect") ?? false, "onConnect of the sink");
    await harness.until(() => from.recorder.forwarded === 5, "onForward");
    await harness.until(() => sink.unsent === 0, "all sent");
    await scene.closeAll(harness, from.connection, ...sinks);
  });

  it("fails to forward to a sink that cannot connect, and goes on by onData", async () => {
    const harness = use();
    const from = await scene.accepted(harness);
    const address = await scene.unusedAddress(harness);
    from.peer.write("bytes");
    const recorder = new Recorder();
    const sink = scene.connect(harness, address, recorder);
    within(() => from.connection.forward(sink, 100));
    await harness.until(() => recorder.has("fail:refused"), "onFail of the sink");
    within(() => from.connection.unforward());
    from.peer.write("!");
    const all = (): number => from.recorder.forwarded + from.recorder.received;
    await harness.until(() => all() === 6, "all bytes");
    expect(from.recorder.text().endsWith("!")).toBe(true);
    await scene.closeAll(harness, from.connection);
  });

  it.each([1, 16_384, 65_536, 1_000_000])("FIN right at the limit of %i bytes", async (limit) => {
    const harness = use();
    const from = await scene.accepted(harness);
    const to = await scene.outgoing(harness);
    const all = scene.pattern(limit);
    from.peer.write(all);
    from.peer.end();
    within(() => from.connection.forward(to.connection, limit));
    await harness.until(() => from.recorder.has("end"), "onEnd");
    await turns(harness);
    expect(from.recorder.events).toEqual(["forward", "end"]);
    expect(from.recorder.forwarded).toBe(limit);
    await harness.until(() => to.peer.received === limit, "the body");
    expect(to.peer.digest()).toBe(digestOf(all));
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it.each(["close", "abort"] as const)(
    "what the sink keeps outlives a %s of the source",
    async (how) => {
      const harness = use();
      const { from, to } = await stuck(harness, Infinity);
      const { forwarded } = from.recorder;
      within(() => from.connection[how]());
      scene.write(to.connection, "after");
      to.peer.resume();
      await harness.until(() => to.peer.received === forwarded + 5, "what was kept");
      await harness.until(() => to.connection.unsent === 0, "nothing kept");
      expect(to.peer.digest()).toBe(digestOf(scene.pattern(forwarded), "after"));
      await scene.closeAll(harness, to.connection);
    },
  );

  it("goes on by onData after unforward() while the sink holds what was spliced", async () => {
    const harness = use();
    const { from, to } = await stuck(harness, 30_000_000);
    const { forwarded } = from.recorder;
    within(() => from.connection.unforward());
    await harness.until(() => from.recorder.received > 1_000_000, "data");
    expect(from.recorder.forwarded).toBe(forwarded);
    scene.write(to.connection, "after");
    to.peer.resume();
    await harness.until(() => to.peer.received === forwarded + 5, "what was kept");
    expect(to.peer.digest()).toBe(digestOf(scene.pattern(forwarded), "after"));
    await harness.until(() => from.recorder.received === 32 * 1024 * 1024 - forwarded, "the rest");
    expect(from.recorder.digest()).toBe(
      digestOf(scene.pattern(32 * 1024 * 1024).subarray(forwarded)),
    );
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it.each(["close", "abort"] as const)("a %s of the sink while it keeps bytes", async (how) => {
    const harness = use();
    const { from, to } = await stuck(harness, 30_000_000);
    const { forwarded } = from.recorder;
    within(() => to.connection[how]());
    await turns(harness);
    expect(from.recorder.events).toEqual(["forward"]);
    within(() => from.connection.unforward());
    await harness.until(() => from.recorder.received === 32 * 1024 * 1024 - forwarded, "the rest");
    await scene.closeAll(harness, from.connection);
  });

  it.each([1, 2, 3, 4, 5, 6])("every byte goes where it should, once, on walk %i", async (seed) => {
    const harness = use();
    const roll = dice(seed);
    const all = scene.pattern(walkBytes);
    const first = await scene.outgoing(harness);
    const second = await scene.outgoing(harness);
    const walker = new Wanderer(all, [first.connection, second.connection], roll);
    const from = await scene.accepted(harness, {
      onForward: (connection, length) => walker.onForward(connection, length),
      onData: (connection, _, start, end) => walker.onData(connection, end - start),
    });
    walker.move(from.connection);
    from.peer.write(all);
    from.peer.end();
    for (let round = 0; !from.recorder.has("end"); round++) {
      if (round > 100_000) throw new Error("the walk does not end");
      // The peers read by turns, and now and then the owner changes its mind unasked.
      for (const { peer } of [first, second])
        if (roll(2) === 0) peer.resume();
        else peer.pause();
      if (walker.paused || roll(10) === 0) walker.move(from.connection);
      await turns(harness, roll(3) + 1);
    }
    first.peer.resume();
    second.peer.resume();
    const [direct, ...given] = walker.shares.map((share) => Buffer.concat(share));
    expect(from.recorder.digest()).toBe(digestOf(direct as Buffer));
    for (const [index, { peer }] of [first, second].entries()) {
      const expected = given[index] as Buffer;
      await harness.until(() => peer.received === expected.length, "a sink's bytes");
      expect(peer.digest()).toBe(digestOf(expected));
    }
    expect(from.recorder.received + from.recorder.forwarded).toBe(walkBytes);
    expect(walker.moves).toBeGreaterThan(20);
    await scene.closeAll(harness, from.connection, first.connection, second.connection);
  });
}
