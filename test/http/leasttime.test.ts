// leasttime in http mode goes by the time to a response's head: a server that accepts at once and thinks
// for long is slow, as it is not in tcp mode.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { Asker, startHttp } from "../support/http-ballast.ts";
import { named, startHttpServer } from "../support/http.ts";

/** Longer than any hiccup of the machine. */
const thinkMs = 3000;

test("a server that thinks for long is found, and gets next to nothing", async () => {
  const slow = await startHttpServer((_asked, response) => {
    void delay(thinkMs).then(() => response.end("slow"));
  });
  const fast = await startHttpServer(named("fast"));
  const ballast = await startHttp({
    back: { balance: "leasttime", servers: { slow: slow.address, fast: fast.address } },
  });
  const client = await Asker.connect(ballast.at("back"));
  const found: string[] = [];
  // Until both have been measured, they take turns.
  while (!found.includes("slow")) found.push((await client.ask("/")).body);
  while (!found.includes("fast")) found.push((await client.ask("/")).body);
  const [before, times] = [slow.requests.length, 20];
  for (let i = 0; i < times; i++) expect((await client.ask("/")).status).toBe(200);
  expect(slow.requests.length - before).toBeLessThan(times / 4);
  expect(ballast.server(0).latencyUs).toBeGreaterThan(thinkMs * 500);
  expect(ballast.server(1).latencyUs).toBeLessThan(ballast.server(0).latencyUs);
  client.peer.reset();
  await ballast.untilIdle();
});
