// Sessions that wait for a place: on a server, on a backend, over all workers. Servers here hold
// their sessions until the test lets them go.
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { serverField, backendField } from "../../dist/scoreboard/fields.js";
import { startClient } from "../support/clients.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import type { Peer } from "../support/peer.ts";
import { type Behaviour, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const quiet = { log: { access: "off" }, shutdownTimeout: 0 };
/** The only frontend, backend and (first) server have the first rows. */
const row = 0;

/** Answers what a client sent and stays until it is told to end. */
const holds: Behaviour = (peer) => {
  peer.socket.on("data", (bytes) => peer.write(bytes));
};

function waiting(supervisor: Supervisor): number {
  const { backends, servers } = supervisor.board;
  return backends.gauge(row, backendField.queued) + servers.gauge(row, serverField.queued);
}

/** A client that waits, once it does; `name` is what it says to its server. */
async function queue(supervisor: Supervisor, name: string): Promise<Peer> {
  const before = waiting(supervisor);
  const client = startClient(supervisor.addresses[0] ?? "");
  client.write(name);
  await until(`${name} to wait`, () => waiting(supervisor) === before + 1);
  return client;
}

/** Clients that have a server each. */
async function hold(supervisor: Supervisor, count: number): Promise<Peer[]> {
  const clients = Array.from({ length: count }, () => startClient(supervisor.addresses[0] ?? ""));
  for (const client of clients) client.write("held");
  await Promise.all(clients.map((client) => client.untilText("held")));
  return clients;
}

/** The names that servers have heard, in the order of hearing. */
function recorder(): { readonly heard: string[]; readonly behaviour: Behaviour } {
  const heard: string[] = [];
  const behaviour: Behaviour = (peer) => {
    peer.socket.on("data", (bytes) => {
      heard.push(bytes.toString());
      peer.write(bytes);
    });
  };
  return { heard, behaviour };
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("a server has never more sessions than its maxconn, and every client is served", async () => {
    let now = 0;
    let most = 0;
    const server = await startServer((peer) => {
      now++;
      most = Math.max(most, now);
      peer.socket.once("data", () => {
        now--;
        peer.end("done");
      });
    });
    const servers = { server: { address: server.address, maxconn: 3 } };
    // On a busy machine the last of them may wait longer than usual.
    const backend = { timeout: { queue: "1m" } };
    const supervisor = await startSupervisor(
      tcpConfig(servers, { global: { workers, ...quiet }, backend }),
    );
    const clients = Array.from({ length: 60 }, () => startClient(supervisor.addresses[0] ?? ""));
    for (const client of clients) client.end("x");
    for (const client of clients) expect((await client.untilEnd()).toString()).toBe("done");
    expect(most).toBeLessThanOrEqual(3);
    await until("all to have left", () => supervisor.board.servers.snapshot(row).active === 0);
    expect(supervisor.board.backends.snapshot(row)).toMatchObject({ queued: 0, placed: 0 });
    expect(supervisor.board.backends.snapshot(row).queueHead).toBe(0);
  });

  test("who waits longest is served first, whichever worker it waits on", async () => {
    const { heard, behaviour } = recorder();
    const server = await startServer(behaviour);
    const servers = { server: { address: server.address, maxconn: 1 } };
    const supervisor = await startSupervisor(tcpConfig(servers, { global: { workers, ...quiet } }));
    const [holder] = await hold(supervisor, 1);
    const names = Array.from({ length: 12 }, (_, i) => `client ${i}`);
    const clients: Peer[] = [];
    for (const name of names) clients.push(await queue(supervisor, name));
    holder?.reset();
    for (const [i, client] of clients.entries()) {
      await client.untilText(names[i] ?? "");
      client.reset();
    }
    expect(heard).toEqual(["held", ...names]);
  });

  test("a backend's maxconn counts over all its servers", async () => {
    const { behaviour } = recorder();
    const [a, b] = [await startServer(behaviour), await startServer(behaviour)];
    const supervisor = await startSupervisor(
      tcpConfig({ a, b }, { global: { workers, ...quiet }, backend: { maxconn: 3 } }),
    );
    const held = await hold(supervisor, 3);
    const late = await queue(supervisor, "late");
    expect(supervisor.board.backends.snapshot(row)).toMatchObject({ placed: 3, queued: 1 });
    held[1]?.reset();
    await late.untilText("late");
    expect(supervisor.board.backends.snapshot(row)).toMatchObject({ placed: 3, queued: 0 });
  });

  test("a reload that raises maxconn lets the waiting in", async () => {
    const server = await startServer(holds);
    const config = (maxconn: number): object =>
      tcpConfig(
        { server: { address: server.address, maxconn } },
        { global: { workers, ...quiet } },
      );
    const supervisor = await startSupervisor(config(1));
    await hold(supervisor, 1);
    const clients = [await queue(supervisor, "one"), await queue(supervisor, "two")];
    await supervisor.replace(planOf(config(3)));
    expect(await clients[0]?.untilText("one")).toBe("one");
    expect(await clients[1]?.untilText("two")).toBe("two");
  });

  test("a server that comes back from maintenance serves the waiting", async () => {
    const [a, b] = [await startServer(holds), await startServer(holds)];
    const servers = {
      a: { address: a.address, maxconn: 1 },
      b: { address: b.address, maxconn: 1 },
    };
    const supervisor = await startSupervisor(tcpConfig(servers, { global: { workers, ...quiet } }));
    const status = supervisor.states.server("back/b");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setAdmin(status, "maint");
    supervisor.states.flush();
    await hold(supervisor, 1);
    const late = await queue(supervisor, "late");
    supervisor.states.setAdmin(status, "ready");
    await late.untilText("late");
    expect(b.peers).toHaveLength(1);
  });

  test("who waits longer than timeout.queue is reset, and leaves nothing behind", async () => {
    const server = await startServer(holds);
    const servers = { server: { address: server.address, maxconn: 1 } };
    const supervisor = await startSupervisor(
      tcpConfig(servers, {
        global: { workers, ...quiet },
        backend: { timeout: { queue: "150ms" } },
      }),
    );
    const [holder] = await hold(supervisor, 1);
    const late = await queue(supervisor, "late");
    await late.untilReset();
    const { backends, frontends } = supervisor.board;
    await until("its end", () => frontends.snapshot(row).serverTimeouts === 1);
    expect(waiting(supervisor)).toBe(0);
    expect(backends.snapshot(row)).toMatchObject({ queueTimeouts: 1, queueHead: 0, placed: 1 });
    holder?.write("more");
    await holder?.untilText("heldmore");
  });

  test("a client that gives up while it waits takes nobody's turn", async () => {
    const server = await startServer(holds);
    const servers = { server: { address: server.address, maxconn: 1 } };
    const supervisor = await startSupervisor(tcpConfig(servers, { global: { workers, ...quiet } }));
    const [holder] = await hold(supervisor, 1);
    const [first, second] = [await queue(supervisor, "first"), await queue(supervisor, "second")];
    first?.reset();
    await until("its end", () => supervisor.board.frontends.snapshot(row).clientAborts === 1);
    expect(waiting(supervisor)).toBe(1);
    holder?.reset();
    await second?.untilText("second");
  });

  test("a queue that is full refuses", async () => {
    const server = await startServer(holds);
    const servers = { server: { address: server.address, maxconn: 1 } };
    const supervisor = await startSupervisor(
      tcpConfig(servers, { global: { workers, ...quiet }, backend: { maxqueue: 2 } }),
    );
    await hold(supervisor, 1);
    await queue(supervisor, "one");
    await queue(supervisor, "two");
    await startClient(supervisor.addresses[0] ?? "").untilReset();
    expect(supervisor.board.backends.snapshot(row)).toMatchObject({ queueFull: 1, queued: 2 });
  });

  test("the dead server's places are free again, and another server serves the waiting", async () => {
    const dying = await startServer(holds);
    const living = await startServer(holds);
    const servers = {
      dying: { address: dying.address, maxconn: 1 },
      living: { address: living.address, maxconn: 1 },
    };
    const supervisor = await startSupervisor(tcpConfig(servers, { global: { workers, ...quiet } }));
    await hold(supervisor, 2);
    const late = [await queue(supervisor, "one"), await queue(supervisor, "two")];
    dying.refuse();
    dying.peers[0]?.reset();
    living.peers[0]?.reset();
    // Either may be first: the other one may have tried the dead server meanwhile.
    const served = await until("one of them", () => late.find(({ text }) => text !== ""));
    served.reset();
    await until("the other one", () => late.every(({ text }) => text !== ""));
    expect(late.map(({ text }) => text)).toEqual(["one", "two"]);
  });
});

test("places of a worker that dies go to those who wait on another", async () => {
  const server = await startServer(holds);
  const servers = { server: { address: server.address, maxconn: 2 } };
  const supervisor = await startSupervisor(
    tcpConfig(servers, { global: { workers: 2, ...quiet } }),
  );
  const { board } = supervisor;
  const share = (worker: number): number => board.servers.share(worker, row, serverField.active);
  // Both places on one worker: tried until it is so.
  let held: Peer[] = [];
  await until("both places on one worker", async () => {
    for (const client of held) client.reset();
    await until("nobody", () => board.servers.snapshot(row).active === 0);
    held = await hold(supervisor, 2);
    return share(0) !== share(1);
  });
  const owner = share(0) === 2 ? 0 : 1;
  const late: Peer[] = [];
  const other = (): number => board.backends.share(1 - owner, row, backendField.queued);
  while (other() < 2) late.push(await queue(supervisor, "late"));
  await supervisor.workers[owner]?.terminate();
  // Those that waited on the dead worker ended with it.
  await until("two of the other's", () => late.filter(({ text }) => text === "late").length >= 2);
  expect(board.servers.snapshot(row).active).toBe(2);
});
