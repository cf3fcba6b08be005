// Each time limit of http mode by itself: what its client is answered, and what the log says. The log
// line's own numbers are compared, not a clock of the test.
import { setTimeout as pass } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { type Script, startScriptedServer } from "../support/http-exchange.ts";
import { nextResponse, request, sendRaw } from "../support/http.ts";
import { forAllTests } from "../support/leftovers.ts";
import type { SessionLine } from "../support/log-lines.ts";
import { payload } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { refusingAddress } from "../support/refusing.ts";
import { type TestServer } from "../support/servers.ts";
import { startSilentAddress } from "../support/server-programs.ts";
import { reactors } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const limitMs = 400;
const limit = `${limitMs}ms`;
/** Long enough for a busy machine: in this time a client must take some megabytes. */
const takingMs = 2000;
/** More than all buffers on the way hold. */
const bulk = payload(30_000_000);

/** One frontend for each limit, each with a backend of its own name. */
const names = [
  "head",
  "keep",
  "client",
  "taking",
  "server",
  "connect",
  "refused",
  "queue",
] as const;
type Name = (typeof names)[number];

function scripts(): Readonly<Record<string, Script>> {
  return {
    "/": (peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    "/silent": () => {},
    "/half": (peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"),
    "/half-chunks": (peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    },
    "/bulk": (peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bulk.length}\r\n\r\n`);
      peer.write(bulk);
    },
    "/bulk-chunks": (peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (let at = 0; at < bulk.length; at += 1_000_000) {
        peer.write(`${(1_000_000).toString(16)}\r\n`);
        peer.write(bulk.subarray(at, at + 1_000_000));
        peer.write("\r\n");
      }
      peer.write("0\r\n\r\n");
    },
    "/bulk-end": (peer) => {
      peer.write("HTTP/1.1 200 OK\r\n\r\n");
      peer.end(bulk);
    },
    "/take": (peer, _, bodyStart) => {
      const look = (): void => {
        if (peer.bytes - bodyStart !== 16) return;
        peer.socket.off("data", look);
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
      };
      peer.socket.on("data", look);
    },
    "/stall": (peer) => peer.pause(),
  };
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  let server: TestServer;
  let ballast: Ballast;

  beforeAll(async () => {
    await forAllTests(async () => {
      server = await startScriptedServer(scripts());
      const silent = await startSilentAddress();
      const refused = refusingAddress();
      const times: Partial<Record<Name, object>> = {
        head: { httpRequest: limit },
        keep: { httpKeepAlive: limit },
        client: { client: limit },
        taking: { client: `${takingMs}ms` },
      };
      const serving: Record<Name, object> = {
        head: { servers: { s1: server.address } },
        keep: { servers: { s1: server.address } },
        client: { servers: { s1: server.address } },
        taking: { servers: { s1: server.address } },
        server: { servers: { s1: server.address }, timeout: { server: limit } },
        connect: { servers: { s1: silent }, timeout: { connect: limit }, retries: 1 },
        refused: { servers: { s1: refused }, retries: 1, timeout: { connect: limit } },
        queue: {
          servers: { s1: { address: server.address, maxconn: 1 } },
          timeout: { queue: limit },
        },
      };
      const frontends = names.map((name) => {
        const { [name]: timeout = {} } = times;
        return [name, { mode: "http", bind: "127.0.0.1:0", backend: name, timeout }] as const;
      });
      ballast = await startBallast({
        global: { workers: 1, admin: "off", reactor },
        defaults: { timeout: { client: "50s", server: "50s", httpRequest: "50s" } },
        frontends: Object.fromEntries(frontends),
        backends: serving,
      });
    });
  });

  function at(name: Name): string {
    return ballast.addresses[names.indexOf(name)] as string;
  }

  async function logged(client: Peer, times = 1): Promise<SessionLine & { status: number }> {
    const lines = await ballast.untilLoggedTimes(times, (line) => line.client === client.address);
    return lines.at(-1) as SessionLine & { status: number };
  }

  it.each([
    ["httpRequest: nothing at all", ""],
    ["httpRequest: half a head", "GET / HTTP/1.1\r\nHos"],
  ])("%s is answered 408", async (_, text) => {
    const client = await sendRaw(at("head"), text);
    const response = await nextResponse(client);
    expect(response.status).toBe(408);
    expect(response.fields["connection"]).toBe("close");
    expect(await client.untilEnding()).toBe("fin");
    const line = await logged(client);
    expect(line).toMatchObject({ termination: "cR", status: 408 });
  });

  it("httpRequest: a head that comes byte by byte has no more time than another", async () => {
    const client = await connectClient(at("head"));
    client.write("GET / HTTP/1.1\r\nX-A: ");
    while (client.ending === null) {
      client.write("a");
      await pass(limitMs / 8);
    }
    expect((await nextResponse(client)).status).toBe(408);
    expect((await logged(client)).termination).toBe("cR");
  });

  it("httpRequest: of a second request runs from its first byte", async () => {
    const client = await sendRaw(at("head"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const { head, body } = await nextResponse(client);
    const from = head.length + 4 + body.length;
    await pass(limitMs * 1.5);
    expect(client.bytes).toBe(from);
    client.write("GET / HTT");
    expect((await nextResponse(client, from)).status).toBe(408);
    expect((await logged(client, 2)).termination).toBe("cR");
  });

  it("httpKeepAlive: the connection ends, nothing is answered or logged", async () => {
    const client = await sendRaw(at("keep"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.untilEnding()).toBe("fin");
    const response = await nextResponse(client);
    expect([response.body, response.rest]).toEqual(["hi", ""]);
    await request(at("keep"));
    expect(ballast.sessions.filter((line) => line.client === client.address)).toHaveLength(1);
  });

  it("httpKeepAlive: does not run during a request", async () => {
    const client = await sendRaw(at("keep"), "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n");
    await pass(limitMs * 2);
    expect([client.bytes, client.ending]).toEqual([0, null]);
  });

  it.each([
    ["of known length", "Content-Length: 20\r\n\r\nabcd"],
    ["in chunks", "Transfer-Encoding: chunked\r\n\r\n14\r\nabcd"],
    ["that has not begun", "Content-Length: 20\r\n\r\n"],
  ])("client: a body %s that does not go on is answered 408", async (_, rest) => {
    const client = await sendRaw(at("client"), `POST /take HTTP/1.1\r\nHost: a\r\n${rest}`);
    const response = await nextResponse(client);
    expect(response.status).toBe(408);
    expect(await client.untilEnding()).toBe("fin");
    expect(await logged(client)).toMatchObject({ termination: "cD", status: 408 });
  });

  it("client: a body that goes on slowly is waited for", async () => {
    const head = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n";
    const client = await sendRaw(at("client"), head);
    for (let i = 0; i < 16; i++) {
      client.write("a");
      await pass(limitMs / 6);
    }
    expect((await nextResponse(client)).status).toBe(200);
  });

  it("client: does not run while the server thinks", async () => {
    const client = await sendRaw(at("client"), "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n");
    await pass(limitMs * 2);
    expect([client.bytes, client.ending]).toEqual([0, null]);
  });

  it.each(["/bulk", "/bulk-chunks", "/bulk-end"])(
    "client: who does not take what waits for it is cut with cD: %s",
    async (path) => {
      const client = await connectClient(at("client"));
      client.pause();
      client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const line = await logged(client);
      expect(line).toMatchObject({ termination: "cD", status: 200 });
      expect(line.bytesOut).toBeLessThan(bulk.length);
      client.resume();
      await client.untilEnding();
      expect(client.bytes).toBeLessThan(bulk.length);
    },
  );

  it.each(["/bulk", "/bulk-chunks", "/bulk-end"])(
    "client: who takes it slowly gets all of it: %s",
    async (path) => {
      const client = await connectClient(at("taking"));
      client.digestOnly();
      client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      // The kernel tells of room only when much of its buffer is free.
      for (let taken = 0; taken < bulk.length; taken = client.bytes + 3_000_000) {
        client.resume();
        await client.untilBytes(Math.min(taken, bulk.length));
        client.pause();
        await pass(takingMs / 5);
      }
      client.resume();
      await client.untilBytes(bulk.length);
      expect(await logged(client)).toMatchObject({ termination: "--", status: 200 });
    },
  );

  it("server: one that does not answer is 504", async () => {
    const client = await sendRaw(at("server"), "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n");
    const response = await nextResponse(client);
    expect(response.status).toBe(504);
    const line = await logged(client);
    expect(line).toMatchObject({ termination: "sH", status: 504 });
    expect(line.totalMs).toBeGreaterThanOrEqual(limitMs);
    // The request was whole: the connection goes on.
    const from = client.bytes;
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await nextResponse(client, from)).body).toBe("hi");
  });

  it.each(["/half", "/half-chunks"])("server: half a response is cut with sD: %s", async (path) => {
    const client = await sendRaw(at("server"), `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.untilReset();
    expect(await logged(client)).toMatchObject({ termination: "sD", status: 200 });
  });

  it.each([
    ["of known length", `Content-Length: ${bulk.length}\r\n\r\n`],
    ["in chunks", `Transfer-Encoding: chunked\r\n\r\n${bulk.length.toString(16)}\r\n`],
  ])("server: one that does not take a body %s is 504", async (_, rest) => {
    const client = await sendRaw(at("server"), `POST /stall HTTP/1.1\r\nHost: a\r\n${rest}`);
    client.write(bulk);
    const response = await nextResponse(client);
    expect(response.status).toBe(504);
    expect(await logged(client)).toMatchObject({ termination: "sH", status: 504 });
  });

  it("server: does not run while the body is awaited from the client", async () => {
    const head = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n";
    const client = await sendRaw(at("server"), head);
    await pass(limitMs * 2);
    client.write("a".repeat(16));
    expect((await nextResponse(client)).status).toBe(200);
  });

  it("connect: a server that cannot be reached in time is 503", async () => {
    const client = await sendRaw(at("connect"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await nextResponse(client)).status).toBe(503);
    const line = await logged(client);
    expect(line).toMatchObject({ termination: "sC", status: 503, retries: 1 });
    expect(line.totalMs).toBeGreaterThanOrEqual(limitMs * 2);
  });

  it("a server that refuses is 503", async () => {
    const client = await sendRaw(at("refused"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await nextResponse(client)).status).toBe(503);
    expect(await logged(client)).toMatchObject({ termination: "SC", status: 503, retries: 1 });
  });

  it("queue: who gets no place in time is 503", async () => {
    const first = await sendRaw(at("queue"), "GET /silent HTTP/1.1\r\nHost: first\r\n\r\n");
    await until("the first request at the server", () =>
      server.peers.some(({ text }) => text.includes("Host: first")),
    );
    const client = await sendRaw(at("queue"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await nextResponse(client)).status).toBe(503);
    const line = await logged(client);
    expect(line).toMatchObject({ termination: "sQ", status: 503, connectMs: -1 });
    expect(line.queueMs).toBeGreaterThanOrEqual(limitMs);
    first.reset();
    expect((await logged(first)).termination).toBe("CH");
  });
});
