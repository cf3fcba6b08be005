// forward() with a limit, as a body of known length needs it: exactly so many bytes go to the sink,
// and what follows goes where the owner wants it, in order, whatever the sink still holds.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ConnectionHandler } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { within } from "./recorder.conformance.ts";
import type { Link } from "./scene.conformance.ts";
import * as scene from "./scene.conformance.ts";
import { stalled } from "./streams.conformance.ts";

function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

interface Scene {
  readonly from: Link;
  readonly to: Link;
}

async function tunnel(harness: Harness, hooks: Partial<ConnectionHandler> = {}): Promise<Scene> {
  return { from: await scene.accepted(harness, hooks), to: await scene.outgoing(harness) };
}

export function forwardLimitTests(use: () => Harness): void {
  // Below one receive, one receive and its neighbours, a pipe, and what needs many of them.
  describe.each([1, 100, 16_383, 16_384, 16_385, 65_536, 100_000, 5_000_000])(
    "%i bytes",
    (limit) => {
      it("the rest goes to onData", async () => {
        const harness = use();
        const { from, to } = await tunnel(harness);
        const all = scene.pattern(limit + 70_000);
        from.peer.write(all);
        from.peer.end();
        within(() => from.connection.forward(to.connection, limit));
        await harness.until(() => from.recorder.has("end"), "onEnd");
        await harness.until(() => to.peer.received === limit, "the body");
        expect(to.peer.digest()).toBe(digestOf(all.subarray(0, limit)));
        expect(from.recorder.digest()).toBe(digestOf(all.subarray(limit)));
        expect(from.recorder.forwarded).toBe(limit);
        await scene.closeAll(harness, from.connection, to.connection);
      });

      it("the rest goes to another sink", async () => {
        const harness = use();
        const other = await scene.accepted(harness);
        let left = limit;
        const { from, to } = await tunnel(harness, {
          onForward: (connection, length) => {
            left -= length;
            if (left === 0) within(() => connection.forward(other.connection));
          },
        });
        const all = scene.pattern(limit + 70_000);
        from.peer.write(all);
        from.peer.end();
        within(() => from.connection.forward(to.connection, limit));
        await harness.until(() => from.recorder.has("end"), "onEnd");
        await harness.until(() => to.peer.received === limit, "the body");
        await harness.until(() => other.peer.received === 70_000, "the rest");
        expect(to.peer.digest()).toBe(digestOf(all.subarray(0, limit)));
        expect(other.peer.digest()).toBe(digestOf(all.subarray(limit)));
        expect(from.recorder.received).toBe(0);
        await scene.closeAll(harness, from.connection, to.connection, other.connection);
      });

      it("the rest waits when onForward pauses", async () => {
        const harness = use();
        let left = limit;
        const { from, to } = await tunnel(harness, {
          onForward: (connection, length) => {
            left -= length;
            if (left === 0) within(() => connection.pause());
          },
        });
        const all = scene.pattern(limit + 70_000);
        from.peer.write(all);
        from.peer.end();
        within(() => from.connection.forward(to.connection, limit));
        await harness.until(() => to.peer.received === limit, "the body");
        await turns(harness);
        expect(from.recorder.events).toEqual(["forward"]);
        within(() => from.connection.resume());
        await harness.until(() => from.recorder.has("end"), "onEnd");
        expect(to.peer.digest()).toBe(digestOf(all.subarray(0, limit)));
        expect(from.recorder.digest()).toBe(digestOf(all.subarray(limit)));
        await scene.closeAll(harness, from.connection, to.connection);
      });
    },
  );

  it("tells what follows in the turn in which it was read", async () => {
    const harness = use();
    const turnsOf: number[] = [];
    const note = (): void => void turnsOf.push(harness.reactor.turns);
    const { from, to } = await tunnel(harness, { onForward: note, onData: note });
    within(() => from.connection.pause());
    from.peer.write("bodynext");
    await turns(harness);
    within(() => from.connection.forward(to.connection, 4));
    await harness.until(() => from.recorder.text() === "next", "what follows");
    expect(turnsOf).toHaveLength(2);
    expect(turnsOf[1]).toBe(turnsOf[0]);
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it("forwards piece by piece to sinks in turn, as onForward says", async () => {
    const harness = use();
    const second = await scene.outgoing(harness);
    let pieces = 0;
    let left = 7;
    const { from, to } = await tunnel(harness, {
      onForward: (connection, length) => {
        left -= length;
        if (left > 0) return;
        pieces++;
        left = 7;
        const sink = pieces % 2 === 0 ? to : second;
        if (pieces < 1000) within(() => connection.forward(sink.connection, 7));
      },
    });
    const all = scene.pattern(7000);
    const expected: [Buffer[], Buffer[]] = [[], []];
    for (let at = 0; at < 7000; at += 7) expected[(at / 7) % 2]?.push(all.subarray(at, at + 7));
    within(() => from.connection.forward(to.connection, 7));
    from.peer.write(all);
    from.peer.write("rest");
    await harness.until(() => from.recorder.text() === "rest", "the rest");
    await harness.until(() => to.peer.received + second.peer.received === 7000, "all pieces");
    expect(to.peer.digest()).toBe(digestOf(...expected[0]));
    expect(second.peer.digest()).toBe(digestOf(...expected[1]));
    await scene.closeAll(harness, from.connection, to.connection, second.connection);
  });

  it("writes to the sink, in onForward or later, after what the sink still holds", async () => {
    const harness = use();
    const limit = 900_000;
    let left = limit;
    const { from, to } = await tunnel(harness, {
      onForward: (_, length) => {
        left -= length;
        if (left === 0) scene.write(to.connection, "after the body");
      },
    });
    to.peer.pause();
    const all = scene.pattern(limit + 10);
    from.peer.write(all);
    within(() => from.connection.forward(to.connection, limit));
    // The peer's buffers are small: it reads until the last of the body is held by the sink.
    const stalls = stalled(() => from.recorder.forwarded);
    await harness.until(() => left === 0 || stalls(), "the body, or a stall");
    to.peer.resume();
    await harness.until(() => left === 0, "the limit");
    await harness.until(() => from.recorder.received === 10, "the rest");
    scene.write(to.connection, ", and more");
    await harness.until(() => to.peer.received === limit + 24, "all bytes");
    expect(to.peer.digest()).toBe(digestOf(all.subarray(0, limit), "after the body, and more"));
    await scene.closeAll(harness, from.connection, to.connection);
  });

  // One is copied; the other is spliced, and stands in a pipe.
  it.each([10_000, 65_536])(
    "ends at the limit while the sink holds part of %i bytes",
    async (limit) => {
      const harness = use();
      let pieces = 1;
      let left = limit;
      let total = limit;
      let held = 0;
      let heldThen = 0;
      const { from, to } = await tunnel(harness, {
        onForward: (connection, length) => {
          left -= length;
          if (left > 0) return;
          held = to.connection.unsent;
          if (held > 0) {
            scene.write(to.connection, "after");
            heldThen = to.connection.unsent;
            return;
          }
          // Of many lengths, lest none of their ends ever meets the place where the sink is full.
          left = limit - 1000 * (pieces++ % 8);
          total += left;
          within(() => connection.forward(to.connection, left));
        },
      });
      const all = scene.pattern(8 * 1024 * 1024);
      const written: Uint8Array[] = [];
      // Whether a sink is full at a limit or before it is a matter of chance: there is more until it is.
      const supply = (): void => {
        if (from.peer.sent < written.length * all.length) return;
        written.push(all);
        from.peer.write(all);
      };
      to.peer.pause();
      supply();
      within(() => from.connection.forward(to.connection, limit));
      // Stuck before the limit, it waits for the sink: the peer takes some, until that is at a limit.
      const stuck = (): boolean => held > 0;
      while (!stuck()) {
        const { forwarded } = from.recorder;
        const stalls = stalled(() => from.recorder.forwarded);
        await harness.until(() => stuck() || stalls(), "a full sink");
        to.peer.resume();
        supply();
        await harness.until(() => stuck() || from.recorder.forwarded > forwarded, "some room");
        to.peer.pause();
      }
      from.peer.end();
      // It is read to its end, though the sink is stuck: nothing is forwarded any more.
      await harness.until(() => from.recorder.has("end"), "the end");
      expect(heldThen).toBe(held + 5 + harness.addedBytes);
      expect(from.recorder.forwarded).toBe(total);
      const content = Buffer.concat(written);
      expect(from.recorder.received).toBe(content.length - total);
      to.peer.resume();
      await harness.until(() => to.peer.received === total + 5, "all bytes");
      expect(to.peer.digest()).toBe(digestOf(content.subarray(0, total), "after"));
      await scene.closeAll(harness, from.connection, to.connection);
    },
  );

  it("tells onEnd when FIN comes before the limit, and forwards no more", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness);
    within(() => from.connection.forward(to.connection, 1000));
    from.peer.write("only this");
    from.peer.end();
    await harness.until(() => from.recorder.has("end"), "onEnd");
    await harness.until(() => to.peer.text() === "only this", "what came");
    expect(from.recorder.forwarded).toBe(9);
    expect(from.recorder.events).toEqual(["forward", "end"]);
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it("pauses and resumes before the limit", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness, {
      onForward: (connection) => within(() => connection.pause()),
    });
    within(() => from.connection.forward(to.connection, 6));
    from.peer.write("one");
    await harness.until(() => to.peer.text() === "one", "the first bytes");
    from.peer.write("twothree");
    await turns(harness);
    expect(to.peer.text()).toBe("one");
    within(() => from.connection.resume());
    await harness.until(() => to.peer.text() === "onetwo", "the last bytes");
    await turns(harness);
    expect(from.recorder.received).toBe(0);
    within(() => from.connection.resume());
    await harness.until(() => from.recorder.text() === "three", "the rest");
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it.each([0, -1, Number.NaN])("does nothing for a limit of %d", async (limit) => {
    const harness = use();
    const { from, to } = await tunnel(harness);
    within(() => from.connection.forward(to.connection, limit));
    from.peer.write("mine");
    await turns(harness);
    expect(from.recorder.events).toEqual([]);
    within(() => from.connection.resume());
    await harness.until(() => from.recorder.text() === "mine", "onData");
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it.each(["close", "abort"] as const)("tells nothing after %s() at the limit", async (action) => {
    const harness = use();
    const { from, to } = await tunnel(harness, {
      onForward: (connection) => within(() => connection[action]()),
    });
    from.peer.write("bodyrest");
    within(() => from.connection.forward(to.connection, 4));
    await harness.until(() => from.connection.closed, "onForward");
    await turns(harness);
    expect(from.recorder.events).toEqual(["forward"]);
    await harness.until(() => to.peer.text() === "body", "the body");
    await scene.closeAll(harness, to.connection);
  });

  it("goes on by onData after unforward(), whether the sink is open, stuck or closed", async () => {
    const harness = use();
    for (const state of ["open", "stuck", "closed"] as const) {
      const { from, to } = await tunnel(harness);
      let before = 0;
      if (state === "stuck") {
        to.peer.pause();
        before = scene.fill(to.connection, scene.pattern(64 * 1024));
      }
      within(() => from.connection.forward(to.connection, 1_000_000));
      if (state !== "stuck") {
        from.peer.write("given");
        await harness.until(() => to.peer.text() === "given", "the first bytes");
      }
      if (state === "closed") within(() => to.connection.abort());
      from.peer.write(state === "open" ? "" : "withheld");
      await turns(harness);
      expect(from.recorder.received).toBe(0);
      within(() => from.connection.unforward());
      if (state === "open") from.peer.write("withheld");
      from.peer.end();
      await harness.until(() => from.recorder.has("end"), "onEnd");
      expect(from.recorder.forwarded).toBe(state === "stuck" ? 0 : 5);
      expect(from.recorder.text()).toBe("withheld");
      to.peer.resume();
      const whole = state === "stuck" ? before : 5;
      if (state !== "closed") await harness.until(() => to.peer.received === whole, "the sink's");
      await scene.closeAll(harness, from.connection, to.connection);
    }
  });

  it("does not end a pause by unforward()", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness);
    within(() => from.connection.forward(to.connection, 100));
    within(() => from.connection.pause());
    within(() => from.connection.unforward());
    from.peer.write("later");
    await turns(harness);
    expect(from.recorder.events).toEqual([]);
    within(() => from.connection.resume());
    await harness.until(() => from.recorder.text() === "later", "onData");
    await scene.closeAll(harness, from.connection, to.connection);
  });

  it("tells a sink's reset while a body goes to it, and the rest of the body by onData", async () => {
    const harness = use();
    const { from, to } = await tunnel(harness);
    within(() => from.connection.forward(to.connection, 3_000_000));
    to.peer.reset();
    from.peer.write(scene.pattern(3_000_000));
    from.peer.write("next");
    await harness.until(() => to.connection.closed, "onFail of the sink");
    expect(to.recorder.events.at(-1)).toBe("fail:reset");
    expect(from.connection.closed).toBe(false);
    within(() => from.connection.unforward());
    const all = (): number => from.recorder.received + from.recorder.forwarded;
    await harness.until(() => all() === 3_000_004, "the rest");
    expect(from.recorder.text().endsWith("next")).toBe(true);
    await scene.closeAll(harness, from.connection);
  });
}
