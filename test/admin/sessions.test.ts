// The sessions that are open: what is told of each, the filters, and what happens when a worker
// cannot answer.
import { expect, test } from "vitest";
import { type Admin, startAdmin } from "../support/admin.ts";
import { connectClient, startClient } from "../support/clients.ts";
import type { Peer } from "../support/peer.ts";
import { startSilentAddress } from "../support/server-programs.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

interface Row {
  readonly id: string;
  readonly worker: number;
  readonly client: string;
  readonly server: string | null;
  readonly start: string;
}

async function rowsOf(admin: Admin, query = ""): Promise<Row[]> {
  return (await admin.get(`/sessions${query}`)).sessions as Row[];
}

async function talk(address: string): Promise<Peer> {
  const client = await connectClient(address);
  client.write("ping");
  await client.untilText("ping");
  return client;
}

/** The rows, once the data plane has come so far. */
function untilRows(admin: Admin, query: string, count: number): Promise<Row[]> {
  return until(`${count} rows`, async () => {
    const rows = await rowsOf(admin, query);
    return rows.length === count ? rows : null;
  });
}

test("a session is told with its addresses, its bytes, its age and its limits", async () => {
  const server = await startServer(echoes);
  const admin = await startAdmin(
    tcpConfig({ s1: server }, { defaults: { timeout: { tunnel: "1h", clientFin: "30s" } } }),
  );
  expect(await admin.get("/sessions")).toEqual({
    sessions: [],
    more: false,
    complete: true,
    missing: [],
  });
  const before = Date.now();
  const client = await talk(admin.front);
  const [row] = (await admin.get("/sessions")).sessions;
  expect(row).toEqual({
    id: expect.stringMatching(/^0-\d+$/),
    worker: 0,
    state: "established",
    start: expect.any(String),
    ageMs: expect.any(Number),
    frontend: "front",
    backend: "back",
    server: "s1",
    client: client.address,
    peer: null,
    bind: admin.front,
    serverAddress: server.address,
    bytesIn: 4,
    bytesOut: 4,
    unsentToClient: 0,
    unsentToServer: 0,
    idleMs: expect.any(Number),
    clientEnded: false,
    serverEnded: false,
    stickKey: null,
    queueMs: 0,
    connectMs: expect.any(Number),
    retries: 0,
    redispatched: false,
    timeouts: { tunnel: expect.any(Number) },
  });
  expect(Date.parse(row.start)).toBeGreaterThanOrEqual(before - 1);
  expect(row.timeouts.tunnel).toBeGreaterThan(3_500_000);
  expect(row.timeouts.tunnel).toBeLessThanOrEqual(3_600_000);
  expect(row.idleMs).toBeLessThanOrEqual(row.ageMs);
});

test("a half-closed and a stalled session show the limits that run for them", async () => {
  const server = await startServer((peer) => peer.pause());
  const admin = await startAdmin(
    tcpConfig(
      { s1: server },
      { defaults: { timeout: { client: "50s", server: "40s", tunnel: 0, clientFin: "30s" } } },
    ),
  );
  const client = await connectClient(admin.front);
  await server.peer();
  const [quiet] = await until("it to be established", async () => {
    const { sessions } = await admin.get("/sessions?state=established");
    return sessions.length > 0 ? sessions : null;
  });
  expect(Object.keys(quiet.timeouts)).toEqual(["client", "server"]);
  client.end();
  const ended = await until("a half-closed session", async () => {
    const { sessions } = await admin.get("/sessions");
    return sessions[0].clientEnded ? sessions[0] : null;
  });
  expect(Object.keys(ended.timeouts)).toEqual(["client", "server", "clientFin"]);
  expect(ended.timeouts.clientFin).toBeLessThanOrEqual(30_000);
  const pushing = await connectClient(admin.front);
  pushing.write(Buffer.alloc(32 << 20));
  const stalled = await until("a server that does not take its bytes", async () => {
    const { sessions } = await admin.get("/sessions");
    return sessions.find((row: { unsentToServer: number }) => row.unsentToServer > 0);
  });
  expect(Object.keys(stalled.timeouts)).toEqual(["server"]);
});

test("sessions before their tunnel are told with the limit of their phase", async () => {
  const silent = await startSilentAddress();
  const admin = await startAdmin(
    tcpConfig(
      { s1: silent },
      {
        defaults: { timeout: { connect: "20s", clientHs: "10s" } },
        frontends: {
          proxied: {
            mode: "tcp",
            bind: { address: "127.0.0.1:0", acceptProxy: true },
            backend: "back",
          },
        },
      },
    ),
  );
  startClient(admin.front);
  startClient(admin.supervisor.addresses[1] as string).write("PROXY TCP4 ");
  const [connecting] = await untilRows(admin, "?state=connecting", 1);
  expect(connecting).toMatchObject({
    frontend: "front",
    backend: "back",
    server: "s1",
    serverAddress: silent,
    connectMs: null,
    timeouts: { connect: expect.any(Number) },
  });
  const [handshake] = await untilRows(admin, "?state=handshake", 1);
  expect(handshake).toMatchObject({
    frontend: "proxied",
    backend: null,
    server: null,
    serverAddress: null,
    timeouts: { clientHs: expect.any(Number) },
  });
  // Its backend has not been chosen yet.
  expect(await rowsOf(admin, "?backend=back")).toEqual(
    [connecting].map((row) => expect.objectContaining({ id: (row as Row).id })),
  );
  expect(await rowsOf(admin, "?frontend=proxied&state=connecting")).toEqual([]);
});

test("a session that waits between two attempts says that it retries", async () => {
  const server = await startServer(echoes);
  const admin = await startAdmin(tcpConfig({ s1: server }, { backend: { retries: 50 } }));
  await server.stop();
  startClient(admin.front);
  const [row] = await untilRows(admin, "?state=retrying", 1);
  expect(row).toMatchObject({ backend: "back", server: null, timeouts: {} });
  await until("its retries", async () => {
    const { sessions } = await admin.get("/sessions");
    return sessions[0]?.retries > 0;
  });
});

test("a session that waits for a server with room says so, and how long it may", async () => {
  const server = await startServer(echoes);
  const admin = await startAdmin(
    tcpConfig(
      { s1: { address: server.address, maxconn: 1 } },
      { defaults: { timeout: { queue: "20s" } } },
    ),
  );
  await talk(admin.front);
  const waiting = await connectClient(admin.front);
  const [row] = await untilRows(admin, "?state=queued", 1);
  expect(row).toMatchObject({
    client: waiting.address,
    backend: "back",
    connectMs: null,
    timeouts: { queue: expect.any(Number) },
  });
  const { backends } = await admin.get("/backends");
  const { servers } = await admin.get("/servers");
  expect(backends[0].queued + servers[0].queued).toBe(1);
});

test("filters by frontend, backend, server and client find what they say and nothing else", async () => {
  const [s1, s2] = [await startServer(echoes), await startServer(echoes)];
  const admin = await startAdmin(
    tcpConfig(
      { s1, s2 },
      {
        frontends: {
          proxied: {
            mode: "tcp",
            bind: { address: "127.0.0.1:0", acceptProxy: true },
            backend: "other",
          },
        },
        backends: { other: { servers: { s1: s1.address } } },
      },
    ),
  );
  const clients = [await talk(admin.front), await talk(admin.front)];
  const via = admin.supervisor.addresses[1] as string;
  const v4 = await connectClient(via);
  v4.write("PROXY TCP4 192.0.2.77 198.51.100.1 4000 80\r\nping");
  await v4.untilText("ping");
  const v6 = await connectClient(via);
  v6.write("PROXY TCP6 2001:db8::7 2001:db8::1 4001 80\r\nping");
  await v6.untilText("ping");

  const found = async (query: string): Promise<string[]> =>
    (await rowsOf(admin, query)).map(({ client }) => client);
  const [first = "", second = ""] = clients.map(({ address }) => address);
  expect(await found("")).toEqual(["[2001:db8::7]:4001", "192.0.2.77:4000", second, first]);
  expect(await found("?frontend=front")).toEqual([second, first]);
  expect(await found("?backend=other")).toHaveLength(2);
  expect(await found("?backend=back&server=s1")).toEqual([first]);
  expect(await found("?server=back/s2")).toEqual([second]);
  expect(await found("?server=s1")).toHaveLength(3);
  expect(await found("?client=192.0.2.77")).toEqual(["192.0.2.77:4000"]);
  expect(await found("?client=192.0.2.0/24")).toEqual(["192.0.2.77:4000"]);
  expect(await found("?client=192.0.2.64/28")).toEqual(["192.0.2.77:4000"]);
  expect(await found("?client=192.0.2.80/28")).toEqual([]);
  expect(await found("?client=2001:db8::/32")).toEqual(["[2001:db8::7]:4001"]);
  expect(await found("?client=::/0")).toHaveLength(4);
  expect(await found("?client=0.0.0.0/0")).toHaveLength(3);
  expect(await found("?client=127.0.0.1&limit=1")).toEqual([second]);
  const [proxied] = (await admin.get("/sessions?client=192.0.2.77")).sessions;
  expect(proxied.peer).toBe(v4.address);
});

test.each([
  ["limit=0", 'limit="0" is no number of rows; it may be 1 to 10000'],
  ["limit=10001", "it may be 1 to 10000"],
  ["limit=ten", "it may be 1 to 10000"],
  ["client=here", 'client="here" is neither an IP address nor a network such as 10.0.0.0/8'],
  ["client=10.0.0.0/33", "is neither an IP address nor a network"],
  ["client=10.0.0.256", "is neither an IP address nor a network"],
  ["client=fe80::1%25eth0", "is neither an IP address nor a network"],
  ["state=open", "it may be: handshake, inspecting, connecting, retrying, queued, established"],
  ["frontend=none", 'the parameter frontend: no frontend is named "none"; there is: front'],
  ["backend=none", 'the parameter backend: no backend is named "none"; there is: back'],
  ["server=none", 'the parameter server: no server is named "none"; there is: s1'],
  ["server=back/none", 'the parameter server: no server is named "none"; there is: s1'],
  ["server=back/s1&backend=other", 'server="back/s1" is no server of backend other'],
  ["colour=red", "known are: frontend, backend, server, client, state, limit"],
])("%s is refused in a sentence", async (query, sentence) => {
  const admin = await startAdmin(tcpConfig({ s1: await startServer(echoes) }));
  const { status, body } = await admin.send(`/api/v1/sessions?${query}`);
  expect(status).toBe(400);
  expect(body.error).toContain(sentence);
});

/** Sessions on both of two workers. */
async function twoWorkers(): Promise<{ admin: Admin; clients: Peer[] }> {
  const server = await startServer(echoes);
  const admin = await startAdmin(tcpConfig({ s1: server }, { global: { workers: 2 } }));
  const clients: Peer[] = [];
  await until("sessions on both workers", async () => {
    clients.push(await talk(admin.front));
    return new Set((await rowsOf(admin)).map(({ worker }) => worker)).size === 2;
  });
  return { admin, clients };
}

test("the sessions of all workers come together, newest first, up to the limit", async () => {
  const { admin, clients } = await twoWorkers();
  while (clients.length < 12) clients.push(await talk(admin.front));
  const rows = await rowsOf(admin);
  expect(rows.map(({ client }) => client).toSorted()).toEqual(
    clients.map(({ address }) => address).toSorted(),
  );
  const starts = rows.map(({ start }) => start);
  expect(starts).toEqual(starts.toSorted().toReversed());
  const some = await admin.get("/sessions?limit=5");
  expect(some.more).toBe(true);
  expect(some.sessions.map(({ start }: Row) => start)).toEqual(starts.slice(0, 5));
  expect(await admin.get("/sessions?limit=12")).toMatchObject({ more: false });
});

test("a worker that dies meanwhile leaves an answer that says so", async () => {
  const { admin, clients } = await twoWorkers();
  const victim = admin.supervisor.workers[0];
  if (victim === undefined) throw new Error("no worker");
  // It hears the question no more.
  const asked = new Promise<void>((resolve) => {
    victim.send = () => resolve();
  });
  const answer = admin.get("/sessions");
  await asked;
  await victim.terminate();
  const { sessions, complete, missing } = await answer;
  expect(complete).toBe(false);
  expect(missing).toEqual([{ worker: 0, reason: "worker 0 has died" }]);
  expect(sessions.length).toBeGreaterThan(0);
  expect(sessions.every(({ worker }: Row) => worker === 1)).toBe(true);
  await until("a successor", () => {
    const successor = admin.supervisor.workers[0];
    return successor !== victim && successor?.waker;
  });
  const survivors = clients.filter(({ ending }) => ending === null);
  expect(await admin.get("/sessions")).toMatchObject({ complete: true });
  expect((await rowsOf(admin)).length).toBe(survivors.length);
});

test("a worker that does not answer is not waited for long, and others go on asking", async () => {
  const { admin } = await twoWorkers();
  const silent = admin.supervisor.workers[1];
  if (silent === undefined) throw new Error("no worker");
  const send = silent.send.bind(silent);
  silent.send = () => {};
  const [one, two] = await Promise.all([admin.get("/sessions"), admin.get("/sessions?limit=1")]);
  const missing = [{ worker: 1, reason: "worker 1 did not answer within 2 s" }];
  expect([one.missing, two.missing]).toEqual([missing, missing]);
  silent.send = send;
  expect(await admin.get("/sessions")).toMatchObject({ complete: true });
});
