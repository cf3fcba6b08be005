// A worker that dies of an exception, as an operator sees it: told loudly with its stack, replaced,
// and the service goes on.
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask } from "../support/clients.ts";
import { Sabotage } from "../support/sabotage.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { reload } from "../support/reloading.ts";
import { until } from "../support/until.ts";

test.each([1, 2])(
  "a worker that throws is told with its stack and replaced: %i worker(s)",
  async (workers) => {
    const sabotage = new Sabotage();
    const server = await startServer(says("hello"));
    const ballast = await startBallast(tcpConfig({ server }, { global: { workers } }), {
      env: sabotage.env,
      mayFail: true,
    });
    for (let death = 1; death <= 2; death++) {
      await sabotage.throw();
      for (let i = 0; i < 10; i++) expect(await ask(ballast.address)).toBe("hello");
      const told = await until(`death ${death} in the log`, () => {
        const deaths = ballast.messages.filter(({ message }) => message.includes("died"));
        return deaths.length === death && deaths;
      });
      expect(told.at(-1)?.level).toBe("error");
      expect(told.at(-1)?.message).toMatch(
        /^worker \d died and its sessions with it \(\d+ descriptors closed\); starting another: Error: sabotage\n +at /,
      );
    }
    // The successor takes plans and stops like any other.
    const other = await startServer(says("other"));
    await reload(ballast, tcpConfig({ other }, { global: { workers } }));
    for (let i = 0; i < 10; i++) expect(await ask(ballast.address)).toBe("other");
    expect(await ballast.stop()).toBe(0);
  },
);
