// A worker thread that dies: its sessions end visibly, nothing of it stays behind, and another
// takes its place. terminate() ends a thread as a crash does: nothing of it is tidied up.
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { openDescriptors, startSupervisor } from "../support/library.ts";
import type { Peer } from "../support/peer.ts";
import { echoes, says, stalls, startServer, swallows } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until, untilSteady, within } from "../support/until.ts";

const off = { access: "off" };

function addressOf(supervisor: Supervisor): string {
  return supervisor.addresses[0] ?? "";
}

/** Lets a worker die; resolves when its successor runs. */
async function crash(supervisor: Supervisor, worker: number): Promise<void> {
  const victim = supervisor.workers[worker];
  await victim?.terminate();
  await until("a successor", () => {
    const successor = supervisor.workers[worker];
    return successor !== victim && successor?.waker;
  });
}

/** Sessions now, as each table has them. Its first rows are those of the only names. */
function active(supervisor: Supervisor): number[] {
  const { frontends, backends, servers, workers } = supervisor.board;
  return [frontends, backends, servers, workers].map((table) => table.snapshot(0).active);
}

async function establish(address: string, count: number): Promise<Peer[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => connectClient(address)));
  for (const client of clients) client.write("ping");
  await Promise.all(clients.map((client) => client.untilText("ping")));
  return clients;
}

test("its sessions end on both sides, the gauges fall, and a successor serves", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(tcpConfig({ server }, { global: { log: off } }));
  const clients = await establish(addressOf(supervisor), 10);
  expect(active(supervisor)).toEqual([10, 10, 10, 10]);
  await crash(supervisor, 0);
  for (const client of clients) await client.untilEnding();
  for (const peer of server.peers) await peer.untilEnding();
  expect(active(supervisor)).toEqual([0, 0, 0, 0]);
  expect(await ask(addressOf(supervisor), "hello again")).toBe("hello again");
  // What was counted before stays counted.
  expect(supervisor.board.frontends.snapshot(0).sessions).toBe(11);
});

test("its places are given back when its connections are closed, not before", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(tcpConfig({ server }, { global: { log: off } }));
  const clients = await establish(addressOf(supervisor), 10);
  const { board } = supervisor;
  const release = board.releaseWorker.bind(board);
  const openAtRelease: number[] = [];
  // No turn of this thread passes in between, so nobody here has closed his end yet.
  board.releaseWorker = (worker) => {
    openAtRelease.push(openDescriptors());
    release(worker);
  };
  const before = openDescriptors();
  await crash(supervisor, 0);
  expect(openAtRelease.length).toBe(1);
  expect(openAtRelease[0]).toBeLessThanOrEqual(before - 2 * clients.length);
  expect(active(supervisor)).toEqual([0, 0, 0, 0]);
});

test("where it listens is known all the while", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(
    tcpConfig({ server }, { global: { workers: 1, log: off } }),
  );
  const { addresses } = supervisor;
  const [victim] = supervisor.workers;
  await victim?.terminate();
  const seen = new Set<string>();
  await until("a successor", () => {
    seen.add(String(supervisor.addresses));
    return supervisor.workers[0] !== victim && supervisor.workers[0]?.waker;
  });
  expect([...seen]).toEqual([String(addresses)]);
});

test("the sessions of other workers go on", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(
    tcpConfig({ server }, { global: { workers: 2, log: off } }),
  );
  const { board } = supervisor;
  const clients: Peer[] = [];
  // Enough that both workers have some.
  await until("sessions on both workers", async () => {
    clients.push(...(await establish(addressOf(supervisor), 4)));
    const columns = [0, 1].map((worker) => board.workers.share(worker, 0, 0 as never));
    return columns.every((share) => share > 0);
  });
  await crash(supervisor, 0);
  const alive = await untilSteady(
    "the living",
    () => clients.filter((c) => c.ending === null).length,
  );
  expect(alive).toBeGreaterThan(0);
  expect(alive).toBeLessThan(clients.length);
  expect(active(supervisor)).toEqual([alive, alive, alive, alive]);
  for (const client of clients.filter(({ ending }) => ending === null)) {
    client.end(" pong");
    expect((await client.untilEnd()).toString()).toBe("ping pong");
  }
  for (let i = 0; i < 20; i++) expect(await ask(addressOf(supervisor), "x")).toBe("x");
});

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("whoever waits in its backlog is served by its successor", async () => {
    const server = await startServer(says("hello"));
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: { workers, log: off } }),
    );
    const gone = supervisor.workers.map((worker) => worker.terminate());
    await Promise.all(gone);
    const clients = Array.from({ length: 100 }, () => startClient(addressOf(supervisor)));
    for (const client of clients) expect((await client.untilEnd()).toString()).toBe("hello");
  });

  test("a stop in the middle of it is a clean one", async () => {
    const before = openDescriptors();
    const server = await startServer(echoes);
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: { workers, log: off } }),
    );
    const clients = await establish(addressOf(supervisor), 5);
    void supervisor.workers[0]?.terminate();
    for (const client of clients) client.end();
    await within("the stop", supervisor.stop());
    await server.stop();
    for (const client of clients) client.socket.destroy();
    await until("no descriptor left", () => openDescriptors() <= before);
    expect(active(supervisor)).toEqual([0, 0, 0, 0]);
  });

  test("crashes in the middle of transfers leave no descriptor behind, however many", async () => {
    const sinks = { swallows: await startServer(swallows), stalls: await startServer(stalls) };
    const supervisor = await startSupervisor(tcpConfig(sinks, { global: { workers, log: off } }));
    const bytes = Buffer.alloc(8 * 1024 * 1024);
    const cycle = async (): Promise<void> => {
      const clients = Array.from({ length: 12 }, () => startClient(addressOf(supervisor)));
      for (const client of clients) client.write(bytes);
      const from = supervisor.board.frontends.snapshot(0).bytesIn;
      await until(
        "bytes on their way",
        () => supervisor.board.frontends.snapshot(0).bytesIn > from + 16 * 1024 * 1024,
      );
      await Promise.all(supervisor.workers.map(({ worker }) => crash(supervisor, worker)));
      for (const client of clients) await client.untilEnding();
      for (const client of clients) client.socket.destroy();
      for (const { peers } of Object.values(sinks))
        for (const { socket } of peers) socket.destroy();
    };
    await cycle();
    const after = await untilSteady("descriptors", openDescriptors);
    for (let i = 0; i < 4; i++) await cycle();
    await until(`${after} descriptors again`, () => openDescriptors() <= after);
    expect(active(supervisor)).toEqual([0, 0, 0, 0]);
  });
});

test("a worker that waited at maxconn for the dead one's sessions goes on", async () => {
  const server = await startServer(echoes);
  const supervisor = await startSupervisor(
    tcpConfig({ server }, { global: { workers: 2, log: off }, frontend: { maxconn: 1 } }),
  );
  const { board } = supervisor;
  const [holder] = await establish(addressOf(supervisor), 1);
  const owner = board.workers.share(0, 0, 0 as never) === 1 ? 0 : 1;
  const waiting = Array.from({ length: 20 }, () => startClient(addressOf(supervisor)));
  for (const client of waiting) client.end("x");
  await until("both workers to wait", () => board.frontends.snapshot(0).waiting === 2);
  await crash(supervisor, owner);
  await holder?.untilEnding();
  for (const client of waiting) expect((await client.untilEnd()).toString()).toBe("x");
});

test("start and stop leave nothing behind", async () => {
  const server = await startServer(echoes);
  const run = async (): Promise<void> => {
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: { workers: 2, log: off } }),
    );
    expect(await ask(addressOf(supervisor), "x")).toBe("x");
    await supervisor.stop();
  };
  await run();
  const after = await untilSteady("descriptors", openDescriptors);
  for (let i = 0; i < 5; i++) await run();
  await until("no more descriptors", () => openDescriptors() <= after);
});
