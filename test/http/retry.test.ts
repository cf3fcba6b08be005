// A second chance that the client does not see: for which causes, for which requests, how often.
import { expect, test } from "vitest";
import { Asker, type Pair, startHttp } from "../support/http-ballast.ts";
import { request, startHttpServer } from "../support/http.ts";
import { refusingAddress } from "../support/refusing.ts";
import { response, startScripted, tells } from "../support/scripted.ts";
import { until } from "../support/until.ts";

test("what fails at one server is tried at another, for the causes that the configuration names", async () => {
  const mute = await startScripted((_asked, peer) => peer.end());
  const slow = await startScripted(() => {});
  const odd = await startScripted((_asked, peer) => peer.write("nonsense\r\n\r\n"));
  const busy = await startScripted((_asked, peer) => peer.write(response("busy", [], 503)));
  const good = await startScripted(tells);
  const dead = refusingAddress();
  const perTry = { attempts: 3, perTryTimeout: "150ms" };
  const pair = (bad: string, retry: object): Pair => ({
    servers: { bad, good: good.address },
    retry,
  });
  const ballast = await startHttp({
    refused: pair(dead, {}),
    empty: pair(mute.address, {}),
    timeout: pair(slow.address, { ...perTry, on: ["responseTimeout"] }),
    impatient: pair(slow.address, perTry),
    junk: pair(odd.address, { on: ["junkResponse"] }),
    nonsense: pair(odd.address, {}),
    status: pair(busy.address, { on: [503] }),
    passed: pair(busy.address, {}),
    unwanted: pair(mute.address, { on: ["connFailure"] }),
  });
  const expected = {
    refused: "200",
    empty: "200",
    timeout: "200",
    impatient: "200 504",
    junk: "200",
    nonsense: "200 502",
    status: "200",
    passed: "200 503",
    unwanted: "200 502",
  };
  const statuses: Record<string, string> = {};
  for (const name of Object.keys(expected)) {
    const seen = new Set<string>();
    for (let i = 0; i < 4; i++) seen.add(String((await request(ballast.at(name))).status));
    statuses[name] = [...seen].toSorted().join(" ");
  }
  expect(statuses).toEqual(expected);
  expect(ballast.backend("refused")).toMatchObject({ httpRetries: 0, redispatches: 2 });
  expect(ballast.backend("empty")).toMatchObject({ httpRetries: 2, redispatches: 2 });
  expect(ballast.backend("timeout")).toMatchObject({ httpRetries: 2 });
  await ballast.untilIdle();
});

test("attempts end: the client gets the last answer, or a 502", async () => {
  const busy = await startScripted((_asked, peer) => peer.write(response("no", [], 503)));
  const others = await Promise.all(
    [1, 2].map(() => startScripted((_asked, peer) => peer.write(response("no", [], 503)))),
  );
  const mute = await startScripted((_asked, peer) => peer.end());
  const more = await startScripted((_asked, peer) => peer.end());
  const ballast = await startHttp({
    busy: {
      servers: { a: busy.address, b: others[0]?.address, c: others[1]?.address },
      retry: { on: [503], attempts: 1 },
    },
    mute: {
      servers: { a: mute.address, b: more.address },
      retry: { on: ["emptyResponse"], attempts: 1 },
    },
    none: { servers: { a: mute.address, b: more.address }, retry: { attempts: 0 } },
  });
  expect((await request(ballast.at("busy"))).status).toBe(503);
  const asked = [busy, ...others].map((server) => String(server.asked.length));
  expect(asked.toSorted()).toEqual(["0", "1", "1"]);
  expect((await request(ballast.at("mute"))).status).toBe(502);
  expect([mute.asked.length, more.asked.length]).toEqual([1, 1]);
  expect((await request(ballast.at("none"))).status).toBe(502);
  expect(mute.asked.length + more.asked.length).toBe(3);
  await ballast.untilIdle();
});

test("a body is sent again as long as it was kept, and what is not idempotent only when asked for", async () => {
  const bodies: string[] = [];
  const flaky = await startHttpServer((asked, answer) => {
    let body = "";
    asked.setEncoding("latin1").on("data", (chunk: string) => (body += chunk));
    asked.on("end", () => {
      bodies.push(`${asked.method} ${body.length}`);
      answer.destroy();
    });
  });
  const good = await startHttpServer((asked, answer) => {
    let body = "";
    asked.setEncoding("latin1").on("data", (chunk: string) => (body += chunk));
    asked.on("end", () => answer.end(`${asked.method} ${body.length}`));
  });
  // In turns: of two requests one meets the flaky one first.
  const servers = { flaky: flaky.address, good: good.address };
  const ballast = await startHttp({
    usual: { servers, retry: { maxBody: "1KiB" } },
    bold: { servers, retry: { maxBody: "1KiB", nonIdempotent: true } },
  });
  const kinds = {
    put: ["usual", { method: "PUT", body: "x".repeat(1000) }],
    long: ["usual", { method: "PUT", body: "x".repeat(5000) }],
    post: ["usual", { method: "POST", body: "x" }],
    bold: ["bold", { method: "POST", body: "x".repeat(1000) }],
    boldLong: ["bold", { method: "POST", body: "x".repeat(5000) }],
  } as const;
  const seen: Record<string, string> = {};
  for (const [kind, [name, options]] of Object.entries(kinds)) {
    const answers: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { status, body } = await request(ballast.at(name), "/", options);
      answers.push(status === 200 ? body : String(status));
    }
    seen[kind] = answers.toSorted().join(", ");
  }
  expect(seen).toEqual({
    put: "PUT 1000, PUT 1000",
    long: "502, PUT 5000",
    post: "502, POST 1",
    bold: "POST 1000, POST 1000",
    boldLong: "502, POST 5000",
  });
  expect(bodies).toEqual(["PUT 1000", "PUT 5000", "POST 1", "POST 1000", "POST 5000"]);
  // Framed by chunks it is kept as it comes.
  const clients = await Promise.all([1, 2].map(() => Asker.connect(ballast.at("usual"))));
  for (const client of clients) {
    const fields = ["Transfer-Encoding: chunked"];
    client.send("/", { method: "PUT", fields });
    client.peer.write(`200\r\n${"x".repeat(512)}\r\n0\r\n\r\n`);
  }
  const answers = await Promise.all(clients.map((client) => client.next()));
  expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual([
    "200 PUT 512",
    "200 PUT 512",
  ]);
  for (const { peer } of clients) peer.reset();
  await ballast.untilIdle();
});

test("a budget keeps retries from multiplying the load", async () => {
  const busy = await startScripted((_asked, peer) => peer.write(response("no", [], 503)));
  const same = await startScripted((_asked, peer) => peer.write(response("no", [], 503)));
  const servers = { a: busy.address, b: same.address };
  const ballast = await startHttp({
    tight: { servers, retry: { on: [503], attempts: 1, budget: { percent: 10, min: 0 } } },
    free: { servers, retry: { on: [503], attempts: 1, budget: 0 } },
  });
  for (const name of ["tight", "free"]) {
    const client = await Asker.connect(ballast.at(name));
    for (let i = 0; i < 40; i++) expect((await client.ask("/")).status).toBe(503);
  }
  expect(ballast.backend("free").httpRetries).toBe(40);
  const { httpRetries } = ballast.backend("tight");
  expect(httpRetries).toBeGreaterThan(0);
  // A window may turn meanwhile, and half of what it counted stays.
  expect(httpRetries).toBeLessThanOrEqual(6);
});

test("a backend whose servers all fail hands the exchange over to the next", async () => {
  const mute = await startScripted((_asked, peer) => peer.end());
  const eu = await startScripted(tells);
  const dead = refusingAddress();
  const ballast = await startHttp({
    back: { servers: { a: mute.address, b: dead }, failover: ["eu"] },
    eu: { servers: { c: eu.address } },
  });
  const client = await Asker.connect(ballast.at("back"));
  for (let i = 0; i < 4; i++) expect((await client.ask("/")).status).toBe(200);
  expect(ballast.backend("eu").failovers).toBe(4);
  ballast.setServer("eu/c", "maint");
  ballast.setServer("back/a", "maint");
  ballast.setServer("back/b", "maint");
  await until("nobody to be left", async () => (await client.ask("/")).status === 503);
  ballast.setServer("eu/c", "ready");
  await until("one to be back", async () => (await client.ask("/")).status === 200);
  client.peer.reset();
  await ballast.untilIdle();
});

test("a response that has begun is never tried again: the client sees it cut", async () => {
  const cut = await startScripted((_asked, peer) => {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    peer.end();
  });
  const ballast = await startHttp({
    back: { servers: { a: cut.address }, retry: { on: ["emptyResponse", "junkResponse"] } },
  });
  const client = await Asker.connect(ballast.at("back"));
  client.send("/");
  await client.peer.untilReset();
  expect(cut.asked).toHaveLength(1);
  await ballast.untilIdle();
  expect(ballast.frontend("back")).toMatchObject({ serverAborts: 1 });
});
