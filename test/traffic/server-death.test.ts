// A server process that is killed under load: its own sessions are lost, nobody else notices, and
// it takes part again when it is back.
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient, startClient } from "../support/clients.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import type { Peer } from "../support/peer.ts";
import { startEchoProgram } from "../support/server-programs.ts";
import { until } from "../support/until.ts";

const names = ["a", "b", "c"] as const;

interface Visit {
  /** Who answered; empty when nobody did. */
  readonly server: string;
  /** The question came back and the end was orderly. */
  readonly whole: boolean;
}

/** One client: hears the server's name, has a question echoed, ends. */
async function visit(address: string, question: Buffer): Promise<Visit> {
  const client = startClient(address);
  client.end(question);
  await client.untilEnding();
  const { content, ending } = client;
  const newline = content.indexOf("\n");
  const whole = ending === "fin" && newline > 0 && content.subarray(newline + 1).equals(question);
  return { server: newline > 0 ? content.subarray(0, newline).toString() : "", whole };
}

/** Sends `text` on an established session and waits for it to come back. */
async function exchange(client: Peer, text: string): Promise<void> {
  const before = client.bytes;
  client.write(text);
  await client.untilBytes(before + text.length);
}

describe.each(reactors)("on the %s reactor, kill -9 of a server", (reactor) => {
  it("loses the sessions that were on it and no other", async () => {
    const [a, b, c] = await Promise.all(names.map(startEchoProgram));
    if (!a || !b || !c) throw new Error("no servers");
    const ballast = await startBallast(
      tcpConfig({ a: a.address, b: b.address, c: c.address }, onReactor(reactor)),
    );
    const clients = await Promise.all(
      Array.from({ length: 30 }, () => connectClient(ballast.address)),
    );
    await Promise.all(clients.map((client) => client.untilText("\n")));
    const of = (name: string): Peer[] => clients.filter(({ text }) => text.startsWith(name));
    const [ofA, ofB, ofC] = [of("a"), of("b"), of("c")];
    expect([ofA.length, ofB.length, ofC.length]).toEqual([10, 10, 10]);

    await b.kill();
    await Promise.all(ofB.map((client) => client.untilEnding()));
    for (const client of ofB) client.end();
    const lost = await ballast.untilLoggedTimes(10);
    expect(lost.map(({ server }) => server)).toEqual(Array(10).fill("b"));

    await Promise.all([...ofA, ...ofC].map((client) => exchange(client, "still there?")));
    expect(ballast.sessions).toHaveLength(10);

    const later = await Promise.all(
      Array.from({ length: 30 }, () => visit(ballast.address, Buffer.from("question"))),
    );
    expect(later.filter(({ whole }) => !whole)).toEqual([]);
    expect(later.filter(({ server }) => server === "b")).toEqual([]);

    await b.restart();
    const again = await until("the server to be used again", async () => {
      const result = await visit(ballast.address, Buffer.from("again"));
      expect(result.whole).toBe(true);
      return result.server === "b" && result;
    });
    expect(again.server).toBe("b");
  });
});

describe("under load on two workers", () => {
  it("new connections never see the killed server", async () => {
    const [a, b, c] = await Promise.all(names.map(startEchoProgram));
    if (!a || !b || !c) throw new Error("no servers");
    const ballast = await startBallast(
      tcpConfig({ a: a.address, b: b.address, c: c.address }, { global: { workers: 2 } }),
    );
    const question = Buffer.alloc(64 * 1024, "load");
    const state = { running: true };
    let started = 0;
    let startedBeforeDeath = Infinity;
    const before: Visit[] = [];
    const after: Visit[] = [];
    const load = Array.from({ length: 16 }, async () => {
      while (state.running) {
        const number = ++started;
        const result = await visit(ballast.address, question);
        (number <= startedBeforeDeath ? before : after).push(result);
      }
    });
    const isB = ({ server }: Visit): boolean => server === "b";
    await until("every server to be at work", () => before.filter(isB).length >= 20);
    await b.kill();
    startedBeforeDeath = started;
    await until("load after the death", () => after.length >= 200);
    expect(after.filter(({ whole }) => !whole)).toEqual([]);
    expect(after.filter(isB)).toEqual([]);
    // Whoever failed was on it (its name, or not even that): at most one for each client.
    const failed = before.filter(({ whole }) => !whole);
    expect(failed.length).toBeLessThanOrEqual(16);
    expect(failed.filter(({ server }) => server !== "b" && server !== "")).toEqual([]);

    await b.restart();
    const seenBefore = after.length;
    await until("the server to be used again", () => after.slice(seenBefore).some(isB));
    state.running = false;
    await Promise.all(load);
    expect(after.filter(({ whole }) => !whole)).toEqual([]);
  });
});
