// A worker that dies while a stop waits for sessions: nobody takes its place, and the stop ends
// when the sessions of the others do.
import { readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { openLog, Supervisor } from "../../dist/index.js";
import { workerField } from "../../dist/scoreboard/fields.js";
import { connectClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { planOf } from "../support/library.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until, within } from "../support/until.ts";

/** With two workers, and a log that keeps its errors. */
async function start(config: object): Promise<{ supervisor: Supervisor; errors: string[] }> {
  const errors: string[] = [];
  const log = openLog("error");
  log.level = "silent";
  log.error = (_fields: unknown, message?: string) => errors.push(message ?? "");
  const supervisor = await Supervisor.start(planOf(config), log);
  atTestEnd(() => supervisor.stop());
  return { supervisor, errors };
}

/** Of the process; empty when there is none of this number. */
function kindOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

function wakerOf(worker: Supervisor["workers"][number] | undefined): number {
  const waker = worker?.waker;
  return waker?.kind === "eventfd" ? waker.descriptor : -1;
}

test("it is not replaced, and the stop ends with the last session", async () => {
  const server = await startServer(echoes);
  const { supervisor, errors } = await start(
    tcpConfig({ server }, { global: { workers: 2, log: { access: "off" } } }),
  );
  const { workers, board } = supervisor;
  const client = await connectClient(supervisor.addresses[0] ?? "");
  client.write("before ");
  await client.untilText("before ");
  const owner = board.workers.share(0, 0, workerField.active) === 1 ? 0 : 1;
  const victim = 1 - owner;
  // Who dies in its first second is replaced after a pause only: not what this is about.
  const beats = (): number => board.workers.column(victim, 0, workerField.turns);
  for (let beat = 0; beat < 2; beat++) {
    const turns = beats();
    await until("a heartbeat", () => beats() > turns);
  }

  const stop = supervisor.stop();
  await until("no more accepting", () => workers.every(({ stopped }) => stopped));
  const dead = workers[victim];
  const waker = wakerOf(dead);
  await dead?.terminate();
  await until("its death in the log", () => errors.some((error) => error.includes("died")));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(
    new RegExp(`^worker ${victim} died .*; it is not replaced, because we stop: exit code 1$`),
  );
  expect(supervisor.workers[victim]).toBe(dead);

  client.write("between ");
  await client.untilText("between ");
  // The other one may still wake it: its number must not become somebody's connection.
  expect(kindOf(waker)).toContain("eventfd");
  client.end("after");
  expect((await client.untilEnd()).toString()).toBe("before between after");
  await within("the stop", stop);
  expect(kindOf(waker)).not.toContain("eventfd");
  expect(supervisor.workers[victim]).toBe(dead);
});

test("the waker of one that was told to exit stays open until all have ended", async () => {
  const server = await startServer(echoes);
  const { supervisor } = await start(
    tcpConfig({ server }, { global: { workers: 1, log: { access: "off" } } }),
  );
  const [worker] = supervisor.workers;
  const waker = wakerOf(worker);
  worker?.send({ type: "exit" });
  await until("its end", () => worker?.ended);
  // Who was about to wake it must find neither a closed descriptor nor somebody else's.
  expect(kindOf(waker)).toContain("eventfd");
  await within("the stop", supervisor.stop());
  expect(kindOf(waker)).not.toContain("eventfd");
});
