// What happens when Ballast cannot listen where it is told to: a sentence that says what to do, exit
// code 1, nothing left behind. And unix sockets, whose files outlive a crash.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launchBallast, startBallast } from "../support/ballast.ts";
import { ask } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const servers = { one: "127.0.0.1:9" };
const unprivilegedFrom = Number(
  readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"),
);

/** The last words of a Ballast that does not start. */
async function refusalOf(bind: unknown, workers = 1): Promise<string> {
  const ballast = launchBallast(tcpConfig(servers, { global: { workers }, frontend: { bind } }));
  expect(await ballast.untilExit()).toEqual({ code: 1, signal: null });
  expect(ballast.outLines).toEqual([]);
  expect(ballast.messages.map(({ level }) => level)).toEqual(["fatal"]);
  return ballast.messages[0]?.message ?? "";
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

test.each([1, 2])("a port that another program has: %i worker(s)", async (workers) => {
  const other = await startServer(says("other"));
  expect(await refusalOf(other.address, workers)).toBe(
    `frontend front cannot listen on ${other.address}: it is already in use; ` +
      "stop the other program (ss -ltnp shows it) or choose another port",
  );
  expect(await ask(other.address)).toBe("other");
});

test.each([1, 2])(
  "a port that another Ballast has with 2 workers: %i worker(s)",
  async (workers) => {
    const server = await startServer(says("first"));
    const first = await startBallast(tcpConfig({ server }, { global: { workers: 2 } }));
    expect(await refusalOf(first.address, workers)).toContain(
      `cannot listen on ${first.address}: it is already in use; stop the other program`,
    );
    for (let i = 0; i < 10; i++) expect(await ask(first.address)).toBe("first");
  },
);

test("an address that no interface has, beside a port in use: both are told", async () => {
  const other = await startServer(says("other"));
  const refusal = await refusalOf(["192.0.2.1:0", other.address]);
  expect(refusal.split("\n")).toEqual([
    "frontend front cannot listen on 192.0.2.1:0: no interface of this machine has that address; " +
      "use one of its own, or 0.0.0.0",
    expect.stringContaining("already in use"),
  ]);
});

test.skipIf(process.getuid?.() === 0 || unprivilegedFrom <= 1)(
  "a privileged port without the privilege",
  async () => {
    expect(await refusalOf("127.0.0.1:1")).toContain("ports below 1024 need root");
  },
);

test("a unix socket in a folder that does not exist", async () => {
  expect(await refusalOf("unix:/nowhere/front.sock")).toBe(
    "frontend front cannot listen on unix:/nowhere/front.sock: the folder of this unix socket " +
      "does not exist; create it first",
  );
});

test("a unix socket whose path is somebody's regular file: refused, the file stays", async () => {
  const path = join(newFolder(), "letter.txt");
  writeFileSync(path, "dear");
  expect(await refusalOf(`unix:${path}`)).toContain("remove the file if it is no socket");
  expect(readFileSync(path, "utf8")).toBe("dear");
});

test.each([1, 2])(
  "unix socket, %i worker(s): live is refused, stale is replaced, gone at stop",
  async (workers) => {
    const path = join(newFolder(), "front.sock");
    const server = await startServer(says("hello"));
    const config = tcpConfig(
      { server },
      { global: { workers }, frontend: { bind: `unix:${path}` } },
    );
    const first = await startBallast(config);
    expect(first.address).toBe(`unix:${path}`);
    expect(await ask(first.address)).toBe("hello");
    expect(await refusalOf(`unix:${path}`)).toContain(
      "it is already in use; stop the program behind it (ss -lxp shows it)",
    );
    expect(await ask(first.address)).toBe("hello");
    await first.kill();
    expect(existsSync(path)).toBe(true);
    const second = await startBallast(config);
    for (let i = 0; i < 10; i++) expect(await ask(second.address)).toBe("hello");
    expect(await second.stop()).toBe(0);
    expect(existsSync(path)).toBe(false);
  },
);

test("a unix socket whose file another program has replaced is left to it at the stop", async () => {
  const path = join(newFolder(), "front.sock");
  const bind = `unix:${path}`;
  const [s1, s2] = await Promise.all([startServer(says("one")), startServer(says("two"))]);
  const one = await startBallast(tcpConfig({ s1 }, { frontend: { bind } }));
  expect(await ask(bind)).toBe("one");
  rmSync(path);
  const two = await startBallast(tcpConfig({ s2 }, { frontend: { bind } }));
  expect(await one.stop()).toBe(0);
  expect(await ask(bind)).toBe("two");
  expect(await two.stop()).toBe(0);
  expect(existsSync(path)).toBe(false);
});
