// Where log lines go: files that cannot be opened, fill up, are rotated or replaced, and pipes that
// nobody reads any more. None of it stops the service.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ballast, launchBallast, startBallast } from "../support/ballast.ts";
import { ask } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { sessionsIn } from "../support/log-lines.ts";
import { refusedReload, reload } from "../support/reloading.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

function linesOf(file: string): number {
  return readFileSync(file, "utf8").split("\n").length - 1;
}

test("an access log that cannot be opened is told at start, exit 1", async () => {
  const access = "/nowhere/access.log";
  const ballast = launchBallast(tcpConfig({ one: "127.0.0.1:9" }, { global: { log: { access } } }));
  expect((await ballast.untilExit()).code).toBe(1);
  const [message] = ballast.messages;
  expect(message?.level).toBe("fatal");
  expect(message?.message).toContain(access);
  expect(message?.message).toContain("global.log.access");
});

test("an access log that cannot be opened refuses a reload, and the old one goes on", async () => {
  const server = await startServer(says("hello"));
  const ballast = await startBallast(tcpConfig({ server }));
  const log = { access: "/nowhere/access.log" };
  const why = await refusedReload(ballast, tcpConfig({ server }, { global: { log } }));
  expect(why).toContain("/nowhere/access.log");
  expect(await ask(ballast.address)).toBe("hello");
  await ballast.untilLogged();
});

test("a full disk costs log lines, which are counted, and no session", async () => {
  const server = await startServer(says("hello"));
  const log = { access: "/dev/full" };
  const ballast = await startBallast(tcpConfig({ server }, { global: { log } }));
  for (let i = 0; i < 5; i++) expect(await ask(ballast.address)).toBe("hello");
  const lost = await ballast.untilMessage(({ message }) => message.includes("loses lines"));
  expect(lost).toMatchObject({ level: "error", target: "/dev/full" });
  expect(lost["droppedLines"]).toBeGreaterThan(0);
  expect(lost.message).toContain("ENOSPC");
  for (let i = 0; i < 5; i++) expect(await ask(ballast.address)).toBe("hello");
  expect(await ballast.stop()).toBe(0);
});

/** A Ballast whose `closed` streams nobody reads any more, on a unix socket. */
async function startWithoutReader(closed: "out" | "both"): Promise<Ballast> {
  const server = await startServer(says("hello"));
  const bind = `unix:${join(newFolder(), "front.sock")}`;
  const ballast = await startBallast(tcpConfig({ server }, { frontend: { bind } }));
  ballast.process.stdout?.destroy();
  if (closed === "both") ballast.process.stderr?.destroy();
  return ballast;
}

test("a reader of stdout that is gone costs log lines and no session", async () => {
  const ballast = await startWithoutReader("out");
  const { address } = ballast;
  for (let i = 0; i < 5; i++) expect(await ask(address)).toBe("hello");
  const lost = await ballast.untilMessage(({ message }) => message.includes("loses lines"));
  expect(lost.message).toContain("EPIPE");
  for (let i = 0; i < 5; i++) expect(await ask(address)).toBe("hello");
  ballast.signal("SIGTERM");
  expect((await ballast.untilExit()).code).toBe(0);
});

test("without any reader it serves, refuses wrong files, takes right ones and stops", async () => {
  const ballast = await startWithoutReader("both");
  const { address } = ballast;
  for (let i = 0; i < 5; i++) expect(await ask(address)).toBe("hello");
  ballast.rewriteConfig("frontends: nonsense\nbackends: nonsense");
  for (let i = 0; i < 3; i++) {
    ballast.signal("SIGHUP");
    expect(await ask(address)).toBe("hello");
  }
  const other = await startServer(says("other"));
  ballast.rewriteConfig(tcpConfig({ other }, { frontend: { bind: address } }));
  ballast.signal("SIGHUP");
  await until("the other server", async () => (await ask(address)) === "other");
  ballast.signal("SIGTERM");
  expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
});

test("SIGUSR1 reopens a renamed log file, and no line is lost on the way", async () => {
  const server = await startServer(says("hello"));
  const access = join(newFolder(), "access.log");
  const log = { access };
  const ballast = await startBallast(tcpConfig({ server }, { global: { workers: 2, log } }));
  const rotated: string[] = [];
  const stopping = new AbortController();
  let asked = 0;
  const traffic = (async () => {
    while (!stopping.signal.aborted) {
      expect(await ask(ballast.address)).toBe("hello");
      asked++;
    }
  })();
  traffic.catch(() => {});
  for (let i = 1; i <= 5; i++) {
    await until("lines", () => linesOf(access) > 0);
    renameSync(access, `${access}.${i}`);
    rotated.push(`${access}.${i}`);
    const from = ballast.messages.length;
    // Twice, as impatient scripts do.
    ballast.signal("SIGUSR1");
    ballast.signal("SIGUSR1");
    await ballast.untilMessage(({ message }) => message === "access log reopened", undefined, from);
  }
  stopping.abort();
  await traffic;
  expect(await ballast.stop()).toBe(0);
  const files = [...rotated, access].map((file) => readFileSync(file, "utf8"));
  expect(sessionsIn(files.join("")).length).toBe(asked);
});

test("SIGUSR1 when the file cannot be opened keeps the old one", async () => {
  const server = await startServer(says("hello"));
  const folder = newFolder();
  const access = join(folder, "logs.d", "access.log");
  const ballast = await startBallast(tcpConfig({ server }));
  // The folder is moved away: the open file stays, its name cannot be opened again.
  mkdirSync(join(folder, "logs.d"));
  await reload(ballast, tcpConfig({ server }, { global: { log: { access } } }));
  renameSync(join(folder, "logs.d"), join(folder, "moved"));
  ballast.signal("SIGUSR1");
  await ballast.untilMessage(({ message }) => message.includes("stays as it was"));
  expect(await ask(ballast.address)).toBe("hello");
  await until("the line in the old file", () => linesOf(join(folder, "moved", "access.log")) === 1);
});

test("a reload to another file and format: lines go there from then on", async () => {
  const server = await startServer(says("hello"));
  const folder = newFolder();
  const one = join(folder, "one.log");
  const two = join(folder, "two.log");
  const config = (access: string, format: string): object =>
    tcpConfig({ server }, { global: { log: { access, format } } });
  const ballast = await startBallast(config(one, "json"));
  await ask(ballast.address);
  await until("a json line", () => linesOf(one) === 1);
  await reload(ballast, config(two, "haproxy"));
  await ask(ballast.address);
  await until("a line in haproxy's format", () => linesOf(two) === 1);
  expect(readFileSync(two, "utf8")).toMatch(/ front back\/server \d+\/\d+\/\d+ 5 -- /);
  await reload(ballast, config("off", "json"));
  await ask(ballast.address);
  await reload(ballast, config(one, "clf"));
  await ask(ballast.address);
  await until("a second line", () => linesOf(one) === 2);
  expect(readFileSync(one, "utf8").split("\n")[1]).not.toMatch(/^\{/);
  expect(await ballast.stop()).toBe(0);
  expect(linesOf(two)).toBe(1);
});

describe.each([1, 2])("under traffic, with %i worker(s)", (workers) => {
  test("each reload's lines are in its own file, in its own format, and none is missing", async () => {
    const server = await startServer(says("hello"));
    const folder = newFolder();
    const one = join(folder, "a.log");
    const two = join(folder, "b.log");
    const config = (access: string, format: string): object =>
      tcpConfig({ server }, { global: { workers, log: { access, format } } });
    const ballast = await startBallast(config(one, "json"));
    let asked = 0;
    const ask5 = async (): Promise<void> => {
      const count = asked + 5;
      for (; asked < count; asked++) expect(await ask(ballast.address)).toBe("hello");
    };
    // Some have just ended when the reload begins, others go on all the time.
    await ask5();
    const stopping = new AbortController();
    const traffic = (async () => {
      while (!stopping.signal.aborted) await ask5();
    })();
    traffic.catch(() => {});
    await reload(ballast, config(two, "haproxy"));
    stopping.abort();
    await traffic;
    const inOne = linesOf(one);
    expect(inOne).toBeGreaterThan(0);
    await ask5();
    // What has ended before is written where it belongs, though it may not have been by now.
    await reload(ballast, config("off", "json"));
    for (let i = 0; i < 5; i++) expect(await ask(ballast.address)).toBe("hello");
    expect(await ballast.stop()).toBe(0);
    expect(linesOf(one)).toBe(inOne);
    expect(linesOf(one) + linesOf(two)).toBe(asked);
    expect(sessionsIn(readFileSync(one, "utf8")).map(({ server: name }) => name)).toEqual(
      Array(inOne).fill("server"),
    );
    const lines = readFileSync(two, "utf8").trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/ front back\/server \d+\/\d+\/\d+ 5 -- /);
  });
});
