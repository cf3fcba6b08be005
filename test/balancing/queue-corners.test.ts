// Queues where two limits, or a limit and an insistence on one server, meet: nobody waits while
// there is a place for him. A wake-up that was lost shows as a queue timeout, which is shorter here
// than the look that every worker takes once a second.
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { backendField, serverField } from "../../dist/scoreboard/fields.js";
import { portOf } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { startSupervisor } from "../support/library.ts";
import { Peer } from "../support/peer.ts";
import { type Behaviour, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const quiet = { log: { access: "off" }, shutdownTimeout: 0 };
const queueTimeout = { timeout: { queue: "400ms" } };

/** Says its name to whoever speaks to it, and stays until it is told to end. */
function named(name: string): Behaviour {
  return (peer) => void peer.socket.on("data", () => peer.write(name));
}

/** A client of this address; all of 127/8 is loopback. */
function clientFrom(supervisor: Supervisor, localAddress: string): Peer {
  const port = portOf(supervisor.addresses[0] ?? "");
  const socket = connect({ host: "127.0.0.1", port, localAddress, allowHalfOpen: true });
  atTestEnd(() => void socket.destroy());
  const peer = new Peer(socket);
  peer.write("x");
  return peer;
}

function sum(supervisor: Supervisor, field: "queued" | "active" | "placed"): number {
  const { board } = supervisor;
  if (field === "placed") return board.backends.gauge(0, backendField.placed);
  const rows = [0, 1, 2, 3].map((row) => board.servers.gauge(row, serverField[field]));
  return rows.reduce((a, b) => a + b, board.backends.gauge(0, backendField[field]));
}

async function waits(supervisor: Supervisor, address: string): Promise<Peer> {
  const before = sum(supervisor, "queued");
  const client = clientFrom(supervisor, address);
  await until(`${address} to wait`, () => sum(supervisor, "queued") === before + 1);
  return client;
}

async function emptied(supervisor: Supervisor): Promise<void> {
  await until("nobody", () => sum(supervisor, "active") + sum(supervisor, "placed") === 0);
  expect(sum(supervisor, "queued")).toBe(0);
  for (const row of [0, 1, 2]) expect(supervisor.board.servers.snapshot(row).queueHead).toBe(0);
  expect(supervisor.board.backends.snapshot(0).queueHead).toBe(0);
}

/** An address for each server, by what clients of these addresses hear. */
async function addressesBy(supervisor: Supervisor): Promise<Map<string, string[]>> {
  const byName = new Map<string, string[]>();
  for (let i = 1; i <= 16; i++) {
    const address = `127.0.5.${i}`;
    const client = clientFrom(supervisor, address);
    const name = await until("an answer", () => client.text || undefined);
    byName.set(name, [...(byName.get(name) ?? []), address]);
    client.reset();
    await emptied(supervisor);
  }
  return byName;
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("a place that frees on one server lets in who sticks to another", async () => {
    const [a, b] = [await startServer(named("a")), await startServer(named("b"))];
    const supervisor = await startSupervisor(
      tcpConfig(
        { a, b },
        {
          global: { workers, ...quiet },
          backend: { maxconn: 1, stick: { on: "source" }, ...queueTimeout },
        },
      ),
    );
    const byName = await addressesBy(supervisor);
    const [ofA, ofB] = [byName.get("a")?.[0] ?? "", byName.get("b")?.[0] ?? ""];
    for (let round = 0; round < 8; round++) {
      const holder = clientFrom(supervisor, ofA);
      await holder.untilText("a");
      const late = await waits(supervisor, ofB);
      holder.reset();
      expect(await late.untilText("b")).toBe("b");
      late.reset();
      await emptied(supervisor);
    }
  });

  test("who must wait for his server keeps nobody from another", async () => {
    const [a, b] = [await startServer(named("a")), await startServer(named("b"))];
    const servers = {
      a: { address: a.address, maxconn: 1 },
      b: { address: b.address, maxconn: 1 },
    };
    const supervisor = await startSupervisor(
      tcpConfig(servers, {
        global: { workers, ...quiet },
        backend: { maxconn: 2, balance: "source", ...queueTimeout },
      }),
    );
    const byName = await addressesBy(supervisor);
    const [ofA, ofB] = [byName.get("a")?.[0] ?? "", byName.get("b")?.[0] ?? ""];
    for (let round = 0; round < 8; round++) {
      const holdsA = clientFrom(supervisor, ofA);
      await holdsA.untilText("a");
      const holdsB = clientFrom(supervisor, ofB);
      await holdsB.untilText("b");
      const lateA = await waits(supervisor, ofA);
      const lateB = await waits(supervisor, ofB);
      holdsB.reset();
      await lateB.untilText("b");
      holdsA.reset();
      expect(await lateA.untilText("a")).toBe("a");
      lateA.reset();
      lateB.reset();
      await emptied(supervisor);
    }
  });

  test("who finds the queue of the only server full is refused at once", async () => {
    const a = await startServer(named("a"));
    const supervisor = await startSupervisor(
      tcpConfig(
        { a: { address: a.address, maxconn: 1, maxqueue: 1 } },
        { global: { workers, ...quiet }, backend: { balance: "source", ...queueTimeout } },
      ),
    );
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late = [await waits(supervisor, "127.0.0.1")];
    late.push(clientFrom(supervisor, "127.0.0.1"), clientFrom(supervisor, "127.0.0.1"));
    for (const client of late) await client.untilReset();
    expect(supervisor.board.backends.snapshot(0)).toMatchObject({ queueFull: 2, queueTimeouts: 1 });
    holder.reset();
    await emptied(supervisor);
  });

  test("a server that refuses for a moment loses nobody who waits for it", async () => {
    const a = await startServer(named("a"));
    const supervisor = await startSupervisor(
      tcpConfig(
        { a: { address: a.address, maxconn: 1 } },
        { global: { workers, ...quiet }, backend: { timeout: { connect: "500ms" } } },
      ),
    );
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late = [await waits(supervisor, "127.0.0.1"), await waits(supervisor, "127.0.0.1")];
    // First the listener, or who comes next is taken into its backlog and lost with it.
    a.refuse();
    for (const { socket } of a.peers) socket.resetAndDestroy();
    const failures = (): number => supervisor.board.servers.snapshot(0).connectFailures;
    await until("a failed connect", () => failures() > 0);
    await startServer(named("again"), a.address);
    const first = await until("one of them", () => late.find(({ text }) => text !== ""));
    first.reset();
    await until("the other", () => late.every(({ text }) => text !== ""));
    expect(late.map(({ text }) => text)).toEqual(["again", "again"]);
    for (const client of late) client.reset();
    await emptied(supervisor);
  });

  test("those who wait for a backend that goes down are refused at once", async () => {
    const a = await startServer(named("a"));
    const supervisor = await startSupervisor(
      tcpConfig(
        { a: { address: a.address, maxconn: 1 } },
        { global: { workers, ...quiet }, backend: { timeout: { queue: "5s" } } },
      ),
    );
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late: Peer[] = [];
    for (let i = 0; i < 4; i++) late.push(await waits(supervisor, "127.0.0.1"));
    const status = supervisor.states.server("back/a");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setAdmin(status, "maint");
    for (const client of late) await client.untilReset();
    expect(supervisor.board.backends.snapshot(0)).toMatchObject({ noServer: 4, queueTimeouts: 0 });
    holder.reset();
    await emptied(supervisor);
  });

  test("a full server that panic uses though it is down keeps no worker busy", async () => {
    const a = await startServer(named("a"));
    const supervisor = await startSupervisor(
      tcpConfig(
        { a: { address: a.address, maxconn: 1 } },
        { global: { workers, ...quiet }, backend: { balance: "source", panicThreshold: 50 } },
      ),
    );
    const status = supervisor.states.server("back/a");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setHealth(status, false, "the test says so");
    supervisor.states.flush();
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late = await waits(supervisor, "127.0.0.1");
    holder.reset();
    expect(await late.untilText("a")).toBe("a");
    late.reset();
    await emptied(supervisor);
  });

  test("who waits for a backend that goes down is taken over without redispatch, too", async () => {
    const [a, b] = [await startServer(named("a")), await startServer(named("b"))];
    const supervisor = await startSupervisor(
      tcpConfig(
        { a: { address: a.address, maxconn: 1 } },
        {
          global: { workers, ...quiet },
          backend: { redispatch: false, failover: ["other"] },
          backends: { other: { servers: { b: b.address } } },
        },
      ),
    );
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late = await waits(supervisor, "127.0.0.1");
    const status = supervisor.states.server("back/a");
    if (status === undefined) throw new Error("no such server");
    supervisor.states.setAdmin(status, "maint");
    expect(await late.untilText("b")).toBe("b");
    late.reset();
    holder.reset();
    await emptied(supervisor);
  });
});

test("who waits for one server after another has failed keeps nobody from that one", async () => {
  const [a, b] = [await startServer(named("a")), await startServer(named("b"))];
  const servers = {
    a: { address: a.address, maxconn: 1 },
    b: { address: b.address, maxconn: 1 },
  };
  const supervisor = await startSupervisor(
    tcpConfig(servers, {
      global: { workers: 2, ...quiet },
      backend: { balance: "first", timeout: { queue: "3s" } },
    }),
  );
  const holders = [clientFrom(supervisor, "127.0.0.1")];
  await holders[0]?.untilText("a");
  holders.push(clientFrom(supervisor, "127.0.0.1"));
  await holders[1]?.untilText("b");
  // It fails on a, and waits for b from then on.
  await a.stop();
  const picky = clientFrom(supervisor, "127.0.0.1");
  await until("it to wait after a failed connect", () => {
    const { connectFailures } = supervisor.board.servers.snapshot(0);
    return connectFailures === 1 && sum(supervisor, "queued") === 1;
  });
  await startServer(named("again"), a.address);
  // Some of them come to the other worker.
  for (let i = 0; i < 8; i++) {
    const other = clientFrom(supervisor, "127.0.0.1");
    await other.untilText("again");
    other.reset();
    await until("it to leave", () => supervisor.board.servers.snapshot(0).active === 0);
  }
  expect(picky.text).toBe("");
  holders[1]?.reset();
  await picky.untilText("b");
  picky.reset();
  await emptied(supervisor);
});

test("who leaves when his turn has come passes it on", async () => {
  const a = await startServer(named("a"));
  const supervisor = await startSupervisor(
    tcpConfig(
      { a: { address: a.address, maxconn: 1 } },
      { global: { workers: 2, ...quiet }, backend: { timeout: { queue: "700ms" } } },
    ),
  );
  for (let round = 0; round < 30; round++) {
    const holder = clientFrom(supervisor, "127.0.0.1");
    await holder.untilText("a");
    const late: Peer[] = [];
    for (let i = 0; i < 6; i++) late.push(await waits(supervisor, "127.0.0.1"));
    // All but the last leave in the moment in which there is a place for them.
    holder.reset();
    for (const client of late.slice(0, -1)) client.reset();
    expect(await late.at(-1)?.untilText("a")).toBe("a");
    late.at(-1)?.reset();
    await emptied(supervisor);
  }
});
