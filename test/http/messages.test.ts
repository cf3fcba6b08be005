// What http mode does to messages on their way: versions, framing that one side does not know, fields
// that concern one connection, requests behind one another.
import { beforeAll, describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { startScriptedServer } from "../support/http-exchange.ts";
import { httpConfig, nextResponse, request, sendRaw } from "../support/http.ts";
import { forAllTests } from "../support/leftovers.ts";
import type { Peer } from "../support/peer.ts";
import type { TestServer } from "../support/servers.ts";
import { reactors } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

/** Gives back the head that the server has seen. */
function showsHead(peer: Peer, head: string): void {
  const length = Buffer.byteLength(head, "latin1");
  peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${head}`);
}

/** The fields of a head that a server has shown, in lower case and order. */
function linesOf(head: string): string[] {
  return head
    .split("\r\n")
    .slice(1)
    .map((line) => line.toLowerCase())
    .toSorted();
}

const hopFields =
  "Connection: close, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n" +
  "Proxy-Connection: keep-alive\r\nX-Kept: 2\r\n";

const holding: Peer[] = [];

const scripts = {
  "/head": showsHead,
  "*": showsHead,
  "/?q": showsHead,
  "/": showsHead,
  "/one": (peer: Peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"),
  "/two": (peer: Peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"),
  "/held": (peer: Peer) => void holding.push(peer),
  "/closing": (peer: Peer) => peer.end("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
  "/chunks": (peer: Peer) => {
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    peer.write("2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
  },
  "/old": (peer: Peer) => peer.write("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"),
  "/old-kept": (peer: Peer) => {
    peer.write("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold");
  },
  "/old-end": (peer: Peer) => peer.end("HTTP/1.0 200 Fine\r\n\r\nuntil the end"),
  "/hop": (peer: Peer) => {
    peer.write(`HTTP/1.1 200 OK\r\n${hopFields}Content-Length: 2\r\n\r\nhi`);
  },
  "a.example:443": (peer: Peer) => {
    peer.write("HTTP/1.1 200 Established\r\n\r\nfirst");
    peer.socket.on("data", (data: Buffer) => peer.write(`<${data.toString()}>`));
  },
};

describe.each(reactors)("a message on the %s reactor", (reactor) => {
  let server: TestServer;
  let ballast: Ballast;

  beforeAll(async () => {
    await forAllTests(async () => {
      server = await startScriptedServer(scripts);
      const patient = { mode: "http", bind: "127.0.0.1:0", backend: "back", abortOnClose: false };
      ballast = await startBallast(
        httpConfig({ s1: server.address }, { global: { reactor }, frontends: { patient } }),
      );
    });
  });

  it("of HTTP/1.0 goes on as HTTP/1.1, with a host, and its connection ends", async () => {
    const client = await sendRaw(ballast.address, "GET /head HTTP/1.0\r\n\r\n");
    const response = await nextResponse(client);
    expect(response.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(response.body.split("\r\n")[0]).toBe("GET /head HTTP/1.1");
    expect(linesOf(response.body)).toContain(`host: ${server.address}`);
    expect(response.fields["connection"]).toBe("close");
    expect(await client.untilEnding()).toBe("fin");
  });

  it("of HTTP/1.0 that asks for it keeps its connection", async () => {
    const client = await connectClient(ballast.address);
    client.write("GET /one HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const first = await nextResponse(client);
    const from = client.bytes;
    client.write("GET /two HTTP/1.0\r\n\r\n");
    const second = await nextResponse(client, from);
    expect(first.fields["connection"]).toBe("keep-alive");
    expect(second.fields["connection"]).toBe("close");
    expect([first.body, second.body]).toEqual(["one", "two"]);
    expect(await client.untilEnding()).toBe("fin");
  });

  it("in chunks reaches a client of HTTP/1.0 without them", async () => {
    const text = "GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    const client = await sendRaw(ballast.address, text);
    expect(await client.untilEnding()).toBe("fin");
    const response = await nextResponse(client);
    expect(response.body).toBe("abcde");
    expect(response.fields["transfer-encoding"]).toBeUndefined();
    expect(response.fields["connection"]).toBe("close");
  });

  it.each(["/closing", "/old-end"])(
    "that ends with its connection becomes chunks: %s",
    async (path) => {
      const client = await sendRaw(ballast.address, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const first = await nextResponse(client);
      expect(first.fields["transfer-encoding"]).toBe("chunked");
      expect(first.body).toBe("until the end");
      const from = client.bytes;
      client.write("GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
      expect((await nextResponse(client, from)).body).toBe("one");
    },
  );

  it("that ends with its connection does so for a client of HTTP/1.0", async () => {
    const client = await sendRaw(ballast.address, "GET /closing HTTP/1.0\r\n\r\n");
    expect(await client.untilEnding()).toBe("fin");
    const response = await nextResponse(client);
    expect(response.body).toBe("until the end");
    expect(response.fields["transfer-encoding"]).toBeUndefined();
  });

  it.each(["/old", "/old-kept"])(
    "of a server of HTTP/1.0 leaves the client's connection open: %s",
    async (path) => {
      const client = await sendRaw(ballast.address, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const first = await nextResponse(client);
      expect(first.body).toBe("old");
      expect(first.head).toMatch(/^HTTP\/1\.1 200/);
      expect(first.fields["connection"]).toBeUndefined();
      const from = client.bytes;
      client.write("GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
      expect((await nextResponse(client, from)).body).toBe("one");
    },
  );

  it("is answered in the order of its coming, bodies between", async () => {
    const before = holding.length;
    const client = await sendRaw(
      ballast.address,
      "GET /held HTTP/1.1\r\nHost: a\r\n\r\n" +
        "POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET " +
        "POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
        "GET /one HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" +
        "GET /two HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    const held = await until("the first request at the server", () => holding[before]);
    held.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld");
    expect(await client.untilEnding()).toBe("fin");
    const bodies: string[] = [];
    for (let from = 0; from < client.bytes;) {
      const response = await nextResponse(client, from);
      bodies.push(response.body);
      from = client.bytes - response.rest.length;
    }
    // Nothing behind one that closes is answered.
    expect(bodies).toEqual(["held", "one", "two", "one"]);
  });

  it("may come hundreds at once", async () => {
    const client = await connectClient(ballast.address);
    const times = 100;
    client.write("GET /one HTTP/1.1\r\nHost: a\r\n\r\n".repeat(times));
    await until("all answers", () => client.text.split("\r\n\r\none").length === times + 1);
    expect(client.text.split("HTTP/1.1 200 OK")).toHaveLength(times + 1);
  });

  it("and what is behind it are answered when the client has ended sending", async () => {
    const client = await connectClient(ballast.addresses[1] as string);
    client.end("GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.untilEnding()).toBe("fin");
    const first = await nextResponse(client);
    const second = await nextResponse(client, client.bytes - first.rest.length);
    expect([first.body, second.body]).toEqual(["one", "two"]);
  });

  it("may have an empty line before it", async () => {
    const client = await sendRaw(ballast.address, "\r\nGET /one HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await nextResponse(client)).body).toBe("one");
  });

  it("loses the fields that concern its connection on the way to the server", async () => {
    const headers = [...hopFields.trimEnd().split("\r\n"), "TE: trailers, gzip", "Upgrade: x/1"];
    const { body } = await request(ballast.address, "/head", { headers });
    expect(linesOf(body).filter((line) => !line.startsWith("x-forwarded"))).toEqual([
      "connection: te",
      "host: example.com",
      "te: trailers",
      "x-kept: 2",
    ]);
  });

  it("loses them on the way to the client", async () => {
    const client = await sendRaw(ballast.address, "GET /hop HTTP/1.1\r\nHost: a\r\n\r\n");
    const { head, body } = await nextResponse(client);
    expect(linesOf(head)).toEqual(["content-length: 2", "x-kept: 2"]);
    expect(body).toBe("hi");
  });

  it("to the server as a whole is passed on so", async () => {
    const { body } = await request(ballast.address, "*", { method: "OPTIONS" });
    expect(body).toMatch(/^OPTIONS \* HTTP\/1\.1\r\n/);
    const absolute = await request(ballast.address, "http://example.com", { method: "OPTIONS" });
    expect(absolute.body).toMatch(/^OPTIONS \* HTTP\/1\.1\r\n/);
  });

  it("with an absolute target is passed on with a path and its host", async () => {
    const { body } = await request(ballast.address, "http://example.com/head");
    expect(body).toMatch(/^GET \/head HTTP\/1\.1\r\n/);
    expect(linesOf(body)).toContain("host: example.com");
    const query = await request(ballast.address, "http://example.com?q");
    expect(query.body).toMatch(/^GET \/\?q HTTP\/1\.1\r\n/);
  });

  it("CONNECT opens a tunnel", async () => {
    const client = await sendRaw(
      ballast.address,
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
    );
    await client.untilText("first");
    expect(client.text).toMatch(/^HTTP\/1\.1 200 Established\r\n/);
    expect(client.text.toLowerCase()).not.toContain("content-length");
    client.write("any bytes");
    await client.untilText("<any bytes>");
  });
});
