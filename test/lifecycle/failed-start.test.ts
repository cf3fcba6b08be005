// A start that cannot succeed, because a worker thread dies before it is ready: told once, exit 1,
// and no attempt after attempt.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ballast, launchBallast } from "../support/ballast.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { Sabotage } from "../support/sabotage.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const why = /^worker \d cannot start: Error: sabotage\n +at /;

function launch(workers: number, env: Readonly<Record<string, string>>): Ballast {
  const config = tcpConfig({ one: "127.0.0.1:9" }, { global: { workers } });
  return launchBallast(config, { env, mayFail: true });
}

/** Waits until it exits by itself; its only words. */
async function refusalOf(ballast: Ballast): Promise<string> {
  expect(await ballast.untilExit()).toEqual({ code: 1, signal: null });
  expect(ballast.messages.map(({ level }) => level)).toEqual(["fatal"]);
  return ballast.messages[0]?.message ?? "";
}

test.each([1, 2])("workers that throw before anything else: %i worker(s)", async (workers) => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const preload = join(folder, "throw.mjs");
  writeFileSync(
    preload,
    `import { isMainThread } from "node:worker_threads";
     if (!isMainThread) throw new Error("sabotage");`,
  );
  const ballast = launch(workers, { NODE_OPTIONS: `--import=${preload}` });
  expect(await refusalOf(ballast)).toMatch(why);
});

test.each([1, 2])("one worker that throws on its way: %i worker(s)", async (workers) => {
  const sabotage = new Sabotage();
  const thrown = sabotage.throw();
  const ballast = launch(workers, sabotage.env);
  await thrown;
  expect(await refusalOf(ballast)).toMatch(why);
});
