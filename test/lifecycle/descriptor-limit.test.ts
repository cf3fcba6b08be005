// More clients than the process may have descriptors: told at start with both numbers, nobody is
// lost, the log says it once, and the wait costs no CPU.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { startClient } from "../support/clients.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until, untilSteady } from "../support/until.ts";

const ticksPerSecond = 100;
const lowSoftLimit = new URL("../support/low-descriptor-limit.mjs", import.meta.url).href;

/** CPU seconds that a process has used so far, user and kernel. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may contain spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The part of one core that a process uses, measured over a second. */
async function cpuShare(pid: number): Promise<number> {
  const fromMs = performance.now();
  const from = cpuSeconds(pid);
  await delay(1000);
  return (cpuSeconds(pid) - from) / ((performance.now() - fromMs) / 1000);
}

/** Soft and hard limit in the words of /proc/PID/limits. */
function limitsIn(text: string): readonly number[] {
  const [, soft, hard] = /Max open files +(\d+) +(\d+) /.exec(text) ?? [];
  return [Number(soft), Number(hard)];
}

test("a soft limit below the hard one is raised to it at start", async () => {
  const server = await startServer(echoes);
  const config = tcpConfig({ server }, { frontend: { maxconn: 1000 } });
  const ballast = await startBallast(config, {
    shell: 'ulimit -n 3000; exec "$@"',
    env: { NODE_OPTIONS: `--import=${lowSoftLimit}` },
  });
  const lowered = ballast.messages.find(({ message }) => message.startsWith("lowered: "));
  expect(limitsIn(lowered?.message ?? "")).toEqual([300, 3000]);
  expect(limitsIn(readFileSync(`/proc/${ballast.pid}/limits`, "latin1"))).toEqual([3000, 3000]);
  // 1,000 sessions fit 3,000 descriptors, and would not fit 300.
  expect(ballast.messages.filter(({ level }) => level === "warn")).toEqual([]);
});

describe.each([
  // Half of what is left of the descriptors after 128 for the process and, for each worker, 9 and
  // three times a 32nd of its part.
  { workers: 1, descriptors: 300, possible: 68 },
  { workers: 2, descriptors: 590, possible: 195 },
  { workers: 8, descriptors: 420, possible: 62 },
])("$descriptors descriptors, $workers worker(s)", ({ workers, descriptors, possible }) => {
  test("more clients than fit wait without cost, and each is served in the end", async () => {
    const server = await startServer(echoes);
    const maxconn = 1000;
    const config = tcpConfig({ server }, { global: { workers }, frontend: { maxconn } });
    // Soft and hard.
    const shell = `ulimit -n ${descriptors}; exec "$@"`;
    const ballast = await startBallast(config, { shell });
    const { address } = ballast;
    expect(ballast.messages.map(({ level, message }) => ({ level, message }))[0]).toEqual({
      level: "warn",
      message:
        "frontend front: maxconn 1000 would need 2000 descriptors, and this process may have " +
        `${descriptors} (ulimit -n), enough for ${possible} sessions; raise the limit (LimitNOFILE in systemd, ` +
        "nofile in limits.conf) or lower maxconn",
    });
    // More than there are descriptors, all at once; each stays until the gate opens.
    const gate = new AbortController();
    const clients = Array.from({ length: descriptors + 100 }, () => startClient(address));
    const visits = clients.map(async (client, i) => {
      client.write(`question ${i}`);
      await until("an answer and the gate", () => client.bytes > 0 && gate.signal.aborted, 25_000);
      client.end(", and thanks");
      return (await client.untilEnd()).toString();
    });
    const served = (): number => clients.filter(({ bytes }) => bytes > 0).length;
    await until("the first to be served", () => served() === possible);
    expect(await untilSteady("the number of served clients", served)).toBe(possible);
    expect(await cpuShare(ballast.pid)).toBeLessThan(0.2);
    expect(served()).toBe(possible);
    gate.abort();
    const answers = await Promise.all(visits);
    expect(answers).toEqual(clients.map((_, i) => `question ${i}, and thanks`));
    const told = ballast.messages.filter(({ message }) => message.includes("is at its limit of"));
    expect(told.length).toBeLessThanOrEqual(workers);
    expect(told[0]?.message).toBe(
      `the process is at its limit of ${possible} sessions; further connections wait in the kernel's backlog`,
    );
    ballast.signal("SIGTERM");
    expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
  });
});

const canLimitOthers = spawnSync("prlimit", ["--version"]).status === 0;

test.skipIf(!canLimitOthers)(
  "descriptors that run out in spite of it: accepting pauses, told once, and goes on",
  async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }));
    const own = readdirSync(`/proc/${ballast.pid}/fd`).length;
    // Some sessions, and maybe a client for whom no way to a server is left.
    const limit = `--nofile=${own + 7}:${own + 7}`;
    expect(spawnSync("prlimit", [`--pid=${ballast.pid}`, limit]).status).toBe(0);
    const clients = Array.from({ length: 20 }, () => startClient(ballast.address));
    const served = (): number => clients.filter(({ bytes }) => bytes > 0).length;
    for (const client of clients) client.write("question");
    const exhausted = await ballast.untilMessage(({ message }) =>
      message.includes("cannot accept"),
    );
    expect(exhausted).toMatchObject({ level: "error", frontend: "front" });
    expect(exhausted.message).toContain("EMFILE");
    const count = await untilSteady("the number of served clients", served);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(clients.length);
    expect(await cpuShare(ballast.pid)).toBeLessThan(0.2);
    expect(ballast.messages.filter(({ message }) => message.includes("cannot accept")).length).toBe(
      1,
    );
    const visits = clients.map(async (client) => {
      await client.untilText("question");
      client.end(" and thanks");
      return (await client.untilEnd()).toString();
    });
    expect(await Promise.all(visits)).toEqual(Array(20).fill("question and thanks"));
  },
);
