// Checks in a running Ballast: what results make of servers, when servers are looked at, and what
// reloads and stops do with it. Results are counted by the servers that are looked at.
import { expect, it } from "vitest";
import type { InitState } from "../../src/config/check-plan.ts";
import { ServerState } from "../../src/scoreboard/server-state.ts";
import { asks, checkedPlan, checkPlan, runs, startPlan, statusOf } from "../support/checks.ts";
import { openDescriptors } from "../support/library.ts";
import { type Behaviour, freePort, startServer } from "../support/servers.ts";
import { until, untilSteady } from "../support/until.ts";

const { up, down, maint } = ServerState;

/** Answers each request with the status that `status` has at that moment. */
function statusServer(box: { status: number; readonly seen: number[] }): Behaviour {
  return (peer) => {
    peer.socket.once("data", () => {
      box.seen.push(box.status);
      peer.end(`HTTP/1.1 ${box.status} X\r\n\r\n`);
    });
  };
}

const http = asks();

it("goes down at the fall-th failure in a row and up at the rise-th success", async () => {
  const box = { status: 200, seen: [] as number[] };
  const server = await startServer(statusServer(box));
  const check = checkPlan({ probe: http, rise: 3, fall: 4, initState: "fullyUp" });
  const supervisor = await startPlan(checkedPlan({ s1: server }, { check }));
  const status = statusOf(supervisor);
  const reasons: string[] = [];
  const at: number[] = [];
  supervisor.states.onTransition(({ reason }) => {
    reasons.push(reason);
    at.push(box.seen.length);
  });
  await until("a few successes", () => status.checks >= 2);
  box.status = 503;
  await until("it to be down", () => status.state === down);
  box.status = 200;
  await until("it to be up", () => status.state === up);
  // The server's own count of what it answered, up to each transition.
  expect(box.seen.slice(0, at[0]).filter((code) => code === 503)).toHaveLength(4);
  expect(box.seen.slice(0, at[1]).slice(-4)).toEqual([503, 200, 200, 200]);
  expect(reasons[0]).toMatch(/^http check: status 503 in \d+ ms \(4 of 4 failed\)$/);
  expect(reasons[1]).toMatch(/^http check: status 200 in \d+ ms \(3 of 3 passed\)$/);
  expect(status.checkFailures).toBe(box.seen.filter((code) => code === 503).length);
  expect(status.downs).toBe(1);
});

it("is not taken down by failures that are not in a row", async () => {
  const statuses = [503, 503, 200];
  let asked = 0;
  const server = await startServer((peer) => {
    peer.socket.once("data", () => peer.end(`HTTP/1.1 ${statuses[asked++ % 3]} X\r\n\r\n`));
  });
  const check = checkPlan({ probe: http, fall: 3, initState: "fullyUp" });
  const status = statusOf(await startPlan(checkedPlan({ s1: server }, { check })));
  await until("twelve checks", () => status.checks >= 12);
  expect(status.downs).toBe(0);
  expect(status.checkFailures).toBeGreaterThanOrEqual(8);
});

it.each<[InitState, boolean, number]>([
  ["up", false, 1],
  ["fullyUp", false, 3],
  ["down", true, 1],
  ["fullyDown", true, 2],
])("begins %s: result %s changes its state after %i", async (initState, passes, count) => {
  const server = await startServer((peer) => {
    peer.socket.once("data", () => peer.end(`HTTP/1.1 ${passes ? 200 : 500} X\r\n\r\n`));
  });
  const check = checkPlan({ probe: http, initState, rise: 2, fall: 3 });
  const plan = checkedPlan({ s1: server }, { check });
  const supervisor = await startPlan(plan);
  const status = statusOf(supervisor);
  let reason = "";
  supervisor.states.onTransition((transition) => {
    reason = transition.reason;
  });
  expect(status.state).toBe(initState.toLowerCase().includes("up") ? up : down);
  await until("its state to change", () => status.state === (passes ? up : down) && reason !== "");
  expect(reason).toContain(`(${count} of ${count} ${passes ? "passed" : "failed"})`);
});

it("looks where the check says, not where sessions go", async () => {
  const port = await freePort();
  const box = { status: 200, seen: [] as number[] };
  const other = await startServer(statusServer(box));
  const otherPort = Number(other.address.split(":")[1]);
  const check = checkPlan({ probe: http, port: otherPort, initState: "down" });
  const plan = checkedPlan({ s1: `127.0.0.1:${port}` }, { check });
  const status = statusOf(await startPlan(plan));
  await until("it to be up", () => status.state === up);
  expect(box.seen.length).toBeGreaterThan(0);
});

it("rests in maintenance, begins afresh after it, and goes on in drain", async () => {
  const box = { status: 503, seen: [] as number[] };
  const server = await startServer(statusServer(box));
  const check = checkPlan({ probe: http, initState: "fullyUp", fall: 3 });
  const { states } = await startPlan(checkedPlan({ s1: server }, { check }));
  const status = states.server("back/s1");
  if (status === undefined) throw new Error("no server");
  await until("it to be down", () => status.state === down);
  states.setAdmin(status, "maint");
  const rested = await untilSteady("checks", () => box.seen.length, 200);
  expect(status.healthy).toBe(true);
  states.setAdmin(status, "ready");
  expect(status.state).toBe(up);
  await until("it to be down again", () => status.state === down);
  expect(box.seen.length - rested).toBe(3);
  box.status = 200;
  states.setAdmin(status, "drain");
  await until("checks to bring it up", () => status.healthy);
  const drained = status.checks;
  await until("checks to go on", () => status.checks > drained + 2);
});

it("does not look at a server that starts in maintenance until it is ready", async () => {
  const box = { status: 200, seen: [] as number[] };
  const server = await startServer(statusServer(box));
  const check = checkPlan({ probe: http, initState: "fullyDown" });
  const plan = checkedPlan({ s1: server, s2: server }, (name) => ({
    check: name === "s1" ? check : null,
    disabled: name === "s1",
  }));
  const supervisor = await startPlan(plan);
  const status = statusOf(supervisor);
  await supervisor.replace(plan);
  expect(await untilSteady("checks", () => box.seen.length, 200)).toBe(0);
  expect(status.state).toBe(maint);
  supervisor.states.setAdmin(status, "ready");
  expect(status.state).toBe(down);
  await until("it to be up", () => status.state === up);
  expect(box.seen.length).toBe(2);
});

it("does not look at a server without an address", async () => {
  const box = { status: 200, seen: [] as number[] };
  const server = await startServer(statusServer(box));
  const check = checkPlan({ probe: http });
  const { states } = await startPlan(checkedPlan({ s1: server }, { check }));
  const status = states.server("back/s1");
  if (status === undefined) throw new Error("no server");
  await until("a check", () => status.checks > 0);
  const { address } = status;
  states.setAddress(status, null, "its name does not resolve any more");
  const seen = await untilSteady("checks", () => box.seen.length, 200);
  states.setAddress(status, address, "its name resolves again");
  await until("checks to go on", () => box.seen.length > seen);
  expect(status.checkFailures).toBe(0);
});

it("keeps over a reload what was found of a server, unless its check or address changes", async () => {
  const box = { status: 503, seen: [] as number[] };
  const server = await startServer(statusServer(box));
  const other = await startServer(statusServer({ status: 200, seen: [] }));
  const check = checkPlan({ probe: http, initState: "fullyUp", fall: 3, downIntervalMs: 60_000 });
  const supervisor = await startPlan(checkedPlan({ s1: server }, { check }));
  const status = statusOf(supervisor);
  await until("it to be down", () => status.state === down);
  const counted = box.seen.length;

  // The same: still down, and the next look is a minute away as before.
  await supervisor.replace(checkedPlan({ s1: server, s2: other }, { check }));
  expect(statusOf(supervisor)).toBe(status);
  expect(status.state).toBe(down);

  // Another check: still down until it says otherwise.
  box.status = 200;
  const quicker = { ...check, downIntervalMs: 20 };
  await supervisor.replace(checkedPlan({ s1: server, s2: other }, { check: quicker }));
  await until("it to be up", () => status.state === up);
  expect(box.seen.slice(counted)).toEqual([200, 200]);

  // No check: not looked at. Then one again, which takes nothing from a server that serves.
  await supervisor.replace(checkedPlan({ s1: server, s2: other }, {}));
  await untilSteady("checks", () => box.seen.length, 200);
  const wary = { ...quicker, initState: "fullyDown" as const };
  await supervisor.replace(checkedPlan({ s1: server, s2: other }, { check: wary }));
  expect(status.state).toBe(up);

  // Another address is another server: it begins as initState says.
  await supervisor.replace(checkedPlan({ s1: other, s2: other }, { check: wary }));
  expect(status.downs).toBe(2);
  await until("it to be up", () => status.state === up);
});

it("leaves nothing behind when it stops in the middle of checks", async () => {
  const silent = await startServer(() => {});
  const hanging = checkPlan({ probe: runs("echo $$; sleep 1000") });
  const asking = checkPlan({ probe: http });
  const before = openDescriptors();
  const plan = checkedPlan({ s1: silent, s2: silent }, (name) => ({
    check: name === "s1" ? asking : hanging,
  }));
  const supervisor = await startPlan(plan);
  const peer = await silent.peer();
  await until("the program to run", () => openDescriptors() > before + 4);
  await supervisor.stop();
  await peer.untilEnding();
  peer.socket.destroy();
  await until("all descriptors to be closed", () => openDescriptors() <= before);
  expect(supervisor.states.servers.size).toBe(2);
});
