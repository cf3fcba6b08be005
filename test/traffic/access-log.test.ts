// The line that a session leaves: its numbers, to the byte, and its three forms, wherever it goes.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { ask, connectClient, startClient } from "../support/clients.ts";
import { onReactor, reactors, type Settings, tcpConfig } from "../support/tcp-config.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { payload } from "../support/payload.ts";
import { echoes, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

function withLog(log: Settings): { readonly global: Settings } {
  return { global: { workers: 1, log } };
}

function untilLine(ballast: Ballast, fits: (line: string) => boolean): Promise<string> {
  return until("a line of the access log", () => ballast.outLines.find(fits));
}

describe.each(reactors)("the json line on the %s reactor", (reactor) => {
  it("has every field, exact bytes each way and times that fit", async () => {
    const server = await startServer((peer) => {
      peer.socket.once("end", () => peer.end(payload(54_321)));
    });
    const ballast = await startBallast(tcpConfig({ only: server }, onReactor(reactor)));
    const startedAtMs = Date.now();
    const startedMs = performance.now();
    const client = await connectClient(ballast.address);
    client.write(payload(1000));
    await (await server.peer()).untilBytes(1000);
    client.end(payload(11_345));
    await client.untilBytes(54_321);
    const line = await ballast.untilLogged();
    const spanMs = performance.now() - startedMs;
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      frontend: "front",
      backend: "back",
      server: "only",
      client: client.address,
      bind: ballast.address,
      serverAddress: server.address,
      handshakeMs: 0,
      queueMs: 0,
      connectMs: expect.any(Number) as number,
      totalMs: expect.any(Number) as number,
      bytesIn: 12_345,
      bytesOut: 54_321,
      termination: "--",
      retries: 0,
      redispatched: false,
      actconn: 1,
      feconn: 1,
      beconn: 1,
      srvconn: 1,
      srvQueue: 0,
      backendQueue: 0,
    });
    expect(line.connectMs).toBeGreaterThanOrEqual(0);
    expect(line.totalMs).toBeGreaterThanOrEqual(line.connectMs);
    // It lies within what the test saw of it; one millisecond for rounding.
    expect(line.totalMs).toBeLessThanOrEqual(spanMs + 1);
    expect(Date.parse(line.time)).toBeGreaterThanOrEqual(startedAtMs - 1);
    expect(Date.parse(line.time)).toBeLessThanOrEqual(startedAtMs + spanMs + 1);
  });

  it("counts a session that waited as long as it took", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, onReactor(reactor)));
    const client = await connectClient(ballast.address);
    client.write("a");
    await client.untilBytes(1);
    const fromMs = performance.now();
    // Other sessions pass meanwhile.
    for (let i = 0; i < 20; i++) await ask(ballast.address, "b");
    const waitedMs = performance.now() - fromMs;
    client.end();
    const line = await ballast.untilLogged((each) => each.client === client.address);
    expect(line.totalMs).toBeGreaterThanOrEqual(Math.floor(waitedMs));
    const others = await ballast.untilLoggedTimes(20, (each) => each.client !== client.address);
    for (const other of others) {
      expect(other).toMatchObject({ feconn: 2, srvconn: 2, bytesIn: 1, bytesOut: 1 });
    }
  });
});

describe("the other forms", () => {
  it("haproxy: the line of its option tcplog", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ only: server }, withLog({ format: "haproxy" })));
    const client = await connectClient(ballast.address);
    client.end("12345");
    await client.untilEnd();
    const port = client.address.split(":")[1];
    const line = await untilLine(ballast, () => true);
    const date = String.raw`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}`;
    expect(line).toMatch(
      new RegExp(
        String.raw`^127\.0\.0\.1:${port} \[${date}\] front back/only 0/\d+/\d+ 5 -- 1/1/1/1/0 0/0$`,
      ),
    );
  });

  it("haproxy: a session that found no server", async () => {
    // Not a port that was free a moment ago: others may get it meanwhile.
    const config = tcpConfig(
      { only: "127.0.0.1:1" },
      { ...withLog({ format: "haproxy" }), defaults: { retries: 0 } },
    );
    const ballast = await startBallast(config);
    const client = startClient(ballast.address);
    await client.untilReset();
    const line = await untilLine(ballast, () => true);
    expect(line).toMatch(/ front back\/only 0\/-1\/\d+ 0 SC 1\/1\/1\/1\/0 0\/0$/);
  });

  it("clf: the common log format with HAProxy's fields", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ only: server }, withLog({ format: "clf" })));
    const client = await connectClient(ballast.address);
    client.end("12345");
    await client.untilEnd();
    const port = client.address.split(":")[1];
    const line = await untilLine(ballast, () => true);
    const date = String.raw`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000`;
    const names = `"front" "back" "only"`;
    expect(line).toMatch(
      new RegExp(
        String.raw`^127\.0\.0\.1 - - \[${date}\] "TCP " 000 5 "" "" ${port} \d{3} ${names} ` +
          String.raw`0 0 \d+ \d+ 5 ---- 1 1 1 1 0 0 0 "" "" $`,
      ),
    );
  });
});

describe("where lines go", () => {
  it.each(reactors)("to a file, whole and none missing at the end, on %s", async (reactor) => {
    const server = await startServer(echoes);
    const folder = mkdtempSync(join(tmpdir(), "ballast-log-"));
    atTestEnd(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "access.log");
    const log = { level: "debug", access: file };
    const ballast = await startBallast(tcpConfig({ server }, { global: { reactor, log } }));
    await Promise.all(Array.from({ length: 50 }, (_, i) => ask(ballast.address, "x".repeat(i))));
    expect(await ballast.stop()).toBe(0);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const bytes = lines.map((line) => (JSON.parse(line) as { bytesIn: number }).bytesIn);
    expect(bytes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(ballast.outLines).toEqual([]);
  });

  it("to stderr beside the process log", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(
      tcpConfig({ server }, withLog({ access: "stderr", format: "haproxy" })),
    );
    await ask(ballast.address, "12345");
    await until("the line", () =>
      ballast.errorLines.find((line) => / front back\/server /.test(line)),
    );
    expect(ballast.outLines).toEqual([]);
  });

  it("off: nowhere, and sessions flow all the same", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, withLog({ access: "off" })));
    expect(await ask(ballast.address, "hello")).toBe("hello");
    expect(await ballast.stop()).toBe(0);
    expect(ballast.outLines).toEqual([]);
    expect(ballast.errorLines.filter((line) => line.includes("termination"))).toEqual([]);
  });

  it("every session leaves one line, from two workers, also when they end at a stop", async () => {
    const server = await startServer(echoes);
    const ballast = await startBallast(tcpConfig({ server }, { global: { workers: 2 } }));
    const sessions = 300;
    for (let i = 0; i < sessions; i += 50) {
      await Promise.all(Array.from({ length: 50 }, () => ask(ballast.address, "question")));
    }
    expect(await ballast.stop()).toBe(0);
    expect(ballast.sessions).toHaveLength(sessions);
    expect(new Set(ballast.sessions.map(({ client }) => client)).size).toBe(sessions);
  });
});
