// A reload while a session has no server yet: still in its PROXY protocol header, or between two
// connect attempts. It goes on with the new plan, and a server that is gone never sees it.
import { describe, expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import type { Peer } from "../support/peer.ts";
import { header1 } from "../support/proxy-header.ts";
import { reload } from "../support/reloading.ts";
import { echoes, freePort, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const bind = { address: "127.0.0.1:0", acceptProxy: true };
const header = header1("203.0.113.7", 4321);
const half = 10;
/** A new plan sets the level of the log anew. */
const quiet = { access: "off", level: "error" };

/** Has sent the first half of its header. */
async function openHandshake(address: string): Promise<Peer> {
  const client = await connectClient(address);
  client.write(header.subarray(0, half));
  return client;
}

/** Sends the rest of the header; what the server says until its FIN. */
async function finish(client: Peer, question: string): Promise<string> {
  client.end(Buffer.concat([header.subarray(half), Buffer.from(question)]));
  return (await client.untilEnd()).toString();
}

/** One of these backends has the frontend. */
function led(backend: string, backends: object): object {
  return {
    global: { workers: 1, admin: "off" },
    frontends: { front: { mode: "tcp", bind, backend } },
    backends,
  };
}

describe("a session in its PROXY protocol header", () => {
  test("is served by a server whose name resolves with the reload", async () => {
    const server = await startServer(echoes);
    const named = { s1: "no-such-server.invalid:9" };
    const ballast = await startBallast(tcpConfig(named, { frontend: { bind } }));
    const early = await openHandshake(ballast.address);
    // Whoever comes after it has ended: so it has been accepted.
    const late = await openHandshake(ballast.address);
    late.end(header.subarray(half));
    await late.untilReset();
    await ballast.untilLogged(({ peer, termination }) => {
      return peer === late.address && termination === "SC";
    });
    await reload(ballast, tcpConfig({ s1: server }, { frontend: { bind } }));
    expect(await finish(early, "question")).toBe("question");
    const line = await ballast.untilLogged(({ peer }) => peer === early.address);
    expect(line).toMatchObject({ backend: "back", server: "s1", retries: 0, termination: "--" });
    expect(line.serverAddress).toBe(server.address);
  });

  test("goes to the backend that two reloads have led its frontend to", async () => {
    const [oldServer, newServer] = await Promise.all([
      startServer(says("old")),
      startServer(says("new")),
    ]);
    const old = { servers: { s1: oldServer.address } };
    const fresh = { servers: { s1: newServer.address } };
    const ballast = await startBallast(led("old", { old, fresh }));
    const early = await openHandshake(ballast.address);
    const late = await openHandshake(ballast.address);
    expect(await finish(late, "")).toBe("old");
    await reload(ballast, led("fresh", { old, fresh }));
    await reload(ballast, led("fresh", { fresh }));
    expect(await finish(early, "")).toBe("new");
    expect(oldServer.peers).toHaveLength(1);
    const line = await ballast.untilLogged(({ peer }) => peer === early.address);
    expect(line).toMatchObject({ backend: "fresh", server: "s1", termination: "--" });
  });
});

describe("a frontend that is removed with its backend", () => {
  const plain = { mode: "tcp", bind: "127.0.0.1:0" };

  test("resets whoever is still in its header, and no removed server hears of it", async () => {
    const [gone, kept] = await Promise.all([startServer(says("gone")), startServer(says("kept"))]);
    const keep = { servers: { s1: kept.address } };
    const config = (frontends: object, backends: object): object => ({
      global: { workers: 1, admin: "off" },
      frontends: { keep: { ...plain, backend: "keep" }, ...frontends },
      backends: { keep, ...backends },
    });
    const leaving = { mode: "tcp", bind, backend: "back" };
    const back = { servers: { s1: gone.address } };
    const ballast = await startBallast(config({ front: leaving }, { back }));
    const [, address = ""] = ballast.addresses;
    const early = await openHandshake(address);
    const late = await openHandshake(address);
    expect(await finish(late, "")).toBe("gone");
    await ballast.untilLogged();
    await reload(ballast, config({}, {}));
    await early.untilReset();
    expect(gone.peers).toHaveLength(1);
    const line = await ballast.untilLogged(({ client }) => client === early.address);
    expect(line).toMatchObject({ frontend: "front", server: "", termination: "KR" });
  });

  test.each([true, false])("lets nobody try once more: redispatch %s", async (redispatch) => {
    const gonePort = await freePort();
    const kept = await startServer(says("kept"));
    const config = (frontends: object, backends: object): object => ({
      global: { workers: 1, admin: "off", log: quiet },
      defaults: { redispatch, timeout: { connect: "1s" } },
      frontends: { ...frontends, keep: { ...plain, backend: "keep" } },
      backends: { ...backends, keep: { servers: { s1: kept.address } } },
    });
    const back = { servers: { gone: `127.0.0.1:${gonePort}` } };
    const front = { ...plain, backend: "back" };
    const supervisor = await startSupervisor(config({ front }, { back }));
    const client = await connectClient(supervisor.addresses[0] ?? "");
    const { servers, frontends } = supervisor.board;
    await until("a failed attempt", () => servers.snapshot(0).connectFailures === 1);
    await supervisor.replace(planOf(config({}, {})));
    // From now on it would answer.
    const gone = await startServer(says("gone"), `127.0.0.1:${gonePort}`);
    await client.untilReset();
    expect(gone.peers).toEqual([]);
    // The client may see its end before the worker has counted it.
    await until("its end", () => frontends.snapshot(0).active === 0);
    expect(servers.snapshot(0).active).toBe(0);
  });
});

describe("a server removed by a reload", () => {
  test.each([true, false])(
    "is not tried by a session between two attempts: redispatch %s",
    async (redispatch) => {
      const gonePort = await freePort();
      const other = await startServer(says("other"));
      const config = (servers: object): object => ({
        global: { workers: 1, admin: "off", log: quiet },
        defaults: { redispatch, timeout: { connect: "1s" } },
        frontends: { front: { mode: "tcp", bind: "127.0.0.1:0", backend: "back" } },
        backends: { back: { servers } },
      });
      const supervisor = await startSupervisor(config({ gone: `127.0.0.1:${gonePort}` }));
      const client = await connectClient(supervisor.addresses[0] ?? "");
      const { servers } = supervisor.board;
      await until("a failed attempt", () => servers.snapshot(0).connectFailures === 1);
      await supervisor.replace(planOf(config({ other: other.address })));
      // From now on it would answer.
      const gone = await startServer(says("gone"), `127.0.0.1:${gonePort}`);
      expect((await client.untilEnd()).toString()).toBe("other");
      expect(gone.peers).toEqual([]);
    },
  );

  test("drains in the scoreboard, where sessions of older plans look", async () => {
    const [s1, s2] = await Promise.all([startServer(echoes), startServer(echoes)]);
    const supervisor = await startSupervisor(tcpConfig({ s1 }, { global: { log: quiet } }));
    const { servers } = supervisor.board;
    const client = await connectClient(supervisor.addresses[0] ?? "");
    client.write("open");
    await client.untilText("open");
    expect(servers.snapshot(0)).toMatchObject({ active: 1, state: 1 });
    await supervisor.replace(planOf(tcpConfig({ s2 }, { global: { log: quiet } })));
    expect(servers.snapshot(0)).toMatchObject({ active: 1, state: 2 });
    expect(servers.snapshot(1)).toMatchObject({ active: 0, state: 1 });
  });
});
