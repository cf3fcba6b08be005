// Bodies through http mode, however they are framed: whole, unchanged, and nothing after them is taken
// for part of them.
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { askWithNode, startScriptedServer } from "../support/http-exchange.ts";
import {
  type HttpServer,
  httpConfig,
  nextResponse,
  request,
  sendRaw,
  startHttpServer,
} from "../support/http.ts";
import { forAllTests } from "../support/leftovers.ts";
import { payload, sha256 } from "../support/payload.ts";
import { reactors } from "../support/tcp-config.ts";

const large = 5 * 1024 * 1024;
const long = payload(large, 7);
const lorem = "the quick brown fox";

/** Cut at sizes that fit nothing: one byte, a prime, more than any buffer. */
function cut(whole: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  const sizes = [1, 4099, 17, 65_537, 300_007, 2];
  for (let at = 0, i = 0; at < whole.length; i++) {
    const size = sizes[i % sizes.length] as number;
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function answer(message: IncomingMessage, response: ServerResponse): void {
  const { url, headers } = message;
  switch (url) {
    case "/echo":
      if (headers["content-length"] !== undefined) {
        response.setHeader("content-length", headers["content-length"]);
      }
      message.pipe(response);
      return;
    case "/digest": {
      const hash = createHash("sha256");
      message.on("data", (data: Buffer) => hash.update(data));
      message.on("end", () => {
        response.setHeader("x-trailers", JSON.stringify(message.trailers));
        response.setHeader("x-framing", headers["transfer-encoding"] ?? "length");
        response.end(hash.digest("hex"));
      });
      return;
    }
    case "/length":
      response.setHeader("content-length", large);
      response.end(long);
      return;
    case "/chunks":
      for (const piece of cut(long)) response.write(piece);
      response.end();
      return;
    case "/trailers":
      response.setHeader("trailer", "x-sum");
      response.write(lorem);
      response.addTrailers({ "x-sum": "42" });
      response.end();
      return;
    case "/none":
      response.statusCode = 204;
      response.end();
      return;
    case "/unchanged":
      response.writeHead(304, { etag: '"1"', "content-length": "1234" });
      response.end();
      return;
    case "/early":
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.writeProcessing();
      response.end("late");
      return;
    default:
      response.setHeader("content-length", lorem.length);
      response.end(message.method === "HEAD" ? "" : lorem);
  }
}

describe.each(reactors)("a body on the %s reactor", (reactor) => {
  let server: HttpServer;
  let ballast: Ballast;
  let raw: string;

  beforeAll(async () => {
    await forAllTests(async () => {
      server = await startHttpServer(answer);
      server.server.on("checkContinue", (message: IncomingMessage, response: ServerResponse) => {
        if (message.url === "/refuse") {
          response.writeHead(403).end("no");
          return;
        }
        response.writeContinue();
        answer(message, response);
      });
      const scripted = await startScriptedServer({
        "/bytes": (peer) => {
          const text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
          let at = 0;
          const next = (): void => {
            peer.write(text.slice(at, at + 1));
            at++;
            if (at < text.length) setImmediate(next);
          };
          next();
        },
        "/extension": (peer) => {
          peer.write(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
          );
        },
        "/cut-length": (peer) => peer.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        "/cut-chunk": (peer) => {
          peer.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc");
        },
        "/bad-chunk": (peer) => {
          peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
        },
      });
      ballast = await startBallast(
        httpConfig(
          { s1: server.address },
          {
            global: { reactor },
            frontends: { raw: { mode: "http", bind: "127.0.0.1:0", backend: "scripted" } },
            backends: { scripted: { servers: { s1: scripted.address } } },
          },
        ),
      );
      raw = ballast.addresses[1] as string;
    });
  });

  it("of known length goes both ways", async () => {
    const asked = {
      method: "POST",
      headers: { "content-length": 19 },
      pieces: [Buffer.from(lorem)],
    };
    const { headers, body } = await askWithNode(ballast.address, "/echo", asked);
    expect(body.toString()).toBe(lorem);
    expect(headers["content-length"]).toBe("19");
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("of known length and 5 MiB goes both ways at once", async () => {
    const asked = { method: "PUT", headers: { "content-length": large }, pieces: [long] };
    const { body } = await askWithNode(ballast.address, "/echo", asked);
    expect(body).toHaveLength(large);
    expect(sha256(body)).toBe(sha256(long));
  });

  it("in chunks and 5 MiB goes both ways at once", async () => {
    const asked = { method: "POST", pieces: cut(long) };
    const { headers, body } = await askWithNode(ballast.address, "/echo", asked);
    expect(headers["transfer-encoding"]).toBe("chunked");
    expect(body).toHaveLength(large);
    expect(sha256(body)).toBe(sha256(long));
  });

  it.each(["/length", "/chunks"])("of 5 MiB is downloaded: %s", async (path) => {
    const { body } = await askWithNode(ballast.address, path);
    expect(sha256(body)).toBe(sha256(long));
  });

  it("in chunks and 5 MiB is uploaded, with its trailers", async () => {
    const { headers, body } = await askWithNode(ballast.address, "/digest", {
      method: "POST",
      headers: { trailer: "x-sum" },
      pieces: cut(long),
      trailers: { "x-sum": "7" },
    });
    expect(body.toString()).toBe(sha256(long));
    expect(headers["x-framing"]).toBe("chunked");
    expect(headers["x-trailers"]).toBe('{"x-sum":"7"}');
  });

  it("has its trailers when it comes down", async () => {
    const { body, trailers } = await askWithNode(ballast.address, "/trailers", {
      headers: { te: "trailers" },
    });
    expect(body.toString()).toBe(lorem);
    expect(trailers).toEqual({ "x-sum": "42" });
  });

  it("that is empty is one", async () => {
    const none = await askWithNode(ballast.address, "/digest", {
      method: "POST",
      headers: { "content-length": 0 },
    });
    const chunked = await askWithNode(ballast.address, "/digest", {
      method: "POST",
      headers: { "transfer-encoding": "chunked" },
    });
    expect([none.body.toString(), chunked.body.toString()]).toEqual([sha256(""), sha256("")]);
    expect([none.headers["x-framing"], chunked.headers["x-framing"]]).toEqual([
      "length",
      "chunked",
    ]);
  });

  it("is none after HEAD, 204 and 304, and the next response begins there", async () => {
    const client = await connectClient(ballast.address);
    const asked = [
      ["HEAD", "/"],
      ["GET", "/none"],
      ["GET", "/unchanged"],
      ["HEAD", "/chunks"],
      ["GET", "/"],
    ] as const;
    const got: unknown[] = [];
    let from = 0;
    for (const [method, path] of asked) {
      client.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await nextResponse(client, from, method);
      from = client.bytes;
      got.push([response.status, response.fields["content-length"], response.body, response.rest]);
    }
    expect(got).toEqual([
      [200, "19", "", ""],
      [204, undefined, "", ""],
      [304, "1234", "", ""],
      [200, undefined, "", ""],
      [200, "19", lorem, ""],
    ]);
  });

  it("comes byte by byte from the server", async () => {
    expect((await request(raw, "/bytes")).body).toBe("abc");
  });

  it("comes byte by byte from the client", async () => {
    const client = await connectClient(ballast.address);
    const text =
      "POST /digest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n00a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";
    for (const byte of text) {
      client.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const response = await nextResponse(client);
    expect(response.body).toBe(sha256("abc0123456789"));
    expect(response.fields["x-trailers"]).toBe('{"x-sum":"1"}');
  });

  it("may have chunk extensions", async () => {
    expect((await request(raw, "/extension")).body).toBe("abc");
  });

  it.each(["/cut-length", "/cut-chunk", "/bad-chunk"])(
    "that its server breaks off is never whole for the client: %s",
    async (path) => {
      await expect(askWithNode(raw, path)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    },
  );

  it("waits for 100 Continue when the client does", async () => {
    const head =
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    const client = await sendRaw(ballast.address, head);
    const first = await nextResponse(client);
    const from = client.bytes;
    client.write("abc");
    const second = await nextResponse(client, from);
    expect([first.status, second.status, second.body]).toEqual([100, 200, "abc"]);
  });

  it("that the server does not want need not be sent, and the connection ends", async () => {
    const head =
      "POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    const client = await sendRaw(ballast.address, head);
    const response = await nextResponse(client);
    expect([response.status, response.body]).toEqual([403, "no"]);
    expect(response.fields["connection"]).toBe("close");
    expect(await client.untilEnding()).toBe("fin");
  });

  it("comes behind 1xx responses, which are passed on", async () => {
    const client = await sendRaw(ballast.address, "GET /early HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.untilText("late");
    const hints = await nextResponse(client);
    const processing = await nextResponse(client, client.bytes - hints.rest.length);
    const last = await nextResponse(client, client.bytes - processing.rest.length);
    expect([hints.status, processing.status, last.status]).toEqual([103, 102, 200]);
    expect(hints.fields["link"]).toBe("</style.css>; rel=preload");
    expect(last.body).toBe("late");
  });

  it("comes without 1xx responses to a client that speaks HTTP/1.0", async () => {
    const client = await sendRaw(ballast.address, "GET /early HTTP/1.0\r\nHost: a\r\n\r\n");
    const response = await nextResponse(client);
    expect([response.status, response.body]).toEqual([200, "late"]);
  });
});
