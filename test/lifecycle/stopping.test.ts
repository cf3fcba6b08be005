// SIGTERM and SIGINT: nobody new, whoever is there may finish, and how patience ends.
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { addressOf, connectClient, connectOptions } from "../support/clients.ts";
import type { Peer } from "../support/peer.ts";
import { refusingAddress } from "../support/refusing.ts";
import { echoes, greets, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

/** True when nobody listens there. */
function isRefused(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(connectOptions(address));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}

/** `count` sessions that have been answered, so that each is past its accept and connect. */
async function establish(ballast: Ballast, count: number): Promise<Peer[]> {
  const clients = await Promise.all(
    Array.from({ length: count }, () => connectClient(ballast.address)),
  );
  for (const client of clients) client.write("ping");
  await Promise.all(clients.map((client) => client.untilText("ping")));
  return clients;
}

describe.each([1, 2])("with %i worker(s)", (workers) => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: nobody new comes in, sessions in flight finish, exit 0",
    async (signal) => {
      const server = await startServer(echoes);
      const ballast = await startBallast(tcpConfig({ server }, { global: { workers } }));
      const clients = await establish(ballast, 8);
      const own = new Set(clients.map(addressOf));
      ballast.signal(signal);
      await ballast.untilMessage(({ message }) => message.startsWith(`${signal}: `));
      await until("refused connections", () => isRefused(ballast.address));
      for (const client of clients) client.end("pong");
      for (const client of clients) expect((await client.untilEnd()).toString()).toBe("pingpong");
      expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
      const lines = ballast.sessions.filter(({ client }) => own.has(client));
      expect(lines.map(({ termination }) => termination)).toEqual(Array(8).fill("--"));
      expect(ballast.messages.at(-1)?.message).toBe("stopped");
    },
  );

  test("without sessions it ends at once, whatever shutdownTimeout says", async () => {
    const ballast = await startBallast(
      tcpConfig({ one: "127.0.0.1:9" }, { global: { workers, shutdownTimeout: "10m" } }),
    );
    expect(await ballast.stop()).toBe(0);
  });

  test("whoever waits in the backlog at SIGTERM is served", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, { global: { workers } }));
    // The kernel completes these handshakes while Ballast stands still.
    ballast.signal("SIGSTOP");
    const clients = await Promise.all(
      Array.from({ length: 400 }, () => connectClient(ballast.address)),
    );
    for (const [i, client] of clients.entries()) client.end(`question ${i}`);
    ballast.signal("SIGTERM");
    ballast.signal("SIGCONT");
    for (const [i, client] of clients.entries()) {
      expect((await client.untilEnd()).toString()).toBe(`question ${i}`);
    }
    expect((await ballast.untilExit()).code).toBe(0);
  });

  test("shutdownTimeout cuts what remains: told in the log, K in its line, exit 0", async () => {
    const server = await startServer(greets("hello"));
    const ballast = await startBallast(
      tcpConfig({ server }, { global: { workers, shutdownTimeout: "300ms" } }),
    );
    const clients = await Promise.all(
      Array.from({ length: 6 }, () => connectClient(ballast.address)),
    );
    await Promise.all(clients.map((client) => client.untilText("hello")));
    const addresses = clients.map(addressOf);
    expect(await ballast.stop()).toBe(0);
    for (const client of clients) await client.untilReset();
    const cut = ballast.messages.find(({ message }) => message.includes("cut after"));
    expect(cut).toMatchObject({
      level: "warn",
      sessions: 6,
      message: "6 session(s) cut after 0.3 s of shutdown",
    });
    expect(ballast.sessions.map(({ client }) => client).toSorted()).toEqual(addresses.toSorted());
    expect(ballast.sessions.map(({ termination }) => termination)).toEqual(Array(6).fill("KD"));
  });

  test("shutdownTimeout cuts sessions that are not established yet: KR, KC", async () => {
    const ballast = await startBallast(
      tcpConfig(
        { refusing: refusingAddress() },
        {
          global: { workers, shutdownTimeout: "300ms" },
          frontend: { bind: ["127.0.0.1:0", { address: "127.0.0.1:0", acceptProxy: true }] },
          backend: { retries: 50 },
        },
      ),
    );
    for (const address of ballast.addresses) await connectClient(address);
    expect(await ballast.stop()).toBe(0);
    const codes = ballast.sessions.map(({ termination }) => termination);
    expect(codes.toSorted()).toEqual(["KC", "KR"]);
  });

  test("a second signal ends it at once, open sessions or not", async () => {
    const server = await startServer(greets("hello"));
    const ballast = await startBallast(
      tcpConfig({ server }, { global: { workers, shutdownTimeout: "10m" } }),
    );
    const client = await connectClient(ballast.address);
    await client.untilText("hello");
    ballast.signal("SIGTERM");
    await ballast.untilMessage(({ message }) => message.startsWith("SIGTERM: "));
    expect(ballast.exit).toBe(null);
    ballast.signal("SIGINT");
    expect(await ballast.untilExit()).toEqual({ code: 0, signal: null });
    expect(ballast.messages.at(-1)?.message).toContain("SIGINT again: ending at once");
    await client.untilEnding();
  });
});
