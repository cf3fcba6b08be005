// HAProxy's `on-marked-down shutdown-sessions`: a server that checks find down loses its sessions
// at once, with code D; other servers' sessions, and those of servers without it, go on.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ServerState } from "../../src/scoreboard/server-state.ts";
import { checkedPlan, checkPlan, startPlan, statusOf } from "../support/checks.ts";
import { connectClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import type { Peer } from "../support/peer.ts";
import { type Behaviour, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** Says its name, then gives back what it gets. */
function namedEcho(name: string): Behaviour {
  return (peer) => {
    peer.write(name);
    peer.socket.pipe(peer.socket);
  };
}

it.each([1, 2])("ends the sessions of that server alone, on %i worker(s)", async (workers) => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const access = join(folder, "access.log");
  const servers = {
    s1: await startServer(namedEcho("s1")),
    s2: await startServer(namedEcho("s2")),
    s3: await startServer(namedEcho("s3")),
  };
  const checked = await startServer(() => {});
  const check = checkPlan({ port: Number(checked.address.split(":")[1]), fall: 1 });
  // s3 is not checked, so what it says of sessions never matters.
  const plan = checkedPlan(
    servers,
    (name) => ({ check: name === "s3" ? null : check, shutdownSessions: name !== "s2" }),
    { workers, log: { access } },
  );
  const supervisor = await startPlan(plan);
  const clients: Record<string, Peer[]> = { s1: [], s2: [], s3: [] };
  for (let i = 0; i < 12; i++) {
    const client = await connectClient(supervisor.addresses[0] ?? "");
    clients[(await client.untilBytes(2)).toString()]?.push(client);
  }
  expect(Object.values(clients).map(({ length }) => length)).toEqual([4, 4, 4]);

  await checked.stop();
  for (const client of clients["s1"] ?? []) await client.untilReset();
  await until("s2 to be down as well", () => statusOf(supervisor, "s2").state === ServerState.down);
  for (const client of [...(clients["s2"] ?? []), ...(clients["s3"] ?? [])]) {
    client.write("!");
    expect((await client.untilBytes(3)).toString()).toMatch(/^s[23]!$/);
    client.end();
    await client.untilEnd();
  }

  const lines = await until("all log lines", () => {
    const text = readFileSync(access, "utf8").split("\n").slice(0, -1);
    return text.length === 12 && text.map((line) => JSON.parse(line) as Line);
  });
  const ends = lines.map(({ server, termination }) => `${server} ${termination}`).toSorted();
  expect(ends).toEqual(["s1 DD", "s2 --", "s3 --"].flatMap((end) => [end, end, end, end]));
  const { servers: rows, backends, frontends } = supervisor.board;
  expect([0, 1, 2].map((row) => rows.snapshot(row).shutdowns)).toEqual([4, 0, 0]);
  expect(backends.snapshot(0).shutdowns).toBe(4);
  expect(frontends.snapshot(0).shutdowns).toBe(4);
});

it("takes new sessions again when it is up, and ends none that the server had not", async () => {
  const server = await startServer(namedEcho("s1"));
  const checkedAt = await startServer(() => {});
  const port = Number(checkedAt.address.split(":")[1]);
  const check = checkPlan({ port, fall: 1, rise: 1 });
  const supervisor = await startPlan(
    checkedPlan({ s1: server }, { check, shutdownSessions: true }),
  );
  const address = supervisor.addresses[0] ?? "";
  const first = await connectClient(address);
  await first.untilBytes(2);
  await checkedAt.stop();
  await first.untilReset();
  await startServer(() => {}, `127.0.0.1:${port}`);
  await until("it to be up", () => statusOf(supervisor).state === ServerState.up);
  const second = await connectClient(address);
  await second.untilBytes(2);
  second.write("!");
  await second.untilBytes(3);
  expect(second.text).toBe("s1!");
});

interface Line {
  readonly server: string;
  readonly termination: string;
}
