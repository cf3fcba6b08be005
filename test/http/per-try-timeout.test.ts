// retry.perTryTimeout is a limit for the whole head of a response: a server that begins one and never
// comes to its end is given up in time too, not only one that says nothing.
import { setTimeout as pass } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { httpConfig, nextResponse, request } from "../support/http.ts";
import type { SessionLine } from "../support/log-lines.ts";
import { type ScriptedServer, startScripted, tells } from "../support/scripted.ts";
import type { Settings } from "../support/tcp-config.ts";

const limitMs = 500;
const perTryTimeout = `${limitMs}ms`;
/** From one byte of a head to the next. */
const byteMs = 20;
const beginning = "HTTP/1.1 200 OK\r\nX-Endless: ";

type Line = SessionLine & { readonly status: number; readonly reason?: string };

/** Answers each request with a head that goes on for ever, byte by byte. */
function startTrickling(): Promise<ScriptedServer> {
  return startScripted((_asked, peer) => {
    let sent = 0;
    const timer = setInterval(() => {
      peer.write(beginning[sent] ?? "a");
      sent++;
    }, byteMs);
    peer.socket.once("error", () => clearInterval(timer));
    peer.socket.once("end", () => clearInterval(timer));
    peer.socket.once("close", () => clearInterval(timer));
  });
}

async function logged(ballast: Ballast): Promise<Line> {
  return (await ballast.untilLogged()) as Line;
}

async function start(servers: readonly ScriptedServer[], retry: Settings): Promise<Ballast> {
  const named = servers.map((server, i) => [`s${i + 1}`, server] as const);
  const backend = { retry: { perTryTimeout, ...retry } };
  return startBallast(httpConfig(Object.fromEntries(named), { backend }));
}

describe("a head that trickles", () => {
  it("is given up, and the request goes to a backend that answers", async () => {
    const slow = await startTrickling();
    const good = await startScripted(tells);
    const config = httpConfig(
      { slow },
      {
        backend: { retry: { perTryTimeout, on: "responseTimeout" }, failover: "good" },
        // Nothing limits this one.
        backends: { good: { servers: { good: good.address } } },
      },
    );
    const ballast = await startBallast(config);
    const { status, body } = await request(ballast.address);
    expect([status, body]).toEqual([200, "0.0"]);
    expect([slow.asked.length, good.asked.length]).toEqual([1, 1]);
    const line = await logged(ballast);
    expect(line).toMatchObject({ termination: "--", status: 200, server: "good" });
    expect(line.totalMs).toBeGreaterThanOrEqual(limitMs);
    expect(await (await slow.peer()).untilEnding()).toBe("reset");
  });

  it("is 504 when every try met one, and each had its whole time", async () => {
    const servers = [await startTrickling(), await startTrickling(), await startTrickling()];
    const ballast = await start(servers, { on: "responseTimeout", attempts: 1 });
    expect((await request(ballast.address)).status).toBe(504);
    const asked = servers.map((server) => String(server.asked.length));
    expect(asked.toSorted()).toEqual(["0", "1", "1"]);
    const line = await logged(ballast);
    expect(line).toMatchObject({
      termination: "sH",
      status: 504,
      redispatched: true,
      reason: "no whole head within retry.perTryTimeout",
    });
    expect(line.totalMs).toBeGreaterThanOrEqual(2 * limitMs);
  });

  it("is 504 at once where retry.on does not name it", async () => {
    const servers = [await startTrickling(), await startTrickling()];
    const ballast = await start(servers, { on: "connFailure" });
    expect((await request(ballast.address)).status).toBe(504);
    expect(servers.map((server) => server.asked.length)).toEqual([1, 0]);
    expect(await logged(ballast)).toMatchObject({ termination: "sH", redispatched: false });
  });

  it("has its time from the end of the request's body on", async () => {
    const server = await startTrickling();
    const ballast = await start([server], { on: "connFailure" });
    const client = await connectClient(ballast.address);
    client.write("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
    await (await server.peer()).untilText("\r\n\r\na");
    await pass(2 * limitMs);
    expect([client.bytes, client.ending]).toEqual([0, null]);
    client.write("b");
    expect((await nextResponse(client)).status).toBe(504);
    expect(server.asked.map(({ body }) => body)).toEqual(["ab"]);
    expect((await logged(ballast)).totalMs).toBeGreaterThanOrEqual(3 * limitMs);
  });
});
