// Connect attempts that hang or fail: their time limit, where the next one goes, and what a client
// that gives up meanwhile leaves in the log.
import { describe, expect, it } from "vitest";
import { send } from "../support/admin.ts";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { refusingAddress } from "../support/refusing.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import { startSilentAddress } from "../support/server-programs.ts";
import { answersDigest, says, startServer } from "../support/servers.ts";
import { sha256 } from "../support/payload.ts";
import { until } from "../support/until.ts";

describe.each(reactors)("on the %s reactor, a server that drops SYNs", (reactor) => {
  it("ends the session with sC after connect timeouts, and the client is reset", async () => {
    const silent = await startSilentAddress();
    const config = tcpConfig(
      { silent },
      { ...onReactor(reactor), defaults: { retries: 1, timeout: { connect: "150ms" } } },
    );
    const ballast = await startBallast(config);
    const client = startClient(ballast.address);
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "sC", retries: 1, redispatched: false });
    expect(line.connectMs).toBe(-1);
    // Two attempts of 150 ms each; timers are never early.
    expect(line.totalMs).toBeGreaterThanOrEqual(300);
  });

  it("costs its clients a connect timeout and no more: they are redispatched", async () => {
    const silent = await startSilentAddress();
    const good = await startServer(answersDigest);
    const config = tcpConfig(
      { silent, good },
      { ...onReactor(reactor), defaults: { timeout: { connect: "150ms" } } },
    );
    const ballast = await startBallast(config);
    const questions = Array.from({ length: 6 }, (_, i) => `question ${i}`);
    const answers = await Promise.all(questions.map((each) => ask(ballast.address, each)));
    expect(answers).toEqual(questions.map(sha256));
    const lines = await ballast.untilLoggedTimes(6);
    for (const line of lines) expect(line).toMatchObject({ server: "good", termination: "--" });
    const moved = lines.filter(({ redispatched }) => redispatched);
    expect(moved).toHaveLength(3);
    for (const { retries, connectMs } of moved) {
      expect(retries).toBe(1);
      expect(connectMs).toBeGreaterThanOrEqual(150);
    }
  });
});

describe("without redispatch", () => {
  it("all attempts go to the server that was picked", async () => {
    const down = refusingAddress();
    const good = await startServer(says("good"));
    const config = tcpConfig(
      { down, good },
      { defaults: { retries: 2, redispatch: false, timeout: { connect: "50ms" } } },
    );
    const ballast = await startBallast(config);
    const clients = [startClient(ballast.address), startClient(ballast.address)];
    const endings = await Promise.all(clients.map((client) => client.untilEnding()));
    expect(endings.toSorted()).toEqual(["fin", "reset"]);
    for (const client of clients) client.end();
    const lines = await ballast.untilLoggedTimes(2);
    expect(lines.find(({ server }) => server === "good")).toMatchObject({
      termination: "--",
      retries: 0,
    });
    expect(lines.find(({ server }) => server === "down")).toMatchObject({
      termination: "SC",
      retries: 2,
      redispatched: false,
    });
  });

  it("retries: 0 makes a refusal final", async () => {
    const down = refusingAddress();
    const good = await startServer(says("good"));
    const config = tcpConfig({ down, good }, { defaults: { retries: 0 } });
    const ballast = await startBallast(config);
    const clients = [startClient(ballast.address), startClient(ballast.address)];
    const endings = await Promise.all(clients.map((client) => client.untilEnding()));
    expect(endings.toSorted()).toEqual(["fin", "reset"]);
    const line = await ballast.untilLogged(({ server }) => server === "down");
    expect(line).toMatchObject({ termination: "SC", reason: "refused", retries: 0 });
  });
});

describe("a client that does not wait for the connect", () => {
  // On epoll alone: the node reactor hears of a reset only when it reads again.
  it("and resets is logged as CC", async () => {
    const silent = await startSilentAddress();
    const config = tcpConfig({ silent }, { global: { admin: { bind: "127.0.0.1:0" } } });
    const ballast = await startBallast(config);
    const ready = ballast.messages.find(({ message }) => message.startsWith("ready: "));
    const admin = String(ready?.["admin"]);
    const client = await connectClient(ballast.address);
    client.write("never mind");
    // Before that the reset may find it still waiting to be accepted, which is CR.
    await until("the session to connect", async () => {
      const { body } = await send(admin, "/api/v1/sessions");
      return body.sessions[0]?.state === "connecting";
    });
    client.reset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "CC", bytesIn: 0, bytesOut: 0, connectMs: -1 });
  });

  it.each(reactors)("and ends with all it has to say is answered, on %s", async (reactor) => {
    const silent = await startSilentAddress();
    const good = await startServer(answersDigest);
    const config = tcpConfig(
      { silent, good },
      { ...onReactor(reactor), defaults: { timeout: { connect: "200ms" } } },
    );
    const ballast = await startBallast(config);
    const questions = ["one", "two"];
    const answers = await Promise.all(questions.map((each) => ask(ballast.address, each)));
    expect(answers).toEqual(questions.map(sha256));
  });
});
