// Backends that stand in for each other: when one has no usable server, when all its servers refuse,
// and when it comes back.
import { describe, expect, test } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { ask } from "../support/clients.ts";
import { startSupervisor } from "../support/library.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const quiet = { log: { access: "off" }, shutdownTimeout: 0 };

/** `back` and then `eu`, `us`, each with one server that says its name. */
async function regions(
  workers: number,
  backend: object = {},
): Promise<{ supervisor: Supervisor; primary: Awaited<ReturnType<typeof startServer>> }> {
  const primary = await startServer(says("back"));
  const eu = await startServer(says("eu"));
  const us = await startServer(says("us"));
  const supervisor = await startSupervisor(
    tcpConfig(
      { primary },
      {
        global: { workers, ...quiet },
        backend: { failover: ["eu"], recoveryDelay: "0ms", ...backend },
        backends: {
          eu: { servers: { eu1: eu.address }, failover: ["us"] },
          us: { servers: { us1: us.address } },
        },
      },
    ),
  );
  return { supervisor, primary };
}

function set(supervisor: Supervisor, server: string, state: "ready" | "maint"): void {
  const status = supervisor.states.server(server);
  if (status === undefined) throw new Error(`no server ${server}`);
  supervisor.states.setAdmin(status, state);
  supervisor.states.flush();
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("a backend without a usable server hands over to the next, and takes over again", async () => {
    const { supervisor } = await regions(workers);
    const asked = (): Promise<string> => ask(supervisor.addresses[0] ?? "", "x");
    expect(await asked()).toBe("back");
    set(supervisor, "back/primary", "maint");
    expect(await asked()).toBe("eu");
    set(supervisor, "eu/eu1", "maint");
    expect(await asked()).toBe("us");
    set(supervisor, "us/us1", "maint");
    await expect(asked()).rejects.toThrow("reset");
    set(supervisor, "us/us1", "ready");
    expect(await asked()).toBe("us");
    set(supervisor, "back/primary", "ready");
    expect(await asked()).toBe("back");
    const { backends } = supervisor.board;
    await until("all to have ended", () =>
      [0, 1, 2].every((row) => backends.snapshot(row).active === 0),
    );
    const rows = [0, 1, 2].map((row) => backends.snapshot(row));
    expect(rows.map(({ failovers }) => failovers)).toEqual([0, 1, 2]);
    expect(rows.map(({ placed }) => placed)).toEqual([0, 0, 0]);
  });

  test("a session whose connects all fail is saved by the next backend", async () => {
    const { supervisor, primary } = await regions(workers);
    await primary.stop();
    for (let i = 0; i < 5; i++) expect(await ask(supervisor.addresses[0] ?? "", "x")).toBe("eu");
    expect(supervisor.board.frontends.snapshot(0)).toMatchObject({ serverAborts: 0 });
  });

  test("a backend that comes back is used after the recovery delay, and not while it flaps", async () => {
    const { supervisor } = await regions(workers, { recoveryDelay: "400ms" });
    const asked = (): Promise<string> => ask(supervisor.addresses[0] ?? "", "x");
    const backend = supervisor.states.backends.get("back");
    for (let i = 0; i < 5; i++) {
      set(supervisor, "back/primary", "maint");
      set(supervisor, "back/primary", "ready");
      expect(backend?.available).toBe(false);
      expect(await asked()).toBe("eu");
    }
    await until("the recovery", () => backend?.available);
    expect(await asked()).toBe("back");
  });

  test("one that is recovering is better than none", async () => {
    const { supervisor } = await regions(workers, { recoveryDelay: "1h" });
    set(supervisor, "back/primary", "maint");
    set(supervisor, "eu/eu1", "maint");
    set(supervisor, "us/us1", "maint");
    set(supervisor, "back/primary", "ready");
    expect(await ask(supervisor.addresses[0] ?? "", "x")).toBe("back");
  });
});
