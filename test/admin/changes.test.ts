// What an operator changes by the admin API: states and weights of servers take effect at the next
// pick, and what is open goes on.
import { expect, test } from "vitest";
import { type Admin, startAdmin } from "../support/admin.ts";
import { ask, connectClient } from "../support/clients.ts";
import { echoes, greets, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

/** Which server answers, `count` times. */
async function answers(admin: Admin, count: number): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const name = await ask(admin.front);
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
}

async function named(): Promise<Admin> {
  const [s1, s2] = [await startServer(says("s1")), await startServer(says("s2"))];
  return startAdmin(tcpConfig({ s1, s2 }, { global: { workers: 2 } }));
}

test("a server that drains keeps its sessions and gets no new ones, until it is ready", async () => {
  const [s1, s2] = [await startServer(greets("s1")), await startServer(greets("s2"))];
  const admin = await startAdmin(tcpConfig({ s1, s2 }));
  const client = await connectClient(admin.front);
  await client.untilText("s1");
  const { status, body } = await admin.patch("/servers/back/s1", { state: "drain" });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    state: "drain",
    admin: "drain",
    reason: "set to drain by an operator",
    sessions: { now: 1 },
    transitions: [{ from: "up", to: "drain", reason: "set to drain by an operator" }],
  });
  for (let i = 0; i < 3; i++) await (await connectClient(admin.front)).untilText("s2");
  s1.peers[0]?.write(" goes on");
  await client.untilText("s1 goes on");
  const ready = await admin.patch("/servers/back/s1", { state: "ready" });
  expect(ready.body).toMatchObject({ state: "up", admin: "ready" });
  expect(ready.body.transitions.map(({ to }: { to: string }) => to)).toEqual(["up", "drain"]);
  const names = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const next = await connectClient(admin.front);
    names.add((await next.untilBytes(2)).toString());
  }
  expect(names).toEqual(new Set(["s1", "s2"]));
});

test("a server in maintenance is out, for all workers at once", async () => {
  const admin = await named();
  await admin.patch("/servers/back/s2", { state: "maint" });
  expect(await answers(admin, 8)).toEqual({ s1: 8 });
  expect(await admin.get("/backends")).toMatchObject({ backends: [{ usable: 1, state: "up" }] });
  await admin.patch("/servers/back/s1", { state: "maint" });
  expect(await admin.get("/backends")).toMatchObject({ backends: [{ usable: 0, state: "down" }] });
  await admin.patch("/servers/back/s2", { state: "ready" });
  expect(await answers(admin, 4)).toEqual({ s2: 4 });
});

test("a weight takes effect at once, and 0 takes a server out of the round", async () => {
  const admin = await named();
  const { body } = await admin.patch("/servers/back/s1", { weight: 3 });
  expect(body).toMatchObject({ weight: 3, weightInForce: 3 });
  expect(await answers(admin, 8)).toEqual({ s1: 6, s2: 2 });
  await admin.patch("/servers/back/s1", { weight: 0 });
  expect(await answers(admin, 4)).toEqual({ s2: 4 });
  await admin.patch("/servers/back/s1", { weight: 1, state: "drain" });
  expect(await admin.get("/servers/back/s1")).toMatchObject({ weight: 1, state: "drain" });
});

test("only the last changes of a state are kept", async () => {
  const admin = await startAdmin(tcpConfig({ s1: await startServer(echoes) }));
  for (let i = 0; i < 8; i++) {
    await admin.patch("/servers/back/s1", { state: "drain" });
    await admin.patch("/servers/back/s1", { state: "ready" });
  }
  const { transitions } = await admin.get("/servers/back/s1");
  expect(transitions).toHaveLength(10);
  expect(transitions[0]).toMatchObject({ from: "drain", to: "up" });
});
