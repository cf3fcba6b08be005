// What the scoreboard keeps over a change of plan: names that stay keep their rows, and with them
// counters and sessions.
import { expect, test } from "vitest";
import { ask, connectClient } from "../support/clients.ts";
import { planOf, startSupervisor } from "../support/library.ts";
import { refusingAddress } from "../support/refusing.ts";
import { echoes, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

test.each([1, 2])(
  "counters and sessions survive every change of plan: %i worker(s)",
  async (workers) => {
    const s1 = await startServer(echoes);
    const s2 = await startServer(echoes);
    const log = { access: "off" };
    const backends = { other: { servers: { s2: s2.address } } };
    const parts = { global: { workers, log }, backends };
    const supervisor = await startSupervisor(tcpConfig({ s1 }, parts));
    const { frontends, servers, backends: rows } = supervisor.board;
    const ask5 = async (): Promise<void> => {
      for (let i = 0; i < 5; i++)
        expect(await ask(supervisor.addresses[0] ?? "", "12345")).toBe("12345");
    };
    await ask5();
    const open = await connectClient(supervisor.addresses[0] ?? "");
    open.write("one ");
    await open.untilText("one ");
    await until("five ends", () => frontends.snapshot(0).active === 1);
    // What the client has may not be counted yet.
    await until("its bytes", () => frontends.snapshot(0).bytesOut === 29);
    expect(frontends.snapshot(0)).toMatchObject({ sessions: 6, bytesIn: 29, bytesOut: 29 });

    // Another weight, one more server, one more frontend: same rows.
    await supervisor.replace(
      planOf(
        tcpConfig(
          {
            s1: { address: s1.address, weight: 7 },
            more: { address: s1.address, weight: 0 },
          },
          {
            ...parts,
            frontends: { second: { mode: "tcp", bind: "127.0.0.1:0", backend: "other" } },
          },
        ),
      ),
    );
    await ask5();
    await until("ten ends", () => frontends.snapshot(0).active === 1);
    expect(frontends.snapshot(0)).toMatchObject({ sessions: 11, bytesIn: 54 });
    expect(servers.snapshot(0)).toMatchObject({
      sessions: 11,
      bytesIn: 54,
      active: 1,
      weight: 700,
    });
    expect(rows.snapshot(0)).toMatchObject({ sessions: 11, active: 1 });

    // The frontend's backend changes: its own counters go on, the old backend's stand.
    const moved = tcpConfig({ s1 }, { ...parts, frontend: { backend: "other" } });
    await supervisor.replace(planOf(moved));
    await ask5();
    await until("fifteen ends", () => frontends.snapshot(0).active === 1);
    expect(frontends.snapshot(0)).toMatchObject({ sessions: 16, bytesIn: 79 });
    expect(rows.snapshot(0)).toMatchObject({ sessions: 11, active: 1 });

    // A session of the first plan has lived through all of it, and is counted where it began.
    open.end("two");
    expect((await open.untilEnd()).toString()).toBe("one two");
    await until("its end", () => frontends.snapshot(0).active === 0);
    expect(rows.snapshot(0)).toMatchObject({ sessions: 11, bytesIn: 57, bytesOut: 57 });
    expect(servers.snapshot(0)).toMatchObject({ sessions: 11, bytesIn: 57, active: 0 });
    expect(frontends.snapshot(0)).toMatchObject({ sessions: 16, bytesIn: 82, active: 0 });
  },
);

test("a plan that cannot listen is rejected and leaves rows, weights and addresses alone", async () => {
  const server = await startServer(echoes);
  const log = { access: "off" };
  const supervisor = await startSupervisor(tcpConfig({ server }, { global: { log } }));
  const { addresses, plan } = supervisor;
  const taken = planOf(
    tcpConfig(
      { server: { address: server.address, weight: 9 } },
      { global: { log }, frontend: { bind: ["127.0.0.1:0", server.address] } },
    ),
  );
  await expect(supervisor.replace(taken)).rejects.toThrow("already in use");
  expect(supervisor.addresses).toEqual(addresses);
  expect(supervisor.plan).toBe(plan);
  expect(supervisor.board.servers.snapshot(0).weight).toBe(100);
  expect(await ask(addresses[0] ?? "", "x")).toBe("x");
});

/** One session at a time on one worker, quick to try again. */
function refusing(servers: object, retries: number): object {
  return {
    global: { workers: 1, admin: "off", log: { access: "off" } },
    defaults: { retries, timeout: { connect: "50ms" } },
    frontends: { front: { mode: "tcp", bind: "127.0.0.1:0", backend: "back" } },
    backends: { back: { servers } },
  };
}

test("attempts at the only server, which refuses, are retries and no redispatches", async () => {
  const down = refusingAddress();
  const supervisor = await startSupervisor(refusing({ down }, 2));
  const { servers, backends } = supervisor.board;
  await (await connectClient(supervisor.addresses[0] ?? "")).untilReset();
  // The client may see its end before the worker has counted it.
  await until("its end", () => backends.snapshot(0).active === 0);
  const counted = { connectFailures: 3, retries: 2, redispatches: 0 };
  expect(servers.snapshot(0)).toMatchObject({ ...counted, connects: 3, active: 0 });
  expect(backends.snapshot(0)).toMatchObject({ ...counted, connectFailures: 1, active: 0 });
});

test("a session that a refusing server loses to another is a redispatch and no retry", async () => {
  const down = refusingAddress();
  const up = await startServer(says("up"));
  const supervisor = await startSupervisor(refusing({ down, up: up.address }, 2));
  const { servers, backends } = supervisor.board;
  // The round begins at the server that refuses.
  expect(await ask(supervisor.addresses[0] ?? "")).toBe("up");
  await until("its end", () => backends.snapshot(0).active === 0);
  const none = { retries: 0, redispatches: 0 };
  const lost = { connectFailures: 1, retries: 0, redispatches: 1, sessions: 0 };
  expect(servers.snapshot(0)).toMatchObject(lost);
  expect(servers.snapshot(1)).toMatchObject({ ...none, connectFailures: 0, sessions: 1 });
  expect(backends.snapshot(0)).toMatchObject({ ...lost, connectFailures: 0, sessions: 1 });
});
