// maxconn in http mode counts exchanges, not connections: who is idle between two requests holds no
// place, who waits too long gets a 503.
import { expect, test } from "vitest";
import { Asker, startHttp } from "../support/http-ballast.ts";
import type { Peer } from "../support/peer.ts";
import { response, type ScriptedServer, startScripted } from "../support/scripted.ts";
import { until } from "../support/until.ts";

/** Answers at once, but /held when the test says so. */
async function startHolding(
  name: string,
): Promise<ScriptedServer & { readonly held: (() => void)[] }> {
  const held: (() => void)[] = [];
  const server = await startScripted(({ target }, peer: Peer) => {
    const answer = (): void => peer.write(response(name));
    if (target === "/held") held.push(answer);
    else answer();
  });
  return { ...server, held };
}

test("idle clients hold no place, waiting ones are served in turn", async () => {
  const server = await startHolding("s");
  const ballast = await startHttp({
    all: { servers: { s: { address: server.address, maxconn: 1 } }, timeout: { queue: "30s" } },
  });
  const [one, two, three] = [
    await Asker.connect(ballast.at("all")),
    await Asker.connect(ballast.at("all")),
    await Asker.connect(ballast.at("all")),
  ];
  for (const client of [one, two, three, one]) {
    expect((await client.ask("/")).status).toBe(200);
    // The client may have its answer a moment before the place is free.
    await until("the place to be free", () => ballast.backend("all").placed === 0);
  }
  expect(ballast.backend("all").waits).toBe(0);
  one.send("/held");
  await until("it to be asked", () => server.held.length === 1);
  two.send("/second");
  await until("it to wait", () => ballast.backend("all").queued === 1);
  three.send("/third");
  await until("both to wait", () => ballast.backend("all").queued === 2);
  server.held[0]?.();
  await Promise.all([one.next(), two.next(), three.next()]);
  expect(server.asked.slice(-2).map(({ target }) => target)).toEqual(["/second", "/third"]);
  await until("all places to be free", () => ballast.backend("all").placed === 0);
  expect(ballast.backend("all")).toMatchObject({ waits: 2, queued: 0 });
});

test("who waits in vain gets a 503 and may go on; who leaves the queue leaves no place taken", async () => {
  const server = await startHolding("s");
  const ballast = await startHttp({
    brief: { servers: { s: { address: server.address, maxconn: 1 } }, timeout: { queue: "100ms" } },
    long: { servers: { s: { address: server.address, maxconn: 1 } }, timeout: { queue: "30s" } },
  });
  const first = await Asker.connect(ballast.at("brief"));
  const second = await Asker.connect(ballast.at("brief"));
  first.send("/held");
  await until("it to be asked", () => server.held.length === 1);
  expect((await second.ask("/")).status).toBe(503);
  expect((await second.ask("/", { method: "POST", body: "body" })).status).toBe(503);
  expect(ballast.backend("brief")).toMatchObject({ queueTimeouts: 2, queued: 0 });
  server.held[0]?.();
  expect((await first.next()).body).toBe("s");
  await until("the place to be free", () => ballast.backend("brief").placed === 0);
  expect((await second.ask("/")).body).toBe("s");

  const holder = await Asker.connect(ballast.at("long"));
  const leaver = await Asker.connect(ballast.at("long"));
  const heir = await Asker.connect(ballast.at("long"));
  holder.send("/held");
  await until("it to be asked", () => server.held.length === 2);
  leaver.send("/left");
  await until("it to wait", () => ballast.backend("long").queued === 1);
  heir.send("/heir", { method: "PUT", body: "of the heir" });
  await until("both to wait", () => ballast.backend("long").queued === 2);
  leaver.peer.reset();
  await until("one to have left", () => ballast.backend("long").queued === 1);
  server.held[1]?.();
  expect((await heir.next()).status).toBe(200);
  expect(server.asked.at(-1)).toMatchObject({ target: "/heir", body: "of the heir" });
  expect(server.asked.map(({ target }) => target)).not.toContain("/left");
  for (const { peer } of [first, second, holder, heir]) peer.reset();
  await ballast.untilIdle();
  expect(ballast.backend("long").placed).toBe(0);
});

test("leastconn counts exchanges, not connections", async () => {
  const a = await startHolding("a");
  const b = await startHolding("b");
  const ballast = await startHttp({
    all: { servers: { a: a.address, b: b.address }, balance: "leastconn" },
  });
  const idle: Asker[] = [];
  for (let i = 0; i < 4; i++) {
    const client = await Asker.connect(ballast.at("all"));
    await client.ask("/");
    idle.push(client);
  }
  const [holder, ...others] = idle as [Asker, ...Asker[]];
  holder.send("/held");
  await until("it to be asked", () => a.held.length + b.held.length === 1);
  const free = a.held.length === 1 ? "b" : "a";
  const bodies: string[] = [];
  for (const client of [...others, ...others]) bodies.push((await client.ask("/")).body);
  expect(bodies).toEqual(bodies.map(() => free));
  (a.held[0] ?? b.held[0])?.();
  await holder.next();
  const shared = new Set<string>();
  for (let i = 0; i < 4; i++) shared.add((await holder.ask("/")).body);
  expect([...shared].toSorted()).toEqual(["a", "b"]);
});
