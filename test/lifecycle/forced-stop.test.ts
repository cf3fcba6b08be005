// Stopping when something does not cooperate: a worker that hangs in one event, a reader of stdout
// that has stopped reading.
import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { ask, connectClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { greets, says, startServer } from "../support/servers.ts";
import { Sabotage } from "../support/sabotage.ts";
import { tcpConfig } from "../support/tcp-config.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A Ballast with one session whose workers all hang. */
async function startHanging(workers: number): Promise<Ballast> {
  const sabotage = new Sabotage();
  const server = await startServer(greets("hello"));
  const ballast = await startBallast(
    tcpConfig({ server }, { global: { workers, shutdownTimeout: "300ms" } }),
    { env: sabotage.env, mayFail: true },
  );
  await (await connectClient(ballast.address)).untilText("hello");
  await sabotage.hang(workers);
  return ballast;
}

describe.each([1, 2])("with %i worker(s) that hang", (workers) => {
  test("a second signal ends it at once", async () => {
    const ballast = await startHanging(workers);
    ballast.signal("SIGTERM");
    await ballast.untilMessage(({ message }) => message.startsWith("SIGTERM: "));
    ballast.signal("SIGTERM");
    expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
    expect(ballast.messages.at(-1)?.message).toContain("SIGTERM again: ending at once");
  });

  test("one signal ends it after shutdownTimeout, and the log says who hung", async () => {
    const ballast = await startHanging(workers);
    expect(await ballast.stop()).toBe(0);
    const forced = ballast.messages.filter(({ message }) => message.includes("ended by force"));
    expect(forced.map(({ worker }) => worker)).toEqual(
      Array.from({ length: workers }, (_, i) => i),
    );
    expect(ballast.messages.at(-1)?.message).toBe("stopped");
  });
});

test("a reader of stdout that has stopped reading does not keep it from ending", async () => {
  const server = await startServer(says("x"));
  const fifo = join(newFolder(), "fifo");
  execFileSync("mkfifo", [fifo]);
  // A reader that never reads. Writing to a pipe blocks, as it does behind `ballast | less`.
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  atTestEnd(() => closeSync(reader));
  const ballast = await startBallast(tcpConfig({ server }), { shell: `exec "$@" > ${fifo}` });
  const { address } = ballast;
  // A pipe holds 64 KiB.
  for (let i = 0; i < 40; i++) {
    for (const answer of await Promise.all(Array.from({ length: 10 }, () => ask(address)))) {
      expect(answer).toBe("x");
    }
  }
  ballast.signal("SIGTERM");
  expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
});

test("SIGTERM while a reload is on its way ends in a clean stop", async () => {
  const server = await startServer(says("x"));
  const path = join(newFolder(), "front.sock");
  const ballast = await startBallast(tcpConfig({ server }, { global: { workers: 2 } }));
  ballast.rewriteConfig(
    tcpConfig(
      { server },
      { global: { workers: 2 }, frontend: { bind: ["127.0.0.1:0", `unix:${path}`] } },
    ),
  );
  ballast.signal("SIGHUP");
  expect(await ballast.stop()).toBe(0);
  expect(existsSync(path)).toBe(false);
});
