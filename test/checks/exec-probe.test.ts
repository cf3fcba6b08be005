// The exec check: programs that behave, and those that hang, fork, flood, or are not there. After
// each of them nothing is left: no process, no descriptor.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, it } from "vitest";
import { probeOf } from "../../src/control/checks/probes.ts";
import type { CheckPlan } from "../../src/config/check-plan.ts";
import { checkPlan, probe, runs } from "../support/checks.ts";
import { connectClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { openDescriptors, startSupervisor } from "../support/library.ts";
import { greets, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const address = "127.0.0.1:81";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
});

async function found(script: string, timeoutMs = 5000): Promise<string> {
  const { ok, text } = await probe(address, { probe: runs(script), timeoutMs });
  return `${ok ? "up" : "down"}: ${text}`;
}

function command(...words: readonly string[]): CheckPlan["probe"] {
  return { kind: "exec", command: words };
}

/** Alive: not gone, and not a zombie either. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

/** Process ids that a script has written to a file of the test's folder. */
function pidsIn(name: string): number[] {
  return readFileSync(join(folder, name), "latin1").trim().split("\n").map(Number);
}

describe("a program that ends", () => {
  it.each([
    ["exit 0", "up: exit code 0"],
    ["exit 3", "down: exit code 3"],
    ["echo first; echo last; exit 0", 'up: exit code 0 with "last"'],
    ["echo out; echo oops >&2; echo; exit 1", 'down: exit code 1 with "oops"'],
    ["printf 'no line end'", 'up: exit code 0 with "no line end"'],
    ["kill -TERM $$", "down: ended by SIGTERM"],
    [String.raw`printf 'a\033[31mb\000c\377\n'`, 'up: exit code 0 with "a [31mb c"'],
  ])("%s", async (script, expected) => {
    expect(await found(script)).toBe(expected);
  });

  it("is shown with 200 characters of its last line at most", async () => {
    const result = await found("head -c 5000 /dev/zero | tr '\\0' x");
    expect(result).toBe(`up: exit code 0 with "${"x".repeat(200)}"`);
  });

  it("is told which server it looks at, and nothing of our own environment but PATH", async () => {
    process.env["BALLAST_TEST_SECRET"] = "secret";
    const { text } = await probe(address, { probe: command("/usr/bin/env") });
    expect(text).toContain("exit code 0");
    const file = join(folder, "env");
    await found(`env > ${file}`);
    delete process.env["BALLAST_TEST_SECRET"];
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const set = lines.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
    expect(set.toSorted()).toEqual([
      "BALLAST_BACKEND=web",
      expect.stringMatching(/^BALLAST_CHECK_ID=[0-9a-f]{16}-\d+$/),
      "BALLAST_SERVER_ADDRESS=127.0.0.1",
      "BALLAST_SERVER_NAME=s1",
      "BALLAST_SERVER_PORT=81",
      `PATH=${process.env["PATH"]}`,
    ]);
  });

  it("inherits nothing of Ballast's: no listening socket, no session, no eventfd", async () => {
    const script = "ls /proc/self/fd | tr '\\n' ' '";
    // Whoever started this test may have left descriptors to all its children.
    const inherited = spawnSync("/bin/sh", ["-c", script]).stdout.toString().trim();
    const server = await startServer(greets("s1"));
    const supervisor = await startSupervisor(
      tcpConfig({ server }, { global: { workers: 2, shutdownTimeout: 0 } }),
    );
    const client = await connectClient(supervisor.addresses[0] ?? "");
    await client.untilBytes(2);
    expect(await found(script)).toBe(`up: exit code 0 with "${inherited}"`);
  });
});

describe("a program that cannot run", () => {
  it("is missing", async () => {
    const result = await probe(address, { probe: command(join(folder, "none"), "word") });
    expect(result).toMatchObject({ ok: false });
    expect(result.text).toBe(`cannot run ${folder}/none: no such file`);
  });

  it("is not executable", async () => {
    const file = join(folder, "script");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
    const { ok, text } = await probe(address, { probe: command(file) });
    expect({ ok, text }).toEqual({ ok: false, text: `cannot run ${file}: not executable` });
  });

  it("is a folder", async () => {
    const { ok, text } = await probe(address, { probe: command(folder) });
    expect({ ok, text }).toEqual({ ok: false, text: `cannot run ${folder}: not executable` });
  });

  it("has a name that no file can have", async () => {
    const { ok } = await probe(address, { probe: command("a\0b") });
    expect(ok).toBe(false);
  });
});

describe("a program that overruns", () => {
  it("is killed with its children", async () => {
    const pids = join(folder, "pids");
    const script = `echo working; sleep 1000 & echo $! > ${pids}; echo $$ >> ${pids}; wait`;
    const result = await found(script, 500);
    expect(result).toBe('down: still running after 500ms with "working"');
    await until("both processes to be gone", () => !pidsIn("pids").some(isAlive));
  });

  it("is killed with those that have left its group, and with their children", async () => {
    const pids = join(folder, "pids");
    // A daemon as they are made: its parent is gone, its session is its own, its pipes are closed.
    const inner = `echo $$ >> ${pids}; sleep 1000 & echo $! >> ${pids}; wait`;
    const daemon = `(setsid sh -c '${inner}' > /dev/null 2>&1 < /dev/null &)`;
    const result = await found(`${daemon}; ${daemon}; sleep 1000`, 2000);
    expect(result).toBe("down: still running after 2s");
    expect(pidsIn("pids")).toHaveLength(4);
    expect(pidsIn("pids").filter(isAlive)).toEqual([]);
  });

  it("takes nobody with it but its own", async () => {
    const own = found("sleep 1000", 500);
    const other = probe(address, {
      probe: runs("setsid sh -c 'sleep 2; echo mine' "),
      timeoutMs: 20_000,
    });
    expect(await own).toBe("down: still running after 500ms");
    expect((await other).text).toBe('exit code 0 with "mine"');
  });

  it("is killed though it ignores every polite signal", async () => {
    const script = `echo $$ > ${folder}/pids; trap '' TERM INT HUP; while :; do sleep 0.01; done`;
    expect(await found(script, 300)).toContain("still running after 300ms");
    expect(pidsIn("pids").filter(isAlive)).toEqual([]);
  });

  it("is killed when its check is not wanted any more", async () => {
    const check = checkPlan({ probe: runs(`echo $$ > ${folder}/pids; sleep 1000`) });
    const target = { family: "ipv4", host: "127.0.0.1", port: 81 } as const;
    const probing = probeOf(check)({ backend: "web", server: "s1", address: target });
    await until("it to run", () => {
      try {
        return pidsIn("pids").some((pid) => pid > 0);
      } catch {
        return false;
      }
    });
    probing.end();
    await probing.result;
    expect(pidsIn("pids").filter(isAlive)).toEqual([]);
  });
});

describe("a program that forks", () => {
  it("is over when it ends: its child, which holds the pipe, goes with it", async () => {
    const result = await found(`sleep 1000 & echo $! > ${folder}/pids; echo done`);
    expect(result).toBe('up: exit code 0 with "done"');
    await until("the child to be gone", () => !pidsIn("pids").some(isAlive));
  });

  it("is over when it ends, though a child has left the group and holds the pipe", async () => {
    const before = openDescriptors();
    const result = await found(`setsid sleep 30 & echo $! > ${folder}/pids; echo done; exit 2`);
    expect(result).toBe('down: exit code 2 with "done"');
    expect(openDescriptors()).toBeLessThanOrEqual(before);
    expect(pidsIn("pids").filter(isAlive)).toEqual([]);
  });
});

describe("a program that prints megabytes", () => {
  it("passes with its last line", async () => {
    const result = await found("head -c 5000000 /dev/zero | tr '\\0' 'y'; echo; echo fine");
    expect(result).toBe('up: exit code 0 with "fine"');
  });

  it("is ended when there is no end to it", async () => {
    const result = await found(`echo $$ > ${folder}/pids; exec yes`, 20_000);
    expect(result).toBe('down: printed more than 16 MiB with "y"');
    expect(pidsIn("pids").filter(isAlive)).toEqual([]);
  });
});

it("leaves no descriptor, whatever the programs did", async () => {
  await found("echo warm");
  const before = openDescriptors();
  const scripts = ["exit 0", "exit 1", "sleep 1000", "sleep 1000 & exit 0", "kill -9 $$"];
  await Promise.all(scripts.map((script) => found(script, 300)));
  await probe(address, { probe: command("/none") });
  expect(openDescriptors()).toBeLessThanOrEqual(before);
});
