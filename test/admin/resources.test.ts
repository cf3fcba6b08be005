// What the admin API tells: the overview, frontends, backends and servers, and the names that it
// refuses because there is nothing behind them.
import process from "node:process";
import { expect, test } from "vitest";
import { adminPlan, startAdmin } from "../support/admin.ts";
import { connectClient } from "../support/clients.ts";
import { echoes, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

test("the overview says which Ballast answers and what can be asked", async () => {
  const admin = await startAdmin(tcpConfig({ s1: await startServer(echoes) }));
  const overview = await admin.get("");
  expect(overview).toMatchObject({
    name: "ballast",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    pid: process.pid,
    reactor: "epoll",
    plan: { source: "test.yaml", version: 1 },
    sessions: { now: 0, total: 0 },
    workers: [{ worker: 0, state: "running", sessions: { now: 0, total: 0 }, errors: 0 }],
  });
  const links = Object.keys(overview.links).filter((link) => !/:|reload/.test(link));
  expect(links).toContain("/api/v1/sessions");
  for (const link of links) expect((await admin.send(link)).status, `at ${link}`).toBe(200);
  expect((await admin.send("/api/v1/")).body.pid).toBe(process.pid);
});

test("frontends, backends and servers say what runs and what has passed", async () => {
  const server = await startServer(echoes);
  const admin = await startAdmin(
    tcpConfig(
      { s1: server, s2: { address: server.address, weight: 0 } },
      { frontend: { maxconn: 5 } },
    ),
  );
  const client = await connectClient(admin.front);
  client.write("ping");
  await client.untilText("ping");
  await until("the bytes to be counted", async () => {
    const { frontends } = await admin.get("/frontends");
    return frontends[0].bytesOut === 4;
  });
  expect(await admin.get("/frontends")).toEqual({
    frontends: [
      expect.objectContaining({
        name: "front",
        mode: "tcp",
        binds: [admin.front],
        backend: "back",
        state: "open",
        sessions: { now: 1, total: 1 },
        maxconn: 5,
        bytesIn: 4,
        bytesOut: 4,
      }),
    ],
  });
  expect(await admin.get("/backends")).toEqual({
    backends: [
      expect.objectContaining({
        name: "back",
        state: "up",
        usable: 1,
        servers: 2,
        balance: { policy: "roundrobin", key: null, boundedLoad: 0 },
        sessions: { now: 1, total: 1 },
        bytesIn: 4,
        bytesOut: 4,
        queued: 0,
        noServer: 0,
      }),
    ],
  });
  const { servers } = await admin.get("/servers");
  expect(servers).toEqual([
    expect.objectContaining({
      backend: "back",
      name: "s1",
      address: server.address,
      resolved: server.address,
      state: "up",
      admin: "ready",
      checked: false,
      healthy: true,
      weight: 1,
      weightInForce: 1,
      sessions: { now: 1, total: 1 },
      queued: 0,
      maxconn: 0,
      bytesIn: 4,
      bytesOut: 4,
      connects: 1,
      connectFailures: 0,
      retries: 0,
      transitions: [],
    }),
    expect.objectContaining({ name: "s2", weight: 0, sessions: { now: 0, total: 0 } }),
  ]);
  expect(servers[0].connectMsMean).toBeGreaterThanOrEqual(0);
  expect(servers[1].connectMsMean).toBe(null);
  expect(Date.parse(servers[0].since)).toBeLessThanOrEqual(Date.now());
  expect(await admin.get("/servers/back/s1")).toMatchObject({
    name: "s1",
    address: server.address,
  });
});

test("a full frontend says so, and can be asked for", async () => {
  const server = await startServer(echoes);
  const admin = await startAdmin(tcpConfig({ s1: server }, { frontend: { maxconn: 1 } }));
  expect((await admin.get("/frontends?state=full")).frontends).toEqual([]);
  await connectClient(admin.front);
  await connectClient(admin.front);
  await until("a full frontend", async () => {
    const { frontends } = await admin.get("/frontends?state=full");
    return frontends[0]?.name === "front";
  });
  expect((await admin.get("/frontends?state=open")).frontends).toEqual([]);
});

test("servers are found by backend and by state", async () => {
  const server = await startServer(says("x"));
  const admin = await startAdmin(
    tcpConfig(
      { s1: server, s2: server },
      { backends: { other: { servers: { s1: server.address } } } },
    ),
  );
  const names = async (query: string): Promise<string[]> => {
    const { servers } = await admin.get(`/servers?${query}`);
    return servers.map((view: { backend: string; name: string }) => `${view.backend}/${view.name}`);
  };
  expect(await names("")).toEqual(["back/s1", "back/s2", "other/s1"]);
  expect(await names("backend=other")).toEqual(["other/s1"]);
  await admin.patch("/servers/back/s2", { state: "maint" });
  expect(await names("state=maint")).toEqual(["back/s2"]);
  expect(await names("state=up&backend=back")).toEqual(["back/s1"]);
  await admin.patch("/servers/back/s1", { state: "drain" });
  expect((await admin.get("/backends?state=down")).backends).toEqual([
    expect.objectContaining({ name: "back", usable: 0 }),
  ]);
});

test.each([
  ["/servers/none/s1", 404, 'no backend is named "none"; there is: back'],
  ["/servers/back/none", 404, 'no server of backend back is named "none"; there are: s1, s2'],
  ["/stick/none", 404, 'no backend is named "none"; there is: back'],
  ["/stick/back", 404, "backend back has no sticky table"],
  [
    "/servers?backend=none",
    400,
    'the parameter backend: no backend is named "none"; there is: back',
  ],
  [
    "/servers?state=tired",
    400,
    'state="tired" is not known; it may be: down, up, drain, maint, ejected',
  ],
  ["/servers?stat=up", 400, 'there is no parameter "stat"; known are: backend, state'],
  ["/servers?state=up&state=down", 400, "the parameter state is given twice"],
  ["/servers?state=", 400, "the parameter state is empty; leave it out to get all"],
  ["/frontends?state=up", 400, 'state="up" is not known; it may be: open, full'],
  ["?all", 400, 'there is no parameter "all"; none is known here'],
])("GET %s is refused with %i and a sentence", async (path, status, error) => {
  const server = await startServer(echoes);
  const admin = await startAdmin(tcpConfig({ s1: server, s2: server }));
  const answer = await admin.send(`/api/v1${path}`);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ error });
});

test("a sticky table is listed with the names of its servers", async () => {
  const server = await startServer(echoes);
  const settings = (names: readonly string[]): object =>
    tcpConfig(Object.fromEntries(names.map((name) => [name, server])), {
      backend: { stick: { on: "source", expire: "5m" } },
      frontend: { bind: { address: "127.0.0.1:0", acceptProxy: true } },
    });
  const admin = await startAdmin(settings(["s1", "s2"]));
  for (let i = 1; i <= 4; i++) {
    const client = await connectClient(admin.front);
    client.write(`PROXY TCP4 192.0.2.${i} 198.51.100.1 4000 80\r\nping`);
    await client.untilText("ping");
  }
  const all = await admin.get("/stick/back");
  expect(all).toMatchObject({ backend: "back", more: false });
  expect(all.entries).toHaveLength(4);
  const { entries } = await admin.get("/stick/back?key=192.0.2.3");
  expect(entries).toEqual([
    {
      key: "192.0.2.3",
      server: "s1",
      ageMs: expect.any(Number),
      idleMs: expect.any(Number),
      expiresInMs: expect.any(Number),
    },
  ]);
  expect(entries[0].expiresInMs).toBeGreaterThan(290_000);
  const some = await admin.get("/stick/back?limit=1&server=s1");
  expect([some.more, some.entries.length, some.entries[0].server]).toEqual([true, 1, "s1"]);
  const { sessions } = await admin.get("/sessions?client=192.0.2.3");
  expect(sessions[0].stickKey).toBe("192.0.2.3");
  const { status, body } = await admin.send("/api/v1/stick/back?server=s3");
  expect([status, body.error]).toEqual([
    400,
    'the parameter server: no server of backend back is named "s3"; there are: s1, s2',
  ]);
  // Keys that led to a server which is gone.
  await admin.supervisor.replace(adminPlan(settings(["s2"])));
  const gone = (await admin.get("/stick/back")).entries.filter(
    (entry: { server: string | null }) => entry.server === null,
  );
  expect(gone).toHaveLength(2);
});
