// A worker that hangs in one event: told at the first look, ended and replaced at the second (looks
// are 5 s apart). Whoever waits in its backlog meanwhile is served by its successor.
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient } from "../support/clients.ts";
import type { ProcessMessage } from "../support/log-lines.ts";
import { Sabotage } from "../support/sabotage.ts";
import { greets, says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { reload } from "../support/reloading.ts";

const patienceMs = 25_000;

function isError({ level }: ProcessMessage): boolean {
  return level === "error";
}

test("it is told, ended and replaced, and everybody who comes is served", async () => {
  const sabotage = new Sabotage();
  const server = await startServer(greets("hello"));
  const ballast = await startBallast(tcpConfig({ server }, { global: { workers: 2 } }), {
    env: sabotage.env,
    mayFail: true,
  });
  await sabotage.hangOne();
  // Enough that the kernel gives some to the one that hangs.
  const waiting = await Promise.all(
    Array.from({ length: 40 }, () => connectClient(ballast.address)),
  );
  const told = await ballast.untilMessage(isError, patienceMs);
  const worker = told["worker"] as number;
  expect(told.message).toBe(`worker ${worker} has not turned for 5 s: it hangs in one event`);
  expect(waiting.filter(({ bytes }) => bytes === 0).length).toBeGreaterThan(0);
  await ballast.untilMessage(({ message }) => message.includes("died"), patienceMs);
  for (const client of waiting) await client.untilText("hello");

  // Its successor takes plans, serves and stops like any other.
  const other = await startServer(says("other"));
  await reload(ballast, tcpConfig({ other }, { global: { workers: 2 } }));
  for (let i = 0; i < 10; i++) expect(await ask(ballast.address)).toBe("other");
  for (const client of waiting) client.reset();
  expect(await ballast.stop()).toBe(0);
  const [, ended, died, ...more] = ballast.messages.filter(isError);
  expect(ended).toMatchObject({
    worker,
    message: `worker ${worker} has not turned for 10 s: it hangs in one event, and is ended`,
  });
  expect(died?.message).toMatch(
    new RegExp(`^worker ${worker} died .*; starting another: exit code 1$`),
  );
  expect(more).toEqual([]);
}, 60_000);
