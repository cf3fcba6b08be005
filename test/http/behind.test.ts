// What clients send behind the request at hand, or do not wait to be answered: it costs no memory, and
// takes from nobody the answer that was due.
import { describe, expect, it, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { startScriptedServer } from "../support/http-exchange.ts";
import { httpConfig, nextResponse, request, sendRaw } from "../support/http.ts";
import { refusingAddress } from "../support/refusing.ts";
import { stopProcess } from "../support/stopped.ts";
import { reactors } from "../support/tcp-config.ts";
import { until, untilSteady } from "../support/until.ts";

const mebibyte = 1024 * 1024;

test.runIf(process.platform === "linux")(
  "who sends thousands of requests at once makes nobody wait for all of them",
  async () => {
    const routes = [{ match: { path: "/ping" }, respond: { status: 200 } }];
    const ballast = await startBallast(
      httpConfig({ s1: refusingAddress() }, { frontend: { routes } }),
    );
    const eager = await connectClient(ballast.address);
    const modest = await connectClient(ballast.address);
    const ping = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";
    // Both have a session, and what both send is there when it looks.
    for (const client of [eager, modest]) {
      client.write(ping);
      await client.untilText("200 OK");
    }
    const times = 1500;
    await stopProcess(ballast);
    eager.write(ping.repeat(times));
    modest.write(ping);
    await until("the kernel to have it", () => eager.taken === ping.length * (times + 1));
    ballast.signal("SIGCONT");
    await until("all answers", () => ballast.sessions.length === times + 3);
    const place = ballast.sessions.findLastIndex(({ client }) => client === modest.address);
    expect(place).toBeGreaterThan(1);
    expect(place).toBeLessThan(2 + 2 * 64);
    expect(eager.text.split("200 OK")).toHaveLength(times + 2);
  },
);

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("answers that a client does not take do not pile up, and none is lost", async () => {
    const server = await startScriptedServer({});
    const routes = [
      { match: { path: "/long" }, respond: { status: 200, body: "a".repeat(32_768) } },
    ];
    const ballast = await startBallast(
      httpConfig({ s1: server.address }, { global: { reactor }, frontend: { routes } }),
    );
    const once = await request(ballast.address, "/long");
    const answerBytes = once.head.length + 4 + once.body.length;
    const before = ballast.residentBytes;
    const times = 5000;
    // So long that one event brings few of them.
    const pad = `X-Pad: ${"p".repeat(2000)}\r\n`;
    const client = await connectClient(ballast.address);
    client.digestOnly();
    client.pause();
    client.write(`GET /long HTTP/1.1\r\nHost: a\r\n${pad}\r\n`.repeat(times));
    await untilSteady("the client's sending", () => client.taken);
    // All answers together are more than twice as much.
    expect(ballast.residentBytes - before).toBeLessThan(64 * mebibyte);
    client.resume();
    await client.untilBytes(times * answerBytes);
    expect(client.bytes).toBe(times * answerBytes);
  });

  it("a body that is not over when its response is ends the connection", async () => {
    const server = await startScriptedServer({
      "/early": (peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly"),
    });
    const ballast = await startBallast(httpConfig({ s1: server.address }, { global: { reactor } }));
    const client = await sendRaw(
      ballast.address,
      "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc",
    );
    expect((await nextResponse(client)).body).toBe("early");
    expect(await client.untilEnding()).toBe("fin");
  });

  it("what comes behind the last request does not take its answer from the client", async () => {
    const body = "a".repeat(200_000);
    const server = await startScriptedServer({
      "/": (peer) => peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    });
    const ballast = await startBallast(httpConfig({ s1: server.address }, { global: { reactor } }));
    const client = await connectClient(ballast.address);
    client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(10_000));
    expect((await nextResponse(client)).body).toBe(body);
    expect(await client.untilEnding()).toBe("fin");
  });
});
