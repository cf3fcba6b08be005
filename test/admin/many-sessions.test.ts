// Thousands of sessions: every one is listed once, also while others come and go, and traffic does not
// notice that somebody asks.
import { expect, test } from "vitest";
import { type Admin, startAdmin } from "../support/admin.ts";
import { startClient } from "../support/clients.ts";
import type { Peer } from "../support/peer.ts";
import { startEchoProgram } from "../support/server-programs.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const count = 3000;
const atOnce = 200;

async function open(admin: Admin, wanted: number): Promise<Peer[]> {
  const clients: Peer[] = [];
  while (clients.length < wanted) {
    const batch = Array.from({ length: atOnce }, () => startClient(admin.front));
    clients.push(...batch);
    await until("a batch to be greeted", () => batch.every(({ bytes }) => bytes > 0), 60_000);
  }
  return clients;
}

async function listed(admin: Admin, query = ""): Promise<string[]> {
  const { sessions, complete } = await admin.get(`/sessions?limit=10000${query}`);
  expect(complete).toBe(true);
  return sessions.map(({ client }: { client: string }) => client);
}

test(`${count} sessions are all listed, filtered and limited, while sessions come and go`, async () => {
  const [s1, s2] = [await startEchoProgram("s1"), await startEchoProgram("s2")];
  const admin = await startAdmin(
    tcpConfig(
      { s1: s1.address, s2: s2.address },
      { global: { workers: 2, log: { access: "off" } } },
    ),
  );
  const clients = await open(admin, count);
  const addresses = clients.map(({ address }) => address).toSorted();
  expect((await listed(admin)).toSorted()).toEqual(addresses);
  const [on1, on2] = [await listed(admin, "&server=s1"), await listed(admin, "&server=s2")];
  expect([on1.length, on2.length]).toEqual([count / 2, count / 2]);
  expect([...on1, ...on2].toSorted()).toEqual(addresses);
  expect(await listed(admin, "&client=127.0.0.0/8&backend=back&state=established")).toHaveLength(
    count,
  );
  expect(await listed(admin, "&client=192.0.2.1")).toEqual([]);
  const some = await admin.get("/sessions");
  expect([some.sessions.length, some.more]).toEqual([100, true]);

  // Half of them end while they are listed, each as a walk may stand on it.
  const leaving = clients.filter((_, i) => i % 2 === 0);
  const staying = clients.filter((_, i) => i % 2 === 1).map(({ address }) => address);
  let asked = 0;
  const asking = (async (): Promise<void> => {
    while (leaving.length > 0 || asked < 5) {
      const found = await listed(admin);
      asked++;
      expect(new Set(found).size).toBe(found.length);
      const missing = new Set(staying);
      for (const address of found) missing.delete(address);
      expect(missing.size).toBe(0);
    }
  })();
  while (leaving.length > 0) {
    for (const client of leaving.splice(-50)) client.reset();
    // In the pace of the listings, so that every part of the walk meets some that end.
    await admin.get("");
  }
  await asking;
  await until("those that ended to be gone", async () => {
    return (await listed(admin)).length === staying.length;
  });
  expect((await listed(admin)).toSorted()).toEqual(staying.toSorted());
}, 240_000);
