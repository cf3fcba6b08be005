// A connect that the kernel gives up (ETIMEDOUT), long before timeout.connect would have.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { sha256 } from "../support/payload.ts";
import { answersDigest, startServer } from "../support/servers.ts";
import { networkObstacle, startSilentNetwork } from "../support/silent-network.ts";
import { onReactor, reactors, type Settings, tcpConfig } from "../support/tcp-config.ts";

/** SYNs at 0 and 1 s, the end at 3 s; the kernel's timers may be a tick early. */
const kernelGivesUpMs = 2900;

/** Made before each test, gone after it. */
let folder = "";

beforeEach(({ skip }) => {
  skip(networkObstacle !== "", networkObstacle);
  folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
});

/** What is special about them: a way in from outside of that network, and patience. */
function parts(reactor: (typeof reactors)[number], defaults: Settings): Settings {
  return {
    ...onReactor(reactor),
    defaults: { ...defaults, timeout: { connect: "60s" } },
    frontend: { bind: `unix:${folder}/front.sock` },
  };
}

describe.each(reactors)("on the %s reactor, a connect that the kernel gives up", (reactor) => {
  it("ends the session without retries, and the log has side, phase and reason", async () => {
    const { address: silent, shell } = await startSilentNetwork();
    const config = tcpConfig({ silent }, parts(reactor, { retries: 0 }));
    const ballast = await startBallast(config, { shell });
    const client = startClient(ballast.address);
    client.write("question");
    await client.untilEnding();
    expect(client.bytes).toBe(0);
    const line = await ballast.untilLogged();
    // s: the server's time limit; C: connecting. Our own limit would be "no answer within ...".
    expect(line).toMatchObject({
      server: "silent",
      serverAddress: silent,
      termination: "sC",
      reason: "timed out",
      retries: 0,
      connectMs: -1,
      bytesOut: 0,
    });
    expect(line.totalMs).toBeGreaterThanOrEqual(kernelGivesUpMs);
    expect(line.totalMs).toBeLessThan(60_000);
  });

  it("is followed by one to a living server, and the client sees only the answer", async () => {
    const { address: silent, shell } = await startSilentNetwork();
    const living = await startServer(answersDigest, `unix:${folder}/living.sock`);
    const config = tcpConfig({ silent, living }, parts(reactor, { retries: 1, redispatch: true }));
    const ballast = await startBallast(config, { shell });
    // Two, because either server may be the first one's.
    const questions = ["one", "two"];
    const answers = questions.map((question) => ask(ballast.address, question));
    expect(await Promise.all(answers)).toEqual(questions.map(sha256));
    const lines = await ballast.untilLoggedTimes(2);
    for (const line of lines) expect(line).toMatchObject({ server: "living", termination: "--" });
    const [moved, ...others] = lines.filter(({ redispatched }) => redispatched);
    expect(others).toEqual([]);
    expect(moved).toMatchObject({ retries: 1 });
    expect(moved?.connectMs).toBeGreaterThanOrEqual(kernelGivesUpMs);
    expect(moved?.connectMs).toBeLessThan(60_000);
  });
});
