// Sessions that are kept together by a hash of who they are, end to end: the table is computed in
// the control plane and shared by all workers.
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { serverField } from "../../dist/scoreboard/fields.js";
import { portOf, startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import { Peer } from "../support/peer.ts";
import { greets, startNamedServers, startServer, type TestServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const quiet = { log: { access: "off" }, shutdownTimeout: 0 };
const clients = Array.from({ length: 24 }, (_, i) => `127.0.4.${i + 1}`);

async function hear(supervisor: Supervisor, client: string): Promise<string> {
  const port = portOf(supervisor.addresses[0] ?? "");
  const socket = connect({ host: "127.0.0.1", port, localAddress: client });
  atTestEnd(() => void socket.destroy());
  const heard = (await new Peer(socket).untilEnd()).toString();
  socket.destroy();
  return heard;
}

function hearAll(supervisor: Supervisor): Promise<string[]> {
  return Promise.all(clients.map((client) => hear(supervisor, client)));
}

const methods = ["ring", "maglev", "rendezvous", "modulo"];

describe.each(methods)("%s", (method) => {
  const config = (servers: object, workers: number): object =>
    tcpConfig(servers as Record<string, TestServer>, {
      global: { workers, ...quiet },
      backend: { balance: { hash: "source", method } },
    });

  test("leads a client to one server, on every worker and on every machine", async () => {
    const servers = await startNamedServers(3);
    const supervisor = await startSupervisor(config(servers, 2));
    const first = await hearAll(supervisor);
    expect(new Set(first).size).toBe(3);
    for (let i = 0; i < 3; i++) expect(await hearAll(supervisor)).toEqual(first);
    const { s1, s2, s3 } = servers;
    const another = await startSupervisor(config({ s3, s1, s2 }, 1));
    expect(await hearAll(another)).toEqual(first);
  });

  test("moves clients when a server leaves, and back when it returns", async () => {
    const supervisor = await startSupervisor(config(await startNamedServers(3), 2));
    const first = await hearAll(supervisor);
    const status = supervisor.states.server("back/s2");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setHealth(status, false, "refused");
    supervisor.states.flush();
    const without = await hearAll(supervisor);
    expect(without).not.toContain("s2");
    const moved = first.filter((name, i) => name !== "s2" && without[i] !== name);
    // Only these two promise that nobody else moves.
    expect(method === "ring" || method === "rendezvous" ? moved : []).toEqual([]);
    supervisor.states.setHealth(status, true, "connected");
    supervisor.states.flush();
    // A large table comes when it is its turn: until then nobody is led to who has returned.
    await until("it to be back", async () => {
      const now = await hearAll(supervisor);
      return now.every((name, i) => name === first[i]);
    });
  });

  test("keeps serving while servers join and leave by reloads", async () => {
    const { s1, s2, s3, s4 } = await startNamedServers(4);
    const plans = [
      { s1, s2 },
      { s1, s2, s3, s4 },
      { s4, s1 },
    ].map((each) => config(each, 2));
    const supervisor = await startSupervisor(plans[0] as object);
    const storm = { going: true };
    const asking = (async () => {
      const heard: string[] = [];
      while (storm.going) heard.push(...(await hearAll(supervisor)));
      return heard;
    })();
    for (let i = 1; i < 10; i++) await supervisor.replace(planOf(plans[i % 3] as object));
    storm.going = false;
    expect((await asking).every((name) => /^s[1-4]$/.test(name))).toBe(true);
  });
});

test("a server that refuses is passed over by its clients alone, on the way of the ring", async () => {
  const servers = await startNamedServers(3);
  const supervisor = await startSupervisor(
    tcpConfig(servers, { global: { workers: 2, ...quiet }, backend: { balance: "source" } }),
  );
  const first = await hearAll(supervisor);
  await servers["s1"]?.stop();
  const without = await hearAll(supervisor);
  expect(without).not.toContain("s1");
  expect(first.filter((name, i) => name !== "s1" && without[i] !== name)).toEqual([]);
});

test("with boundedLoad no server has more than its bound, however alike the clients are", async () => {
  const names = ["a", "b", "c", "d"];
  const servers = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await startServer(greets(name))] as const)),
  );
  const supervisor = await startSupervisor(
    tcpConfig(servers, {
      global: quiet,
      backend: { balance: { hash: "source", boundedLoad: 1.25 } },
    }),
  );
  // All from one address.
  const all = Array.from({ length: 40 }, () => startClient(supervisor.addresses[0] ?? ""));
  for (const client of all) await until("a greeting", () => client.text !== "");
  const loads = names.map((_, row) => supervisor.board.servers.gauge(row, serverField.active));
  expect(loads.reduce((sum, load) => sum + load, 0)).toBe(40);
  expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil((1.25 * 41) / 4));
});
