// Name servers that fail, names that do not exist (yet), and reloads that change names.
import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ask, startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { startNameServer } from "../support/name-server.ts";
import { startPlanned } from "../support/planned.ts";
import { says, startNamedServers, startServer } from "../support/servers.ts";
import { until, untilSteady, within } from "../support/until.ts";
import { namedPlan, startPair, untilAllGoTo } from "./names.ts";

const library = new URL("../../dist/index.js", import.meta.url).href;

/** Short, because silence lasts as long; long enough for a name server that answers from this thread. */
const timeoutMs = 1000;

describe.each(["nxdomain", "servfail", "silent", "garbage"] as const)("%s", (failure) => {
  test("keeps the last good answer, is told once, and its end too", async () => {
    const { one, port } = await startPair(says("one"), says("two"));
    const names = await startNameServer();
    names.set("db.test", { addresses: ["127.0.0.1"] });
    const plan = namedPlan(names, { s1: `db.test:${port}` }, { timeoutMs });
    const ballast = await startPlanned(plan);
    names.set("db.test", failure);
    const { level, message } = await ballast.untilTold("does not resolve");
    expect(level).toBe("warn");
    expect(message).toMatch(
      /^db\.test does not resolve \(.+\); its servers stay at 127\.0\.0\.1, the last answer: back\/s1$/,
    );
    const asked = names.asked("db.test");
    await until("more questions", () => names.asked("db.test") >= asked + 4);
    expect(await ask(ballast.address)).toBe("one");
    expect(ballast.told("does not resolve").length).toBe(1);
    expect(one.peers.length).toBe(1);
    names.set("db.test", { addresses: ["127.0.0.2"] });
    await ballast.untilTold("db.test resolves again");
    // A worker may hear of it a moment after the log has.
    await untilAllGoTo(ballast.address, "two");
  });

  test("at the start leaves that server down and the others serving; it comes up by itself", async () => {
    const { one, port } = await startPair(says("one"), says("two"));
    const names = await startNameServer();
    names.set("db.test", failure);
    const servers = { s1: one, s2: `db.test:${port}` };
    const ballast = await startPlanned(namedPlan(names, servers, { timeoutMs }));
    const [line] = ballast.told("does not resolve");
    expect(line?.message).toMatch(
      /^db\.test does not resolve \(.+\); down until it does: back\/s2$/,
    );
    for (let i = 0; i < 4; i++) expect(await ask(ballast.address)).toBe("one");
    names.set("db.test", { addresses: ["127.0.0.2"] });
    const up = await ballast.untilTold("server back/s2 is up");
    expect(up.message).toContain(`db.test resolves to 127.0.0.2:${port}`);
    await until("a session on it", async () => (await ask(ballast.address)) === "two");
  });
});

test("a backend whose only server does not resolve refuses until it does", async () => {
  const { port } = await startPair(says("one"), says("two"));
  const names = await startNameServer();
  const ballast = await startPlanned(namedPlan(names, { s1: `db.test:${port}` }));
  const refused = startClient(ballast.address);
  expect(await refused.untilEnding()).toBe("reset");
  names.set("db.test", { addresses: ["127.0.0.1"] });
  await ballast.untilTold("server back/s1 is up");
  await until("an answer", async () => {
    const client = startClient(ballast.address);
    return (await client.untilEnding()) === "fin";
  });
});

test("an answer holds for its TTL", async () => {
  const names = await startNameServer();
  names.set("short.test", { addresses: ["127.0.0.1"], ttl: 1 });
  names.set("long.test", { addresses: ["127.0.0.1"], ttl: 3600 });
  const servers = { s1: "short.test:9", s2: "long.test:9" };
  await startPlanned(namedPlan(names, servers, { intervalMs: 0 }));
  await until(
    "the short one to be asked for again and again",
    () => names.asked("short.test") >= 3,
  );
  expect(names.asked("long.test")).toBe(1);
});

test("a reload asks for new names only, and stops asking for those that are gone", async () => {
  const { s1, s2 } = await startNamedServers(2);
  const [port1, port2] = [s1, s2].map((server) => server?.address.split(":")[1]);
  const names = await startNameServer();
  for (const name of ["a.test", "b.test", "c.test"]) {
    names.set(name, { addresses: ["127.0.0.1"], ttl: 3600 });
  }
  const plan = (servers: Record<string, string>): ReturnType<typeof namedPlan> =>
    namedPlan(names, servers, { intervalMs: 0 });
  const ballast = await startPlanned(plan({ s1: `a.test:${port1}`, s2: `b.test:${port1}` }));
  expect(await ask(ballast.address)).toBe("s1");
  await ballast.supervisor.replace(plan({ s1: `c.test:${port2}`, s2: `b.test:${port2}` }));
  for (let i = 0; i < 4; i++) expect(await ask(ballast.address)).toBe("s2");
  expect(["a.test", "b.test", "c.test"].map((name) => names.asked(name))).toEqual([1, 1, 1]);
});

test("a reload to a name that fails leaves the server down; a name kept keeps its answer", async () => {
  const { one, port } = await startPair(says("one"), says("two"));
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"] });
  const servers = { s1: `db.test:${port}`, s2: one };
  const ballast = await startPlanned(namedPlan(names, servers, { timeoutMs }));
  names.set("db.test", "silent");
  await ballast.untilTold("does not resolve");
  const moved = { s1: `gone.test:${port}`, s2: `db.test:${port}` };
  await ballast.supervisor.replace(namedPlan(names, moved, { timeoutMs }));
  expect(ballast.told("gone.test does not resolve").length).toBe(1);
  expect(ballast.supervisor.states.server("back/s1")?.address).toBe(null);
  for (let i = 0; i < 4; i++) expect(await ask(ballast.address)).toBe("one");
  const asked = names.asked("gone.test");
  await until("it to be asked for again", () => names.asked("gone.test") > asked);
});

test("a failure names the servers of the plan in force, not of the one that asked", async () => {
  const patientMs = 100_000;
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"] });
  const ballast = await startPlanned(
    namedPlan(names, { s1: "db.test:9" }, { timeoutMs: patientMs }),
  );
  names.set("db.test", "held");
  const asked = names.asked("db.test");
  await until("it to be asked for again", () => names.asked("db.test") > asked);
  const more = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`s${i}`, "db.test:9"]));
  await ballast.supervisor.replace(namedPlan(names, more, { timeoutMs: patientMs }));
  names.set("db.test", "servfail");
  const { message } = await ballast.untilTold("does not resolve");
  expect(message).toMatch(/: back\/s0, back\/s1, back\/s2, back\/s3, back\/s4 and 2 more$/);
});

test("other name servers after a reload are asked at once, for all names", async () => {
  const { port } = await startPair(says("one"), says("two"));
  const [before, after] = [await startNameServer(), await startNameServer()];
  before.set("db.test", { addresses: ["127.0.0.1"], ttl: 3600 });
  after.set("db.test", { addresses: ["127.0.0.2"], ttl: 3600 });
  const servers = { s1: `db.test:${port}` };
  const ballast = await startPlanned(namedPlan(before, servers, { intervalMs: 0 }));
  expect(await ask(ballast.address)).toBe("one");
  await ballast.supervisor.replace(namedPlan(after, servers, { intervalMs: 0 }));
  expect(await ask(ballast.address)).toBe("two");
  expect(before.asked("db.test")).toBe(1);
});

test("what only the system knows resolves without a name server, and with one", async () => {
  const server = await startServer(says("local"), "127.0.0.1:0");
  const servers = { s1: `localhost:${server.address.split(":")[1]}` };
  const six = await startServer(says("local"), `[::1]:${server.address.split(":")[1]}`);
  expect(six.peers.length).toBe(0);
  const plain = await startPlanned(namedPlan(null, servers));
  expect(await ask(plain.address)).toBe("local");
  const names = await startNameServer();
  const ballast = await startPlanned(namedPlan(names, servers));
  expect(await ask(ballast.address)).toBe("local");
  expect(names.questions).toEqual([]);
});

test("after a stop nobody is asked any more", async () => {
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"] });
  const ballast = await startPlanned(namedPlan(names, { s1: "db.test:9" }));
  const asked = names.asked("db.test");
  await until("more questions", () => names.asked("db.test") > asked);
  await ballast.supervisor.stop();
  const questions = await untilSteady("questions", () => names.questions.length);
  expect(names.questions.length).toBe(questions);
});

test("a question without an answer keeps no process from ending", async () => {
  const names = await startNameServer();
  names.set("db.test", { addresses: ["127.0.0.1"] });
  const plan = namedPlan(names, { s1: "db.test:9" }, { timeoutMs: 60_000 });
  const program = `void (async () => {
    const { openLog, Supervisor } = await import(${JSON.stringify(library)});
    const supervisor = await Supervisor.start(${JSON.stringify(plan)}, openLog("error"));
    process.stdout.write("ready");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    await supervisor.stop();
    process.stdin.destroy();
  })();`;
  const child = spawn(process.execPath, ["-e", program]);
  atTestEnd(() => void child.kill("SIGKILL"));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  names.set("db.test", "silent");
  const asked = names.asked("db.test");
  await until("an open question", () => names.asked("db.test") > asked);
  child.stdin.write("stop");
  expect(await within("the process to end", exited)).toBe(0);
});
