// SIGHUP with another set of servers or another backend: who gets new sessions, and what happens to
// those that are open.
import { describe, expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { addressOf, ask, connectClient } from "../support/clients.ts";
import type { Peer } from "../support/peer.ts";
import { reload } from "../support/reloading.ts";
import { echoes, greets, says, startNamedServers, startServer } from "../support/servers.ts";
import { type Servers, tcpConfig } from "../support/tcp-config.ts";

/** Who answered how many of `count` questions. */
async function answersOf(address: string, count: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const name = await ask(address);
    answers[name] = (answers[name] ?? 0) + 1;
  }
  return answers;
}

/** A session that the server has greeted. */
async function greeted(address: string, name: string): Promise<Peer> {
  const client = await connectClient(address);
  await client.untilText(name);
  return client;
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("a new server gets its share of new sessions", async () => {
    const { s1, s2, s3 } = await startNamedServers(3);
    const bind = "127.0.0.1:0";
    const ballast = await startBallast(
      tcpConfig({ s1, s2 } as Servers, { global: { workers }, frontend: { bind } }),
    );
    expect(await answersOf(ballast.address, 6)).toEqual({ s1: 3, s2: 3 });
    await reload(
      ballast,
      tcpConfig({ s1, s2, s3 } as Servers, { global: { workers }, frontend: { bind } }),
    );
    expect(await answersOf(ballast.address, 9)).toEqual({ s1: 3, s2: 3, s3: 3 });
  });

  test("a removed server keeps its session, gets no new one, and the log tells when it has drained", async () => {
    const s1 = await startServer(echoes);
    const s2 = await startServer(says("s2"));
    const ballast = await startBallast(tcpConfig({ s1 }, { global: { workers } }));
    const client = await connectClient(ballast.address);
    client.write("before ");
    await client.untilText("before ");
    await reload(ballast, tcpConfig({ s2 }, { global: { workers } }));
    const drains = await ballast.untilMessage(({ message }) => message.includes("drain"));
    expect(drains).toMatchObject({ message: "1 removed server(s) drain", servers: ["back/s1"] });
    expect(await answersOf(ballast.address, 8)).toEqual({ s2: 8 });
    expect(s1.peers.length).toBe(1);
    client.end("after");
    expect((await client.untilEnd()).toString()).toBe("before after");
    await ballast.untilMessage(({ message }) => message === "removed server back/s1 has drained");
    const line = await ballast.untilLogged(({ server }) => server === "s1");
    expect(line).toMatchObject({ bytesIn: 12, bytesOut: 12, termination: "--" });
  });

  test("a removed server that comes back while it drains is an ordinary server again", async () => {
    const s1 = await startServer(greets("s1"));
    const s2 = await startServer(greets("s2"));
    const ballast = await startBallast(
      tcpConfig({ s1 }, { global: { workers }, backend: { balance: "leastconn" } }),
    );
    const clients = [await greeted(ballast.address, "s1")];
    await reload(
      ballast,
      tcpConfig({ s2 }, { global: { workers }, backend: { balance: "leastconn" } }),
    );
    clients.push(await greeted(ballast.address, "s2"));
    clients.push(await greeted(ballast.address, "s2"));
    await reload(
      ballast,
      tcpConfig({ s1, s2 }, { global: { workers }, backend: { balance: "leastconn" } }),
    );
    // It still has one session of the time before, the other two: leastconn knows both.
    clients.push(await greeted(ballast.address, "s1"));
    for (const client of clients) expect(client.ending).toBe(null);
  });

  test("a changed weight takes effect with the next session; weight 0 gets none", async () => {
    const { s1, s2 } = await startNamedServers(2);
    const weighted = (weight: number): object =>
      tcpConfig(
        { s1: s1?.address ?? "", s2: { address: s2?.address, weight } },
        { global: { workers } },
      );
    const ballast = await startBallast(weighted(1));
    expect(await answersOf(ballast.address, 8)).toEqual({ s1: 4, s2: 4 });
    await reload(ballast, weighted(3));
    expect(await answersOf(ballast.address, 8)).toEqual({ s1: 2, s2: 6 });
    await reload(ballast, weighted(0));
    expect(await answersOf(ballast.address, 8)).toEqual({ s1: 8 });
  });

  test("a server that moves keeps its name: old sessions stay where they are", async () => {
    const before = await startServer(greets("before"));
    const after = await startServer(says("after"));
    const ballast = await startBallast(tcpConfig({ s1: before }, { global: { workers } }));
    const client = await greeted(ballast.address, "before");
    await reload(ballast, tcpConfig({ s1: after }, { global: { workers } }));
    expect(await answersOf(ballast.address, 4)).toEqual({ after: 4 });
    client.write("still here");
    const peer = await before.peer();
    await peer.untilText("still here");
  });

  test("a frontend's other backend: sessions stay, new ones go there", async () => {
    const s1 = await startServer(echoes);
    const s2 = await startServer(says("s2"));
    const backends = { other: { servers: { s2: s2.address } } };
    const config = (backend: string): object => {
      const base = tcpConfig({ s1 }, { global: { workers }, backends }) as { frontends: object };
      return { ...base, frontends: { front: { mode: "tcp", bind: "127.0.0.1:0", backend } } };
    };
    const ballast = await startBallast(config("back"));
    const client = await connectClient(ballast.address);
    client.write("one ");
    await client.untilText("one ");
    const own = addressOf(client);
    await reload(ballast, config("other"));
    expect(await answersOf(ballast.address, 4)).toEqual({ s2: 4 });
    client.end("two");
    expect((await client.untilEnd()).toString()).toBe("one two");
    const line = await ballast.untilLogged(({ client: peer }) => peer === own);
    expect(line).toMatchObject({ frontend: "front", backend: "back", server: "s1" });
    const lines = await ballast.untilLoggedTimes(4, ({ client: peer }) => peer !== own);
    expect(new Set(lines.map(({ backend }) => backend))).toEqual(new Set(["other"]));
  });
});
