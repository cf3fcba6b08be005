// A server that takes long to answer a connect, as one does that cannot keep up: its queue of
// connections is full, so the kernel drops the SYN, and the client's comes again a second later.
import { expect, test } from "vitest";
import { formatAddress, type SocketAddress } from "../../src/config/address.ts";
import { ServerState } from "../../src/scoreboard/server-state.ts";
import { close, listen } from "../../src/sys/libc.ts";
import { localAddress, openListener } from "../../src/sys/stream-socket.ts";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { startPlanned } from "../support/planned.ts";
import { says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { ejections, forLong, isEjected, outlierPlan } from "./outlier-plan.ts";

/** Of each server in each round. */
const sessions = 6;
const roomy = 4096;

/** Accepts nobody; its queue has one place, or many. */
class Overloaded {
  readonly address: string;
  readonly #descriptor: number;

  constructor() {
    const loopback = { family: "ipv4", host: "127.0.0.1", port: 0 } as const;
    this.#descriptor = openListener(loopback, roomy, false);
    this.address = formatAddress(localAddress(this.#descriptor) as SocketAddress);
    atTestEnd(() => void close(this.#descriptor));
  }

  /** From now on it has no room: one waits there already. */
  fill(): void {
    listen(this.#descriptor, 0);
  }

  relieve(): void {
    listen(this.#descriptor, roomy);
  }
}

test("a server whose connects take much longer than its peers' is ejected, and they are not", async () => {
  const overloaded = new Overloaded();
  await connectClient(overloaded.address);
  const servers = {
    slow: overloaded.address,
    one: await startServer(says("good")),
    other: await startServer(says("good")),
  };
  const limits = { latencyFactor: 5, minSessions: sessions, intervalMs: 3000 };
  const plan = outlierPlan(servers, { ...limits, ejectForMs: forLong, ejectForMaxMs: forLong });
  const ballast = await startPlanned(plan);
  const slow = (): { connects: number; sessions: number; state: number } =>
    ballast.supervisor.board.servers.snapshot(0);
  // As workers see it.
  const isOut = (): boolean => slow().state === ServerState.ejected;

  // An interval may end within a round, and judges those that are whole.
  for (let round = 0; round < 10 && !isOut(); round++) {
    const before = slow();
    overloaded.fill();
    const clients = Array.from({ length: 3 * sessions }, () => startClient(ballast.address));
    await until("connects", () => isOut() || slow().connects >= before.connects + sessions);
    overloaded.relieve();
    await until("their SYNs", () => isOut() || slow().sessions >= before.sessions + sessions);
    // It never answers, so nobody would end.
    for (const client of clients) client.reset();
  }

  const [reason, ...more] = ejections(ballast, "slow");
  expect(reason).toMatch(/^connects take \d+\.\d ms, its peers' median is \d+\.\d ms$/);
  expect(more).toEqual([]);
  expect([isEjected(ballast, "one"), isEjected(ballast, "other")]).toEqual([false, false]);
  expect(await ask(ballast.address)).toBe("good");
  const { connects } = slow();
  for (let i = 0; i < 9; i++) expect(await ask(ballast.address)).toBe("good");
  expect(slow().connects).toBe(connects);
});
