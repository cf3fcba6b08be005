// A reload meets sessions in tcp mode whose route is not known yet, or that wait for a server: the routes
// of the new plan have them, and who waits keeps its place where it may. Nothing is left counted on a
// backend that a session never came to.
import { describe, expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { helloOf } from "../support/hello.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import type { Peer } from "../support/peer.ts";
import { reload } from "../support/reloading.ts";
import { answersDigest, greets, says, startServer, type TestServer } from "../support/servers.ts";
import { onReactor, reactors, type Settings } from "../support/tcp-config.ts";
import { sha256 } from "../support/payload.ts";
import { until } from "../support/until.ts";

const hello = helloOf({ sni: "a.example", alpn: ["h2"] });
const half = 60;
const plain = { mode: "tcp", bind: "127.0.0.1:0" };

/** All names of a.example have `backend`. */
function routedTo(backend: string, more: Settings = {}): Settings {
  return { ...plain, ...more, routes: [{ match: { sni: "a.example" }, backend }] };
}

function config(frontends: Settings, backends: Readonly<Record<string, TestServer>>): Settings {
  const entries = Object.entries(backends).map(([name, server]) => {
    return [name, { servers: { [name]: server.address } }] as const;
  });
  return {
    global: { workers: 1, admin: "off" },
    frontends,
    backends: Object.fromEntries(entries),
  };
}

/** Has sent the first half of its hello, and Ballast is reading it. */
async function openHalf(ballast: Ballast): Promise<Peer> {
  const client = await connectClient(ballast.address);
  client.write(hello.subarray(0, half));
  // Whoever comes after it has ended: so it has been accepted.
  const late = await connectClient(ballast.address);
  late.write("no TLS");
  await late.untilReset();
  await ballast.untilLogged((line) => line.client === late.address && line.termination === "PR");
  return client;
}

/** Sends the rest of the hello and FIN; what the server says of it. */
async function finish(client: Peer): Promise<string> {
  client.end(hello.subarray(half));
  return (await client.untilEnd()).toString();
}

describe.each(reactors)("on the %s reactor a session whose hello is half there", (reactor) => {
  test("goes where the new plan's route leads, with all its bytes", async () => {
    const [one, two] = await Promise.all([startServer(says("one")), startServer(answersDigest)]);
    const before = config({ front: routedTo("one") }, { one });
    const ballast = await startBallast({ ...before, ...globalOf(reactor) });
    const client = await openHalf(ballast);
    await reload(ballast, { ...config({ front: routedTo("two") }, { two }), ...globalOf(reactor) });
    expect(await finish(client)).toBe(sha256(hello));
    expect(one.peers).toHaveLength(0);
    const line = await ballast.untilLogged((each) => each.client === client.address);
    expect(line).toMatchObject({ backend: "two", sni: "a.example", termination: "--" });
  });

  test("is closed when no route of the new plan takes it", async () => {
    const one = await startServer(says("one"));
    const ballast = await startBallast({
      ...config({ front: routedTo("one") }, { one }),
      ...globalOf(reactor),
    });
    const client = await openHalf(ballast);
    const routes = [{ match: { sni: "b.example" }, backend: "one" }];
    const after = config({ front: { ...plain, routes } }, { one });
    await reload(ballast, { ...after, ...globalOf(reactor) });
    client.write(hello.subarray(half));
    await client.untilReset();
    const line = await ballast.untilLogged((each) => each.client === client.address);
    expect(line).toMatchObject({
      backend: "",
      reason: "no route for the server name a.example",
      termination: "PR",
    });
  });
});

function globalOf(reactor: (typeof reactors)[number]): Settings {
  return { global: { workers: 1, admin: "off", ...onReactor(reactor).global } };
}

describe("a frontend that is removed while a hello is half there", () => {
  test("leads it to its backend as long as that is left", async () => {
    const [one, two] = await Promise.all([startServer(says("one")), startServer(says("two"))]);
    const ballast = await startBallast(config({ front: routedTo("one") }, { one }));
    const client = await openHalf(ballast);
    await reload(ballast, config({ other: { ...plain, backend: "two" } }, { one, two }));
    expect(await finish(client)).toBe("one");
  });

  test.each([{}, { backend: "two" }])(
    "resets it when nothing is left, with it or after it: %j",
    async (rest) => {
      const [one, two] = await Promise.all([startServer(says("one")), startServer(says("two"))]);
      const front = routedTo("one", "backend" in rest ? { backend: "two" } : {});
      const started = config({ front, other: { ...plain, backend: "two" } }, { one, two });
      const ballast = await startBallast(started);
      const client = await connectClient(ballast.address);
      client.write(hello.subarray(0, half));
      const late = await connectClient(ballast.address);
      late.end(hello);
      expect((await late.untilEnd()).toString()).toBe("one");
      await reload(ballast, config({ other: { ...plain, backend: "two" } }, { two }));
      // With a backend of its own left it might have gone there; its route leads to the one that is gone.
      if ("backend" in rest) client.write(hello.subarray(half));
      await client.untilReset();
      const line = await ballast.untilLogged((each) => each.client === client.address);
      expect(line).toMatchObject({ frontend: "front", backend: "", termination: "KR" });
    },
  );

  test("and becomes one of http mode", async () => {
    const one = await startServer(says("one"));
    const ballast = await startBallast(config({ front: routedTo("one") }, { one }));
    const client = await openHalf(ballast);
    const http = { mode: "http", bind: "127.0.0.1:0", backend: "one" };
    await reload(ballast, config({ front: http }, { one }));
    await client.untilReset();
    const line = await ballast.untilLogged((each) => each.client === client.address);
    expect(line).toMatchObject({ backend: "", termination: "KR" });
  });
});

function full({ address }: TestServer): Settings {
  return { servers: { only: { address, maxconn: 1 } } };
}

describe("a session that waits for a place when the routes change", () => {
  const global = { workers: 1, admin: "off", log: { access: "off", level: "error" } };
  const limits = { defaults: { timeout: { queue: 0 } }, global };

  test.each<[string, Settings, readonly string[], string]>([
    [
      "keeps it while its frontend may still lead there",
      { ...plain, backend: "one", routes: [{ match: { sni: "a.example" }, backend: "two" }] },
      ["one", "two"],
      "one",
    ],
    ["goes to where its new route leads, else", routedTo("two"), ["one", "two"], "two"],
    [
      "stays where it is when no route takes it",
      { ...plain, routes: [{ match: { sni: "b.example" }, backend: "two" }] },
      ["one", "two"],
      "one",
    ],
  ])("%s", async (_, front, names, expected) => {
    const [one, two] = await Promise.all([startServer(greets("one")), startServer(greets("two"))]);
    const all: Record<string, Settings> = { one: full(one), two: full(two) };
    const backends = Object.fromEntries(names.map((name) => [name, all[name]]));
    const before = { ...limits, frontends: { front: routedTo("one") }, backends: all };
    const supervisor = await startSupervisor(before);
    const first = await connectClient(supervisor.addresses[0] ?? "");
    first.write(hello);
    await first.untilText("one");
    const second = await connectClient(supervisor.addresses[0] ?? "");
    second.write(hello);
    await until("it to wait", () => supervisor.board.backends.snapshot(0).queued === 1);
    await supervisor.replace(planOf({ ...limits, frontends: { front }, backends }));
    if (expected === "one") first.reset();
    await second.untilText(expected);
    expect(two.peers).toHaveLength(expected === "two" ? 1 : 0);
    for (const client of [first, second]) client.reset();
  });
});

test("whom no backend had is counted on none, however it ends", async () => {
  const server = await startServer(says("one"));
  const front = { ...routedTo("one"), timeout: { clientHs: "100ms" } };
  const global = { workers: 1, admin: "off", log: { access: "off", level: "error" } };
  const supervisor = await startSupervisor({ ...config({ front }, { one: server }), global });
  const { backends, frontends } = supervisor.board;
  const address = supervisor.addresses[0] ?? "";
  const [plainText, silent, gone, wrong] = await Promise.all(
    Array.from({ length: 4 }, () => connectClient(address)),
  );
  plainText?.write("GET /");
  gone?.reset();
  wrong?.write(helloOf({ sni: "b.example" }));
  for (const client of [plainText, silent, wrong]) await client?.untilReset();
  await until("their ends", () => frontends.snapshot(0).active === 0);
  expect(frontends.snapshot(0)).toMatchObject({ denied: 2, clientTimeouts: 1, clientAborts: 1 });
  expect(backends.snapshot(0)).toMatchObject({ active: 0, sessions: 0 });
  const served = await connectClient(address);
  served.end(hello);
  expect((await served.untilEnd()).toString()).toBe("one");
  await until("its end", () => frontends.snapshot(0).active === 0);
  expect(backends.snapshot(0)).toMatchObject({ active: 0, sessions: 1 });
});
