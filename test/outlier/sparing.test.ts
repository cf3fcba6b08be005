// Who is not ejected, who comes back early, and what reloads and operators do to ejections.
import { describe, expect, test } from "vitest";
import { ask, startClient } from "../support/clients.ts";
import { type Planned, startPlanned } from "../support/planned.ts";
import { refusingAddress } from "../support/refusing.ts";
import { says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { ejections, forLong, isEjected, outlierPlan, resets } from "./outlier-plan.ts";

const limits = { consecutiveErrors: 3, ejectForMs: forLong, ejectForMaxMs: forLong };

async function untilEjected(ballast: Planned, server: string): Promise<void> {
  await until(`the ejection of ${server}`, async () => {
    await startClient(ballast.address).untilEnding();
    return isEjected(ballast, server);
  });
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("no more than maxEjectedPercent are out, and it is told", async () => {
    const servers = {
      s1: refusingAddress(),
      s2: refusingAddress(),
      s3: refusingAddress(),
      s4: await startServer(says("good")),
    };
    const ballast = await startPlanned(outlierPlan(servers, limits, workers));
    const told =
      /^server back\/s\d is not ejected: 3 failures in a row, but 2 of 4 servers are out already \(maxEjectedPercent 50\)$/;
    await until("the third not to be ejected", async () => {
      expect(await ask(ballast.address)).toBe("good");
      return ballast.lines.some(({ message }) => told.test(message));
    });
    const out = ["s1", "s2", "s3", "s4"].filter((name) => isEjected(ballast, name));
    expect(out.length).toBe(2);
    expect(out).not.toContain("s4");
  });

  test("the last one is never ejected", async () => {
    const servers = { s1: await startServer(resets), s2: await startServer(resets) };
    const all = { ...limits, maxEjectedPercent: 100 };
    const ballast = await startPlanned(outlierPlan(servers, all, workers));
    await until("the other not to be ejected", async () => {
      await startClient(ballast.address).untilEnding();
      return ballast.told("but no other server of its backend is usable").length > 0;
    });
    expect(["s1", "s2"].filter((name) => isEjected(ballast, name)).length).toBe(1);
  });
});

test("when the others go, an ejected server is better than none", async () => {
  const servers = { s1: await startServer(resets), s2: await startServer(says("good")) };
  const ballast = await startPlanned(outlierPlan(servers, limits));
  await untilEjected(ballast, "s1");
  const { states } = ballast.supervisor;
  const other = states.server("back/s2");
  if (other === undefined) throw new Error("no s2");
  states.setAdmin(other, "maint");
  await ballast.untilTold("server back/s1 is up: no other server of its backend is usable");
  expect(isEjected(ballast, "s1")).toBe(false);
});

test("an operator's `ready` ends an ejection; `maint` and `drain` do not", async () => {
  const servers = { s1: await startServer(resets), s2: await startServer(says("good")) };
  const ballast = await startPlanned(outlierPlan(servers, limits));
  await untilEjected(ballast, "s1");
  const { states } = ballast.supervisor;
  const server = states.server("back/s1");
  if (server === undefined) throw new Error("no s1");
  states.setAdmin(server, "drain");
  expect(server.ejected).toBe(true);
  states.setAdmin(server, "maint");
  expect(server.ejected).toBe(true);
  states.setAdmin(server, "ready");
  expect(server.ejected).toBe(false);
  await ballast.untilTold("server back/s1 is up: set to ready by an operator");
  // And it is watched as before.
  await until("the second ejection", async () => {
    await startClient(ballast.address).untilEnding();
    return ejections(ballast, "s1").length === 2;
  });
});

test("a reload keeps ejections of servers that stay; without outlier detection they end", async () => {
  const bad = await startServer(resets);
  const good = await startServer(says("good"));
  const third = await startServer(says("good"));
  const ballast = await startPlanned(outlierPlan({ s1: bad, s2: good }, limits));
  await untilEjected(ballast, "s1");
  await ballast.supervisor.replace(outlierPlan({ s1: bad, s2: good, s3: third }, limits));
  expect(isEjected(ballast, "s1")).toBe(true);
  for (let i = 0; i < 6; i++) expect(await ask(ballast.address)).toBe("good");
  await ballast.supervisor.replace(outlierPlan({ s1: bad, s2: good }, null));
  expect(isEjected(ballast, "s1")).toBe(false);
  expect(ballast.told("server back/s1 is up: outlier detection is off").length).toBe(1);
});

test("outlier detection that a reload switches on counts from then on", async () => {
  const servers = { s1: await startServer(resets), s2: await startServer(says("good")) };
  const ballast = await startPlanned(outlierPlan(servers, null));
  const aborts = (): number => ballast.supervisor.board.servers.snapshot(0).earlyAborts;
  await until("some failures", async () => {
    await startClient(ballast.address).untilEnding();
    return aborts() >= 10;
  });
  await ballast.supervisor.replace(outlierPlan(servers, limits));
  expect(isEjected(ballast, "s1")).toBe(false);
  await untilEjected(ballast, "s1");
  expect(ejections(ballast, "s1")).toEqual(["3 failures in a row"]);
});
