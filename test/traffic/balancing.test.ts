// Which server gets which connection, through the real command: exact shares, the idle one, and
// never one that is down.
import { describe, expect, it } from "vitest";
import { send } from "../support/admin.ts";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { refusingAddress } from "../support/refusing.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { freePort, greets, startNamedServers, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** How often each name came back over `count` connections, one after the other. */
async function shares(address: string, count: number): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const name = await ask(address);
    times[name] = (times[name] ?? 0) + 1;
  }
  return times;
}

describe("roundrobin", () => {
  it.each(reactors)("takes three servers in turn on the %s reactor", async (reactor) => {
    const servers = await startNamedServers(3);
    const ballast = await startBallast(tcpConfig(servers, onReactor(reactor)));
    const names: string[] = [];
    for (let i = 0; i < 9; i++) names.push(await ask(ballast.address));
    expect(new Set(names.slice(0, 3)).size).toBe(3);
    expect(names.slice(3, 6)).toEqual(names.slice(0, 3));
    expect(names.slice(6, 9)).toEqual(names.slice(0, 3));
  });

  it("gives every server its exact share, whichever of two workers accepts", async () => {
    const servers = await startNamedServers(3);
    const ballast = await startBallast(tcpConfig(servers, { global: { workers: 2 } }));
    expect(await shares(ballast.address, 90)).toEqual({ s1: 30, s2: 30, s3: 30 });
  });

  it("gives exact shares by weight over two workers", async () => {
    const { s1, s2, s3 } = await startNamedServers(3);
    const config = tcpConfig(
      {
        s1: { address: s1?.address, weight: 1 },
        s2: { address: s2?.address, weight: 2 },
        s3: { address: s3?.address, weight: 3 },
      },
      { global: { workers: 2 } },
    );
    const ballast = await startBallast(config);
    expect(await shares(ballast.address, 6 * 15)).toEqual({ s1: 15, s2: 30, s3: 45 });
  });

  it("gives exact shares to connections that come all at once to two workers", async () => {
    const { s1, s2, s3 } = await startNamedServers(3);
    const config = tcpConfig(
      { s1: { address: s1?.address, weight: 2 }, s2: s2?.address ?? "", s3: s3?.address ?? "" },
      { global: { workers: 2 } },
    );
    const ballast = await startBallast(config);
    const names = await Promise.all(Array.from({ length: 200 }, () => ask(ballast.address)));
    const count = (name: string): number => names.filter((each) => each === name).length;
    expect({ s1: count("s1"), s2: count("s2"), s3: count("s3") }).toEqual({
      s1: 100,
      s2: 50,
      s3: 50,
    });
  });

  it("gives a server of weight 0 nothing", async () => {
    const { s1, s2 } = await startNamedServers(2);
    const ballast = await startBallast(
      tcpConfig({ s1: s1?.address ?? "", s2: { address: s2?.address, weight: 0 } }),
    );
    expect(await shares(ballast.address, 10)).toEqual({ s1: 10 });
    expect(s2?.peers).toHaveLength(0);
  });
});

describe("leastconn", () => {
  it.each(reactors)("prefers the idle server on the %s reactor", async (reactor) => {
    const [a, b] = await Promise.all([startServer(greets("a")), startServer(greets("b"))]);
    const parts = onReactor(reactor);
    const ballast = await startBallast(
      tcpConfig({ a, b }, { ...parts, backend: { balance: "leastconn" } }),
    );
    const first = await connectClient(ballast.address);
    const busy = (await first.untilBytes(1)).toString();
    const idle = busy === "a" ? "b" : "a";
    // The first server stays busy; the other is idle again whenever a session on it has ended.
    for (let i = 1; i <= 5; i++) {
      const client = await connectClient(ballast.address);
      expect((await client.untilBytes(1)).toString()).toBe(idle);
      client.reset();
      await ballast.untilLoggedTimes(i);
    }
  });

  it("spreads sessions that stay evenly, by weight, over two workers", async () => {
    const servers = await Promise.all(["a", "b", "c"].map((name) => startServer(greets(name))));
    const [a, b, c] = servers.map(({ address }) => address);
    const config = tcpConfig(
      { a: a ?? "", b: b ?? "", c: { address: c, weight: 2 } },
      { global: { workers: 2 }, backend: { balance: "leastconn" } },
    );
    const ballast = await startBallast(config);
    for (let i = 0; i < 40; i++) {
      const client = await connectClient(ballast.address);
      await client.untilBytes(1);
    }
    expect(servers.map(({ peers }) => peers.length)).toEqual([10, 10, 20]);
  });
});

describe("a server that is down", () => {
  it.each(reactors)("is never seen by a client on the %s reactor", async (reactor) => {
    const { s1, s2 } = await startNamedServers(2);
    const down = refusingAddress();
    const config = tcpConfig(
      { s1: s1?.address ?? "", down, s2: s2?.address ?? "" },
      onReactor(reactor),
    );
    const ballast = await startBallast(config);
    const answers = await shares(ballast.address, 30);
    expect(Object.keys(answers).toSorted()).toEqual(["s1", "s2"]);
    expect((answers["s1"] ?? 0) + (answers["s2"] ?? 0)).toBe(30);
    const lines = await ballast.untilLoggedTimes(30);
    const moved = lines.filter(({ redispatched }) => redispatched);
    // At least its share of the picks went there first.
    expect(moved.length).toBeGreaterThanOrEqual(10);
    for (const line of lines) {
      expect(line).toMatchObject({ termination: "--", retries: line.redispatched ? 1 : 0 });
      expect(line.server).not.toBe("down");
    }
  });

  it("is used as soon as it listens", async () => {
    const { s1 } = await startNamedServers(1);
    const port = await freePort();
    const ballast = await startBallast(
      tcpConfig({ s1: s1?.address ?? "", late: `127.0.0.1:${port}` }),
    );
    expect(await shares(ballast.address, 4)).toEqual({ s1: 4 });
    await startServer((peer) => peer.end("late"), `127.0.0.1:${port}`);
    const seen = await shares(ballast.address, 4);
    expect(seen).toEqual({ s1: 2, late: 2 });
  });
});

describe("when all servers are down", () => {
  it.each(reactors)("the client is reset, and the log says SC, on %s", async (reactor) => {
    const config = tcpConfig(
      { a: refusingAddress(), b: refusingAddress() },
      { ...onReactor(reactor), defaults: { retries: 1, timeout: { connect: "1s" } } },
    );
    const ballast = await startBallast(config);
    const client = startClient(ballast.address);
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({
      termination: "SC",
      backend: "back",
      retries: 1,
      redispatched: true,
      connectMs: -1,
      bytesIn: 0,
      bytesOut: 0,
    });
  });

  it("an unanswered client gets the server that comes back within its retries", async () => {
    const port = await freePort();
    // Half a second between two attempts, and so many that the slowest machine has time to start a server.
    const ballast = await startBallast(
      tcpConfig(
        { a: `127.0.0.1:${port}` },
        {
          defaults: { retries: 100, timeout: { connect: "500ms" } },
          global: { admin: { bind: "127.0.0.1:0" } },
        },
      ),
    );
    const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
    const client = await connectClient(ballast.address);
    client.write("early");
    await until("an attempt that failed", async () => {
      const { body } = await send(ready["admin"] as string, "/api/v1/sessions");
      return body.sessions[0]?.retries > 0;
    });
    const server = await startServer((peer) => peer.end("back"), `127.0.0.1:${port}`);
    expect((await client.untilEnd()).toString()).toBe("back");
    const peer = await server.peer();
    await until("what the client sent early", () => peer.text === "early");
  });
});
