// Requests that http mode does not pass on: too large, or of no one meaning. Each is answered, its
// connection ends, and no server hears of it.
import type { IncomingMessage } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import {
  type HttpServer,
  httpConfig,
  nextResponse,
  request,
  sendRaw,
  startHttpServer,
} from "../support/http.ts";
import { forAllTests } from "../support/leftovers.ts";
import { reactors } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const chunked = "Transfer-Encoding: chunked\r\n";

/** Behind `/no HTTP/1.1`, or whole requests that are not of that form. */
const bad: readonly (readonly [string, string, number])[] = [
  [
    "both length and chunks",
    `POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n${chunked}\r\n`,
    400,
  ],
  [
    "two lengths",
    "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    400,
  ],
  ["a length that is none", "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", 400],
  ["a folded field", "GET /no HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\n\r\n", 400],
  ["white space before a colon", "GET /no HTTP/1.1\r\nHost: a\r\nX-A : 1\r\n\r\n", 400],
  ["a bare CR", "GET /no HTTP/1.1\r\nHost: a\r\nX-A: 1\r2\r\n\r\n", 400],
  ["NUL", "GET /no HTTP/1.1\r\nHost: a\r\nX-A: 1\0\r\n\r\n", 400],
  ["no host", "GET /no HTTP/1.1\r\n\r\n", 400],
  ["two hosts", "GET /no HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
  ["a host that is none", "GET /no HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
  ["a host unlike its target's", "GET http://b/no HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  [
    "an unknown coding",
    "POST /no HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    501,
  ],
  ["chunks in HTTP/1.0", `POST /no HTTP/1.0\r\nHost: a\r\n${chunked}\r\n0\r\n\r\n`, 400],
  ["an unknown version", "GET /no HTTP/3.0\r\nHost: a\r\n\r\n", 505],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["no HTTP", "hello, is anybody there?\r\n\r\n", 400],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["an unknown expectation", "POST /no HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", 417],
  ["a bad chunk size at once", `POST /no HTTP/1.1\r\nHost: a\r\n${chunked}\r\nxyz\r\n`, 400],
  ["too long a head", `GET /no HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(2000)}\r\n\r\n`, 431],
  [
    "too long a head without an end",
    `GET /no HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(9000)}`,
    431,
  ],
  ["too many fields", `GET /no HTTP/1.1\r\nHost: a\r\n${"X-A: 1\r\n".repeat(10)}\r\n`, 431],
  ["too long a target", `GET /no?${"a".repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ["too long a target without an end", `GET /no?${"a".repeat(5000)}`, 414],
  ["too large a body", "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413],
  [
    "too large a body that waits",
    "POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
    413,
  ],
  ["too large a chunk", `POST /no HTTP/1.1\r\nHost: a\r\n${chunked}\r\n3e9\r\n`, 413],
];

describe.each(reactors)("a request on the %s reactor", (reactor) => {
  let server: HttpServer;
  let aborted: IncomingMessage[];
  let ballast: Ballast;

  beforeAll(async () => {
    aborted = [];
    await forAllTests(async () => {
      server = await startHttpServer((message, response) => {
        let length = 0;
        message.on("data", (data: Buffer) => (length += data.length));
        message.on("error", () => aborted.push(message));
        message.on("end", () => response.end(String(length)));
      });
      const limits = { headSize: "1500B", headerCount: 8, uriLength: "256B", bodySize: "1000B" };
      ballast = await startBallast(
        httpConfig({ s1: server.address }, { global: { reactor }, frontend: { limits } }),
      );
    });
  });

  it.each(bad)("with %s is refused and not passed on", async (_, text, status) => {
    const client = await sendRaw(ballast.address, text);
    const response = await nextResponse(client);
    expect(response.status).toBe(status);
    expect(response.fields["connection"]).toBe("close");
    expect(await client.untilEnding()).toBe("fin");
    expect(response.rest).toBe("");
    expect(server.requests.map(({ url }) => url)).not.toContainEqual(expect.stringContaining("no"));
  });

  it("that is refused ends its connection, whatever is behind it", async () => {
    const client = await sendRaw(
      ballast.address,
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /no HTTP/1.1\r\n\r\nGET /no HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    expect(await client.untilEnding()).toBe("fin");
    const first = await nextResponse(client);
    const second = await nextResponse(client, client.bytes - first.rest.length);
    expect([first.status, second.status, second.rest]).toEqual([200, 400, ""]);
    expect(server.requests.map(({ url }) => url)).not.toContain("/no");
  });

  it("whose client goes on sending is answered all the same", async () => {
    const client = await connectClient(ballast.address);
    client.write("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    client.write(Buffer.alloc(900_000));
    const response = await nextResponse(client);
    expect(response.status).toBe(413);
    expect(await client.untilEnding()).toBe("fin");
  });

  it("at its limits is passed on", async () => {
    const target = `/${"u".repeat(255)}`;
    const headers = Array.from({ length: 6 }, (_, i) => `X-${i}: ${i}`);
    const response = await request(ballast.address, target, {
      method: "POST",
      headers,
      body: "b".repeat(1000),
    });
    expect([response.status, response.body]).toEqual([200, "1000"]);
  });

  it("whose chunks become too many is refused, and its server sees it break off", async () => {
    const before = server.requests.length;
    const broken = aborted.length;
    const head = `POST /many HTTP/1.1\r\nHost: a\r\n${chunked}\r\n`;
    const client = await sendRaw(ballast.address, `${head}1f4\r\n${"a".repeat(500)}\r\n`);
    await until("the request at the server", () => server.requests.length > before);
    client.write(`1f5\r\n${"a".repeat(501)}\r\n`);
    expect((await nextResponse(client)).status).toBe(413);
    expect(await client.untilEnding()).toBe("fin");
    await until("the request to break off", () => aborted.length > broken);
  });

  it("whose chunks become malformed is refused, and its server sees it break off", async () => {
    const before = server.requests.length;
    const broken = aborted.length;
    const client = await sendRaw(
      ballast.address,
      `POST /many HTTP/1.1\r\nHost: a\r\n${chunked}\r\n3\r\nabc\r\n`,
    );
    await until("the request at the server", () => server.requests.length > before);
    client.write("3\r\nabcd\r\n");
    expect((await nextResponse(client)).status).toBe(400);
    expect(await client.untilEnding()).toBe("fin");
    await until("the request to break off", () => aborted.length > broken);
  });
});
