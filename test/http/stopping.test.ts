// Reloads and the graceful stop under clients that keep their connections.
import { expect, test } from "vitest";
import { Asker, pairsConfig, startHttp } from "../support/http-ballast.ts";
import { planOf } from "../support/library.ts";
import { response, startScripted } from "../support/scripted.ts";
import { until } from "../support/until.ts";

test("a stop closes idle clients, and a running response finishes and says close", async () => {
  const held: (() => void)[] = [];
  const server = await startScripted(({ target }, peer) => {
    if (target === "/held") held.push(() => peer.write(response("whole")));
    else peer.write(response("at once"));
  });
  const pairs = { all: { servers: { s: server.address } } };
  const ballast = await startHttp(pairs, { shutdownTimeout: "60s" });
  const idle = await Asker.connect(ballast.at("all"));
  const fresh = await Asker.connect(ballast.at("all"));
  const busy = await Asker.connect(ballast.at("all"));
  await idle.ask("/");
  busy.send("/held");
  await until("it to be asked", () => held.length === 1);
  await until("all to be in", () => ballast.frontend("all").active === 3);
  const stopped = ballast.supervisor.stop();
  expect(await idle.peer.untilEnding()).toBe("fin");
  expect(await fresh.peer.untilEnding()).toBe("fin");
  held[0]?.();
  const last = await busy.next();
  expect(last).toMatchObject({ status: 200, body: "whole" });
  expect(last.fields["connection"]).toBe("close");
  expect(await busy.peer.untilEnding()).toBe("fin");
  await stopped;
  // Nor do idle connections to servers stay.
  await Promise.all(server.peers.map((peer) => peer.untilEnding()));
});

test("reloads under traffic over kept connections lose nothing", async () => {
  const servers = await Promise.all(
    ["a", "b", "c"].map((name) => startScripted((_asked, peer) => peer.write(response(name)))),
  );
  const [a, b, c] = servers.map(({ address }) => address);
  const plans = [{ a, b }, { b, c }, { c }, { a, c }].map((each) => ({ all: { servers: each } }));
  const ballast = await startHttp(plans[0] ?? {});
  // The bind is the one that it has by now.
  const bind = ballast.at("all");
  const load = { running: true };
  let count = 0;
  const failures: string[] = [];
  const bodies = new Set<string>();
  const clients = Array.from({ length: 8 }, async () => {
    const client = await Asker.connect(bind);
    for (let i = 0; load.running; i++) {
      const post = i % 2 === 0 ? { method: "POST", body: "x" } : {};
      const { status, body } = await client.ask("/", post);
      if (status !== 200) failures.push(String(status));
      bodies.add(body);
      count++;
    }
  });
  const more = async (): Promise<void> => {
    const goal = count + 50;
    await until("more answers", () => count >= goal);
  };
  await more();
  for (const plan of [...plans.slice(1), ...plans]) {
    await ballast.supervisor.replace(planOf(pairsConfig(plan)));
    await more();
  }
  load.running = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect([...bodies].toSorted()).toEqual(["a", "b", "c"]);
  // Connections to a server that is gone do not stay idle.
  const last = servers[2];
  await ballast.supervisor.replace(planOf(pairsConfig(plans[0] ?? {})));
  await Promise.all((last?.peers ?? []).map((peer) => peer.untilEnding()));
});
