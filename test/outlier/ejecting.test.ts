// Servers on which real sessions fail: refused, reset, too many of them. They are taken out, come
// back, and are taken out for longer.
import { describe, expect, test } from "vitest";
import { ask, startClient } from "../support/clients.ts";
import { startPlanned } from "../support/planned.ts";
import { refusingAddress } from "../support/refusing.ts";
import { type Behaviour, says, startServer, stalls } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { ejections, forLong, isEjected, outlierPlan } from "./outlier-plan.ts";

/** Its accept is a success, and then it is none. */
const resetsQuestions: Behaviour = (peer) => {
  peer.socket.once("data", () => peer.reset());
};

/** One session that says something, however it ends; what the server said. */
async function attempt(address: string): Promise<string> {
  const client = startClient(address);
  client.write("x");
  await client.untilEnding();
  return client.text;
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test("a server that refuses is ejected after so many failures in a row, unseen by clients", async () => {
    const good = await startServer(says("good"));
    const servers = { s1: refusingAddress(), s2: good };
    const limits = { consecutiveErrors: 5, ejectForMs: forLong, ejectForMaxMs: forLong };
    const ballast = await startPlanned(outlierPlan(servers, limits, workers));
    let sessions = 0;
    await until("the ejection", async () => {
      sessions++;
      expect(await ask(ballast.address)).toBe("good");
      return isEjected(ballast, "s1");
    });
    expect(sessions).toBeGreaterThanOrEqual(5);
    expect(ejections(ballast, "s1")).toEqual(["5 failures in a row"]);
    const tried = (): number => ballast.supervisor.board.servers.snapshot(0).connectFailures;
    await until("no more sessions to go there", async () => {
      const before = tried();
      for (let i = 0; i < 20; i++) expect(await ask(ballast.address)).toBe("good");
      return tried() === before;
    });
  });

  test("a server that accepts, and resets what it is asked, is ejected just so", async () => {
    const bad = await startServer(resetsQuestions);
    const good = await startServer(says("good"));
    const limits = { consecutiveErrors: 5, ejectForMs: forLong, ejectForMaxMs: forLong };
    const plan = outlierPlan({ s1: bad, s2: good }, limits, workers);
    const ballast = await startPlanned(plan);
    await until("the ejection", async () => {
      await attempt(ballast.address);
      return isEjected(ballast, "s1");
    });
    expect(ejections(ballast, "s1")).toEqual(["5 failures in a row"]);
    const { earlyAborts, serverAborts } = ballast.supervisor.board.servers.snapshot(0);
    expect(earlyAborts).toBeGreaterThanOrEqual(5);
    expect(serverAborts).toBe(earlyAborts);
  });

  test("a burst of failures at once is a row of failures too", async () => {
    const bad = await startServer(resetsQuestions);
    const good = await startServer(says("good"));
    const limits = { consecutiveErrors: 10, ejectForMs: forLong, ejectForMaxMs: forLong };
    const ballast = await startPlanned(outlierPlan({ s1: bad, s2: good }, limits, workers));
    const clients = Array.from({ length: 30 }, () => startClient(ballast.address));
    await until("all of them to be connected", () => bad.peers.length >= 15);
    for (const client of clients) client.write("x");
    await until("the ejection", () => isEjected(ballast, "s1"));
    expect(ejections(ballast, "s1")).toEqual(["10 failures in a row"]);
  });

  test("it comes back, and when it fails again stays out for longer", async () => {
    const servers = {
      s1: refusingAddress(),
      s2: await startServer(says("good")),
    };
    // No interval ends meanwhile that could be a quiet one.
    const limits = { consecutiveErrors: 2, ejectForMs: 100, intervalMs: forLong };
    const ballast = await startPlanned(outlierPlan(servers, limits, workers));
    const times = (): unknown[] => ballast.told("comes back in").map((line) => line["ejectedMs"]);
    await until("three ejections", async () => {
      expect(await ask(ballast.address)).toBe("good");
      return times().length >= 3;
    });
    expect(times().slice(0, 3)).toEqual([100, 200, 300]);
    expect(ballast.told("server back/s1 is up: its ejection is over").length).toBe(2);
  });

  test("a server that is mended serves again after its ejection", async () => {
    let broken = true;
    const mending: Behaviour = (peer) => (broken ? peer.reset() : peer.end("mended"));
    const servers = { s1: await startServer(mending), s2: await startServer(says("good")) };
    const ballast = await startPlanned(outlierPlan(servers, { consecutiveErrors: 3 }, workers));
    await until("the ejection", async () => {
      await attempt(ballast.address);
      return isEjected(ballast, "s1");
    });
    broken = false;
    const line = await ballast.untilTold("server back/s1 is up: its ejection is over");
    expect(line.level).toBe("info");
    await until(
      "its first good session",
      async () => (await attempt(ballast.address)) === "mended",
    );
  });

  test("a share of failed sessions ejects, though few of them follow each other", async () => {
    let count = 0;
    const alternating: Behaviour = (peer) => (count++ % 2 === 0 ? peer.reset() : peer.end("s1"));
    const servers = { s1: await startServer(alternating), s2: await startServer(says("good")) };
    const limits = { errorRate: 40, consecutiveErrors: 20, ejectForMs: forLong };
    const plan = outlierPlan(servers, { ...limits, ejectForMaxMs: forLong }, workers);
    const ballast = await startPlanned(plan);
    await until("the ejection", async () => {
      // Several at once, or a slow machine makes too few in an interval to judge by.
      await Promise.all(Array.from({ length: 10 }, () => attempt(ballast.address)));
      return isEjected(ballast, "s1");
    });
    const [reason] = ejections(ballast, "s1");
    expect(reason).toMatch(/^\d\d % of \d+ sessions failed in 0\.3 s$/);
    expect(ballast.supervisor.board.servers.snapshot(0).trips).toBe(0);
  });
});

test("sessions that the client breaks off, or that are silent, are no failures of the server", async () => {
  const s1 = await startServer(stalls);
  const s2 = await startServer(stalls);
  const limits = { consecutiveErrors: 2, errorRate: 10 };
  const ballast = await startPlanned(outlierPlan({ s1, s2 }, limits));
  for (let i = 1; i <= 20; i++) {
    const client = startClient(ballast.address);
    await until("a session", () => s1.peers.length + s2.peers.length === i);
    client.reset();
  }
  const row = (): { clientAborts: number; errors: number; earlyAborts: number } =>
    ballast.supervisor.board.servers.snapshot(0);
  await until("them to be counted", () => row().clientAborts === 10);
  expect(row()).toMatchObject({ errors: 0, earlyAborts: 0, trips: 0 });
  expect([isEjected(ballast, "s1"), isEjected(ballast, "s2")]).toEqual([false, false]);
});

test("the time of a connect is that of its own attempt, not of the failed ones before it", async () => {
  const servers = { s1: refusingAddress(), s2: await startServer(says("good")) };
  const plan = outlierPlan(servers, null);
  const backends = plan.backends.map((backend) => ({ ...backend, redispatch: true, retries: 1 }));
  const ballast = await startPlanned({ ...plan, backends });
  for (let i = 0; i < 10; i++) expect(await ask(ballast.address)).toBe("good");
  const [backend, server] = [
    ballast.supervisor.board.backends.snapshot(0).connectMs,
    ballast.supervisor.board.servers.snapshot(1).connectMs,
  ];
  expect(server).toBeGreaterThan(0);
  expect(server).toBeLessThan(backend);
});
