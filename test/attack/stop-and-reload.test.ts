// Moments that meet: a worker dies while the process stops; a handshake lasts longer than the plan
// under which it began.
import { expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { connectClient } from "../support/clients.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import { echoes, freePort, greets, startServer, type TestServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

/** Sessions on each server row that these plans can have used. */
function active({ board }: Supervisor): number[] {
  return [0, 1, 2].map((row) => board.servers.snapshot(row).active);
}

const log = { access: "off", level: "error" };

test("a worker that dies while stopping is not replaced, and the stop does not wait for it", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(tcpConfig({ server }, { global: { workers: 2, log } }));
  const { board, workers } = supervisor;
  const [address = ""] = supervisor.addresses;
  const clients: Awaited<ReturnType<typeof connectClient>>[] = [];
  await until("a session on both workers", async () => {
    const client = await connectClient(address);
    client.write("x");
    await client.untilText("x");
    clients.push(client);
    return [0, 1].every((worker) => board.workers.share(worker, 0, 0 as never) > 0);
  });
  const victim = workers[0];
  const stopped = supervisor.stop();
  await until("nobody to accept", () => workers.every((worker) => worker.stopped));
  await victim?.terminate();
  for (const client of clients) client.end();
  await stopped;
  expect(supervisor.workers[0]).toBe(victim);
  expect(board.workers.snapshot(0).active).toBe(0);
});

test("a handshake that spans reloads gets a server of the newest plan, on its own row", async () => {
  const servers = await Promise.all(["A", "B", "C"].map((name) => startServer(greets(name))));
  const bind = { address: `127.0.0.1:${await freePort()}`, acceptProxy: true };
  const plan = (server: TestServer, name: string): object => ({
    global: { workers: 1, admin: "off", log },
    frontends: { front: { mode: "tcp", bind, backend: name } },
    backends: { [name]: { balance: "leastconn", servers: { [name]: server.address } } },
  });
  const [a, b, c] = servers as [TestServer, TestServer, TestServer];
  const supervisor = await startSupervisor(plan(a, "a"));
  const client = await connectClient(bind.address);
  client.write("PROXY TCP4 ");
  await until("the session", () => supervisor.board.workers.snapshot(0).active === 1);
  await supervisor.replace(planOf(plan(b, "b")));
  await supervisor.replace(planOf(plan(c, "c")));
  client.write("192.0.2.1 192.0.2.2 1 2\r\n");
  expect(await client.untilText("C")).toBe("C");
  expect(active(supervisor).reduce((sum, each) => sum + each, 0)).toBe(1);
  client.reset();
  await until("no session anywhere", () => active(supervisor).every((each) => each === 0));
});
