// A server's name that comes to mean another address: sessions stay where they are, new ones go
// there, on every worker and on those that are started later.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask, connectClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { startNameServer } from "../support/name-server.ts";
import { startPlanned } from "../support/planned.ts";
import { echoes, says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { namedPlan, startPair, untilAllGoTo } from "./names.ts";

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("another address moves new sessions and no others, and is told", async () => {
    const { one, two, port } = await startPair(echoes, says("two"));
    const names = await startNameServer();
    names.set("db.test", { addresses: ["127.0.0.1"] });
    const parts = { global: { workers } };
    const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }, {}, parts));
    const client = await connectClient(ballast.address);
    client.write("before ");
    await client.untilText("before ");
    names.set("db.test", { addresses: ["127.0.0.2"] });
    const told = await ballast.untilTold("has moved");
    expect(told).toMatchObject({
      level: "info",
      server: "back/s1",
      message:
        `server back/s1 has moved: db.test resolves to ${two.address}, ${one.address} before; ` +
        `new sessions go there`,
    });
    await untilAllGoTo(ballast.address, "two");
    expect(one.peers.length).toBe(1);
    client.end("after");
    expect((await client.untilEnd()).toString()).toBe("before after");
  });

  test("a worker that is started later has the address of that moment", async () => {
    const { port } = await startPair(says("one"), says("two"));
    const names = await startNameServer();
    names.set("db.test", { addresses: ["127.0.0.1"] });
    const parts = { global: { workers } };
    const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }, {}, parts));
    const { supervisor } = ballast;
    await untilAllGoTo(ballast.address, "one");
    names.set("db.test", { addresses: ["127.0.0.2"] });
    await untilAllGoTo(ballast.address, "two");
    for (const victim of supervisor.workers.slice()) {
      await victim.terminate();
      await until("a successor", () => {
        const successor = supervisor.workers[victim.worker];
        return successor !== victim && successor?.waker;
      });
    }
    for (let i = 0; i < 30; i++) expect(await ask(ballast.address)).toBe("two");
  });
});

test("the log line of a session names the address that it was connected to", async () => {
  const { one, two, port } = await startPair(echoes, echoes);
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const access = join(folder, "access.log");
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"] });
  const parts = { global: { log: { access } } };
  const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }, {}, parts));
  const early = await connectClient(ballast.address);
  early.write("x");
  await early.untilText("x");
  names.set("db.test", { addresses: ["127.0.0.2"] });
  await ballast.untilTold("has moved");
  await until("a session on the other address", async () => {
    await ask(ballast.address, "y");
    return two.peers.length > 0;
  });
  early.end();
  await early.untilEnd();
  const line = await until("the line of the early session", () =>
    readFileSync(access, "utf8")
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text) as { client: string; serverAddress: string })
      .find(({ client }) => client === early.address),
  );
  expect(line.serverAddress).toBe(one.address);
});

test("all servers of a name move together, and it is asked for once", async () => {
  const { port } = await startPair(says("one"), says("two"));
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"], ttl: 3600 });
  const servers = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`s${i}`, `db.test:${port}`]),
  );
  const ballast = await startPlanned(namedPlan(names, servers, { intervalMs: 0 }));
  expect(names.questions.toSorted()).toEqual(["A db.test", "AAAA db.test"]);
  expect([...ballast.supervisor.states.servers.values()].map(({ address }) => address)).toEqual(
    Array.from({ length: 20 }, () => ({ family: "ipv4", host: "127.0.0.1", port })),
  );
});

test("among several addresses the one in use stays, whatever their order", async () => {
  const { port } = await startPair(says("one"), says("two"));
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.2", "127.0.0.1"] });
  const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }));
  expect(await ask(ballast.address)).toBe("two");
  names.set("db.test", { addresses: ["127.0.0.1", "127.0.0.2"] });
  const asked = names.asked("db.test");
  await until("three more questions", () => names.asked("db.test") >= asked + 3);
  expect(await ask(ballast.address)).toBe("two");
  expect(ballast.told("has moved")).toEqual([]);
});

test("a name with an IPv6 address alone works", async () => {
  const server = await startServer(says("six"), "[::1]:0");
  const port = server.address.slice("[::1]:".length);
  const names = await startNameServer();
  names.set("db.test", { addresses: ["::1"] });
  const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }));
  expect(await ask(ballast.address)).toBe("six");
});

test("a name server that never answers for AAAA does not keep an A record from being used", async () => {
  const server = await startServer(says("four"));
  const port = server.address.slice("127.0.0.1:".length);
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"], silentOn6: true });
  const plan = namedPlan(names, { s1: `db.test:${port}` }, { timeoutMs: 300 });
  const ballast = await startPlanned(plan);
  await until("the server to be up", async () => {
    const { address } = ballast.supervisor.states.server("back/s1") ?? {};
    return address !== null;
  });
  expect(await ask(ballast.address)).toBe("four");
});
