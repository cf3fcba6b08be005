// The access log of http mode: a line for each request, whatever became of it, in each format.
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { startScriptedServer } from "../support/http-exchange.ts";
import { httpConfig, nextResponse, request, sendRaw } from "../support/http.ts";
import type { SessionLine } from "../support/log-lines.ts";
import type { Peer } from "../support/peer.ts";
import type { TestServer } from "../support/servers.ts";
import { reactors } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

type Line = SessionLine & Readonly<Record<string, unknown>>;

const head = "HTTP/1.1 200 OK\r\nX-Powered-By: a|b\r\nContent-Length: ";

async function startScripts(): Promise<TestServer> {
  return startScriptedServer({
    "/": (peer) => peer.write(`${head}2\r\n\r\nhi`),
    "/a?b=%22": (peer) => peer.write(`${head}2\r\n\r\nhi`),
    "/silent": () => {},
    "/half": (peer) => peer.write(`${head}20\r\n\r\nhalf`),
    "/half-end": (peer) => peer.end(`${head}20\r\n\r\nhalf`),
    "/end": (peer) => peer.end(),
    "/junk": (peer) => peer.write("220 mail.example ESMTP\r\n\r\n"),
  });
}

async function start(
  reactor: (typeof reactors)[number],
  format: "json" | "clf" | "haproxy",
): Promise<{ readonly server: TestServer; readonly ballast: Ballast }> {
  const server = await startScripts();
  const ballast = await startBallast(
    httpConfig(
      { s1: server.address },
      {
        global: { reactor, log: { format } },
        frontend: {
          requestId: true,
          logHeaders: { request: ["user-agent", "x-none"], response: "x-powered-by" },
          limits: { headSize: "1024B" },
          routes: [
            { match: { path: "/gone" }, respond: { status: 410, body: "gone\n" } },
            { match: { path: "/elsewhere" }, redirect: "/" },
          ],
        },
        backend: { retry: { on: "connFailure" } },
      },
    ),
  );
  return { server, ballast };
}

/** Requests of the kinds that a log tells apart, one after the other. */
async function askEach(ballast: Ballast): Promise<readonly Peer[]> {
  const clients: Peer[] = [];
  const ask = async (text: string): Promise<void> => {
    const client = await sendRaw(ballast.address, text);
    clients.push(client);
    await nextResponse(client);
  };
  await ask('GET /a?b=%22 HTTP/1.1\r\nHost: A.example:80\r\nUser-Agent: x "y"|z\r\n\r\n');
  await ask("GET /gone HTTP/1.0\r\nHost: a\r\n\r\n");
  await ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  return clients;
}

/** With everything that is different each time replaced. */
function plain(
  line: string,
  ballast: Ballast,
  server: TestServer,
  clients: readonly Peer[],
): string {
  const ports = clients.map(({ address }) => address.slice(address.lastIndexOf(":") + 1));
  let text = line.replaceAll(ballast.address, "BIND").replaceAll(server.address, "SERVER");
  for (const port of ports) text = text.replaceAll(new RegExp(`(?<=[: ])${port}\\b`, "g"), "PORT");
  return text;
}

describe.each(reactors)("the log on the %s reactor", (reactor) => {
  it("in json says all of a request", async () => {
    const { server, ballast } = await start(reactor, "json");
    const clients = await askEach(ballast);
    const lines = (await ballast.untilLoggedTimes(3)) as readonly Line[];
    const [served, gone, bad] = lines.map(
      (line) => JSON.parse(plain(JSON.stringify(line), ballast, server, clients)) as Line,
    );
    expect(served).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      frontend: "front",
      backend: "back",
      server: "s1",
      client: "127.0.0.1:PORT",
      bind: "BIND",
      serverAddress: "SERVER",
      handshakeMs: 0,
      queueMs: 0,
      connectMs: expect.any(Number),
      totalMs: expect.any(Number),
      bytesIn: expect.any(Number),
      bytesOut: `${head}2\r\n\r\nhi`.length,
      termination: "--",
      retries: 0,
      redispatched: false,
      actconn: 1,
      feconn: 1,
      beconn: 1,
      srvconn: 1,
      srvQueue: 0,
      backendQueue: 0,
      requestMs: expect.any(Number),
      responseMs: expect.any(Number),
      method: "GET",
      host: "A.example",
      uri: "/a?b=%22",
      version: "HTTP/1.1",
      status: 200,
      cookie: "--",
      requestId: expect.stringMatching(/^\S{16,}$/),
      requestHeaders: { "user-agent": 'x "y"|z', "x-none": "" },
      responseHeaders: { "x-powered-by": "a|b" },
    });
    expect(served?.requestId).not.toBe(gone?.requestId);
    expect((await server.peer()).text).toContain(`x-request-id: ${String(served?.requestId)}\r\n`);
    expect(gone).toMatchObject({
      backend: "",
      server: "",
      serverAddress: null,
      queueMs: -1,
      connectMs: -1,
      responseMs: -1,
      termination: "LR",
      route: "1",
      status: 410,
      version: "HTTP/1.0",
    });
    expect(bad).toMatchObject({
      method: "",
      uri: "",
      version: "",
      status: 400,
      termination: "PR",
      reason: "more than one Host field",
      requestMs: -1,
    });
  });

  it("in haproxy's format is HAProxy's line", async () => {
    const { server, ballast } = await start(reactor, "haproxy");
    const clients = await askEach(ballast);
    await until("three lines", () => ballast.outLines.length >= 3);
    const lines = ballast.outLines.map((line) =>
      plain(line, ballast, server, clients)
        .replace(/\[[^\]]+\]/, "[TIME]")
        .replace(/ (-1|\d+)\/(-1|\d+)\/(-1|\d+)\/(-1|\d+)\/\d+ /, " TIMES ")
        .replace(/ \d+\/\d+\/\d+\/\d+\/\d+ /, " CONNS "),
    );
    const served = `${head}2\r\n\r\nhi`.length;
    expect(lines[0]).toBe(
      `127.0.0.1:PORT [TIME] front back/s1 TIMES 200 ${served} - - ---- CONNS 0/0 ` +
        '{x #22y#22#7Cz|} {a#7Cb} "GET /a?b=%22 HTTP/1.1"',
    );
    expect(lines[1]).toMatch(
      /^127\.0\.0\.1:PORT \[TIME\] front front\/<NOSRV> TIMES 410 \d+ - - LR-- CONNS 0\/0 /,
    );
    expect(lines[2]).toMatch(
      /^127\.0\.0\.1:PORT \[TIME\] front front\/<NOSRV> TIMES 400 \d+ - - PR-- CONNS 0\/0 .*"<BADREQ>"$/,
    );
  });

  it("in clf is HAProxy's line for it", async () => {
    const { server, ballast } = await start(reactor, "clf");
    const clients = await askEach(ballast);
    await until("three lines", () => ballast.outLines.length >= 3);
    const lines = ballast.outLines.map((line) =>
      plain(line, ballast, server, clients).replace(/\[[^\]]+\]/, "[TIME]"),
    );
    const served = `${head}2\r\n\r\nhi`.length;
    expect(
      lines[0]?.replace(/ PORT \d+ /, " PORT MS ").replace(/( -?\d+){5} --/, " TIMES --"),
    ).toBe(
      `127.0.0.1 - - [TIME] "GET /a?b=%22 HTTP/1.1" 200 ${served} "" "" PORT MS "front" "back" "s1" ` +
        'TIMES ---- 1 1 1 1 0 0 0 "-" "-" "x #22y#22|z" "" "a|b"',
    );
    expect(lines[1]).toMatch(/^127\.0\.0\.1 - - \[TIME\] "GET \/gone HTTP\/1\.0" 410 \d+ "" "" /);
    expect(lines[2]).toMatch(/^127\.0\.0\.1 - - \[TIME\] "<BADREQ>" 400 \d+ "" "" .* PR-- /);
  });

  it("has the termination code of every end, and nobody is counted afterwards", async () => {
    const { server, ballast } = await start(reactor, "json");
    const { address } = ballast;
    const ask = async (path: string): Promise<Peer> =>
      sendRaw(address, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const arrived = async (path: string): Promise<void> => {
      await until(`${path} at the server`, () =>
        server.peers.some(({ text }) => text.includes(`GET ${path} `)),
      );
    };
    const codes: Record<string, string> = {};
    const note = async (what: string, client: Peer): Promise<void> => {
      const line = (await ballast.untilLogged((found) => found.client === client.address)) as Line;
      codes[what] = `${line.termination} ${String(line["status"])}`;
    };

    const waiting = await ask("/silent");
    await arrived("/silent");
    waiting.reset();
    await note("reset while the server thinks", waiting);

    const leaving = await sendRaw(address, "GET /silent?2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await arrived("/silent?2");
    leaving.end();
    await note("FIN while the server thinks", leaving);

    const receiving = await ask("/half");
    await receiving.untilText("half");
    receiving.reset();
    await note("reset in the response", receiving);

    const uploading = await sendRaw(
      address,
      "POST /silent?3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
    );
    await until("the upload at the server", () =>
      server.peers.some(({ text }) => text.includes("POST /silent?3 ")),
    );
    uploading.end();
    await note("FIN in the body", uploading);

    const broken = await ask("/half-end");
    await broken.untilReset();
    await note("server ends in the response", broken);

    const ended = await ask("/end");
    await nextResponse(ended);
    await note("server ends without a response", ended);

    const junk = await ask("/junk");
    await nextResponse(junk);
    await note("server says what is none", junk);

    const elsewhere = await ask("/elsewhere");
    await nextResponse(elsewhere);
    await note("redirect", elsewhere);

    expect(codes).toEqual({
      "reset while the server thinks": "CH 0",
      "FIN while the server thinks": "CH 0",
      "reset in the response": "CD 200",
      "FIN in the body": "CH 0",
      "server ends in the response": "SD 200",
      "server ends without a response": "SH 502",
      "server says what is none": "PH 502",
      redirect: "LR 302",
    });

    for (const client of [ended, junk, elsewhere]) client.reset();
    const last = await until(
      "everybody to be gone",
      async () => {
        const seen = ballast.sessions.length;
        await request(address);
        const lines = await ballast.untilLoggedTimes(seen + 1);
        const line = lines.at(-1) as Line;
        return line.feconn === 1 ? line : null;
      },
      20_000,
    );
    expect(last).toMatchObject({ actconn: 1, feconn: 1, beconn: 1, srvconn: 1 });
  });

  it("has a line for each request of a connection, with times of its own", async () => {
    const { ballast } = await start(reactor, "json");
    const client = await connectClient(ballast.address);
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /gone HTTP/1.1\r\nHost: a\r\n\r\n");
    const lines = (await ballast.untilLoggedTimes(2)) as readonly Line[];
    expect(lines.map(({ client: who }) => who)).toEqual([client.address, client.address]);
    expect(lines.map((line) => [line["uri"], line["status"]])).toEqual([
      ["/", 200],
      ["/gone", 410],
    ]);
  });
});
