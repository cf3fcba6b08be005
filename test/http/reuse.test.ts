// Connections to servers carry one request after the other: when they may, for how long, and what
// happens when the server has closed one that was about to be used.
import { expect, test } from "vitest";
import { Asker, startHttp } from "../support/http-ballast.ts";
import { response, startScripted, tells } from "../support/scripted.ts";
import { until } from "../support/until.ts";

test("reuse always, safe and never decide whether a request takes an idle connection", async () => {
  const servers = await Promise.all([1, 2, 3].map(() => startScripted(tells)));
  const [always, safe, never] = servers.map(({ address }) => ({ one: address }));
  const ballast = await startHttp({
    always: { servers: always ?? {}, reuse: "always" },
    safe: { servers: safe ?? {}, reuse: "safe" },
    // Nothing waits for a time that is not to come.
    never: { servers: never ?? {}, reuse: { mode: "never", idleTimeout: "10m" } },
  });
  const seen: Record<string, string[]> = {};
  for (const name of ["always", "safe", "never"]) {
    const first = await Asker.connect(ballast.at(name));
    const second = await Asker.connect(ballast.at(name));
    const third = await Asker.connect(ballast.at(name));
    const answers = [
      await first.ask("/1"),
      await first.ask("/2"),
      // The first of its connection, and could be sent again.
      await second.ask("/3"),
      // The first of its connection, and could not.
      await third.ask("/4", { method: "POST", body: "x" }),
      await third.ask("/5", { method: "POST", body: "x" }),
    ];
    seen[name] = answers.map(({ body }) => body);
  }
  expect(seen).toEqual({
    always: ["0.0", "0.1", "0.2", "0.3", "0.4"],
    safe: ["0.0", "0.1", "0.2", "1.0", "1.1"],
    never: ["0.0", "1.0", "2.0", "3.0", "4.0"],
  });
  expect([0, 1, 2].map((row) => ballast.server(row).reuses)).toEqual([4, 3, 0]);
  expect([0, 1, 2].map((row) => ballast.server(row).connects)).toEqual([1, 2, 5]);
  // What is not kept is closed.
  const closed = await Promise.all((servers[2]?.peers ?? []).map((peer) => peer.untilEnding()));
  expect(closed).toEqual(["fin", "fin", "fin", "fin", "fin"]);
});

test("an idle connection is nobody's or one client's, never two clients' at once", async () => {
  const held: (() => void)[] = [];
  const server = await startScripted(({ target, connection }, peer) => {
    const answer = (): void => peer.write(response(`${target} ${connection}`));
    if (target.startsWith("/held")) held.push(answer);
    else answer();
  });
  const ballast = await startHttp({ all: { servers: { one: server.address }, reuse: "always" } });
  const clients = await Promise.all([1, 2, 3, 4].map(() => Asker.connect(ballast.at("all"))));
  const [first] = clients as [Asker];
  await first.ask("/warm");
  clients.forEach((client, i) => client.send(`/held${i}`));
  await until("all to be asked", () => held.length === 4);
  const used = server.asked.slice(1).map(({ connection }) => String(connection));
  expect(used.toSorted()).toEqual(["0", "1", "2", "3"]);
  // The last one asked is answered first.
  for (const answer of held.toReversed()) answer();
  const bodies = await Promise.all(clients.map(async (client) => (await client.next()).body));
  expect(bodies.map((body) => body.split(" ")[0])).toEqual([
    "/held0",
    "/held1",
    "/held2",
    "/held3",
  ]);
  // Four are idle now; the one used last is used first.
  for (let i = 0; i < 3; i++) await first.ask("/again");
  expect(new Set(server.asked.slice(5).map(({ connection }) => connection)).size).toBe(1);
  expect(server.peers).toHaveLength(4);
});

test("limits of time, number and requests end idle connections", async () => {
  const [timed, few, counted, aged] = [
    await startScripted(tells),
    await startScripted(tells),
    await startScripted(tells),
    await startScripted(tells),
  ];
  const ballast = await startHttp({
    timed: { servers: { s: timed.address }, reuse: { mode: "always", idleTimeout: "200ms" } },
    few: { servers: { s: few.address }, reuse: { mode: "always", maxIdle: 2 } },
    counted: { servers: { s: counted.address }, reuse: { mode: "always", maxRequests: 2 } },
    aged: { servers: { s: aged.address }, reuse: { mode: "always", maxAge: "1ms" } },
  });
  const one = await Asker.connect(ballast.at("timed"));
  await one.ask("/");
  expect(await (await timed.peer()).untilEnding()).toBe("fin");
  expect((await one.ask("/")).body).toBe("1.0");

  const crowd = await Promise.all([1, 2, 3, 4, 5].map(() => Asker.connect(ballast.at("few"))));
  await Promise.all(crowd.map((client) => client.ask("/")));
  const opened = few.peers.length;
  await until("all but two to be closed", () => {
    const closed = few.peers.filter(({ ending }) => ending === "fin").length;
    return closed === opened - 2;
  });

  const asker = await Asker.connect(ballast.at("counted"));
  const bodies: string[] = [];
  for (let i = 0; i < 5; i++) bodies.push((await asker.ask("/")).body);
  expect(bodies).toEqual(["0.0", "0.1", "1.0", "1.1", "2.0"]);

  const old = await Asker.connect(ballast.at("aged"));
  await old.ask("/");
  expect(await (await aged.peer()).untilEnding()).toBe("fin");
  expect((await old.ask("/")).body).toBe("1.0");
});

test("a connection that the server closes between two requests is not used again", async () => {
  const server = await startScripted(({ connection }, peer) => {
    peer.write(response(String(connection)));
    // In a moment of its own, so that it is idle by then.
    if (connection === 0) setTimeout(() => peer.end(), 50);
    if (connection === 1) setTimeout(() => peer.reset(), 50);
    if (connection === 2) peer.end();
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "always" } });
  const client = await Asker.connect(ballast.at("all"));
  for (let i = 0; i < 3; i++) {
    // POST: nothing but noticing in time helps it.
    expect((await client.ask("/", { method: "POST", body: "x" })).body).toBe(String(i));
    const peer = await server.peer(i);
    await until("the end to have gone through", () => peer.socket.destroyed);
    await until("it to be noticed", () => ballast.server(0).active === 0);
  }
  expect((await client.ask("/", { method: "POST", body: "x" })).body).toBe("3");
  expect(ballast.server(0)).toMatchObject({ replays: 0, connects: 4 });
  expect(ballast.frontend("all")).toMatchObject({ http5xx: 0 });
});

test("a connection closed just when the next request arrives costs GET nothing, and POST a 502", async () => {
  let broken = 0;
  const server = await startScripted((asked, peer) => {
    if (asked.turn === 0) {
      tells(asked, peer);
      return;
    }
    broken++;
    if (broken % 2 === 0) peer.end();
    else peer.reset();
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "always" } });
  const client = await Asker.connect(ballast.at("all"));
  const statuses: number[] = [];
  for (const method of ["GET", "GET", "GET", "PUT", "DELETE", "HEAD"]) {
    const body = method === "PUT" ? "a body" : "";
    statuses.push((await client.ask("/", { method, body })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
  expect(broken).toBe(5);
  // The body has come again, whole.
  const puts = server.asked.filter(({ method }) => method === "PUT");
  expect(puts.map(({ body }) => body)).toEqual(["a body", "a body"]);
  expect(ballast.server(0)).toMatchObject({ replays: 5, retries: 0 });
  expect(ballast.backend("all")).toMatchObject({ httpRetries: 0 });
  // It may have been done: whether again is for its client to say.
  expect((await client.ask("/", { method: "POST", body: "x" })).status).toBe(502);
  expect(server.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("what a server says unasked is nobody's answer", async () => {
  const server = await startScripted((asked, peer) => {
    tells(asked, peer);
    if (asked.target === "/later") setTimeout(() => peer.write(response("poison")), 50);
    // Behind the response, in the same segment or the next.
    if (asked.target === "/behind") peer.write(response("poison"));
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "always" } });
  const client = await Asker.connect(ballast.at("all"));
  expect((await client.ask("/later")).body).toBe("0.0");
  await (await server.peer(0)).untilEnding();
  expect((await client.ask("/")).body).toBe("1.0");
  expect((await client.ask("/behind")).body).toBe("1.1");
  await (await server.peer(1)).untilEnding();
  expect((await client.ask("/")).body).toBe("2.0");
  expect(client.peer.text).not.toContain("poison");
});

test("a connection whose response was cut short, or said close, or was HTTP/1.0 carries no other", async () => {
  const server = await startScripted((asked, peer) => {
    if (asked.target === "/close") peer.write(response("bye", ["Connection: close"]));
    else if (asked.target === "/old") peer.write("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold");
    else if (asked.target === "/until") peer.end("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    else tells(asked, peer);
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "always" } });
  const client = await Asker.connect(ballast.at("all"));
  expect((await client.ask("/close")).body).toBe("bye");
  expect((await client.ask("/old")).body).toBe("old");
  expect((await client.ask("/until")).body).toBe("until the end");
  expect((await client.ask("/")).body).toBe("3.0");
  expect((await client.ask("/")).body).toBe("3.1");
  expect(ballast.server(0)).toMatchObject({ connects: 4, reuses: 1 });
});
