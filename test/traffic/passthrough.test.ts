// TLS that is passed on unopened: routes by what the hello says lead a client to a server, whose own
// certificate it sees. Everything that is no hello, or none that can be read, has its place too. Bytes
// arrive as they were sent, the hello included. Reloads meanwhile: test/lifecycle/reload-routes.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, type Issued } from "../support/authority.ts";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { helloOf, messageOf, recordsOf } from "../support/hello.ts";
import { payload, sha256 } from "../support/payload.ts";
import type { Peer } from "../support/peer.ts";
import { header1 } from "../support/proxy-header.ts";
import { answersDigest, greets, says, startServer, type TestServer } from "../support/servers.ts";
import { onReactor, reactors, type Settings, tcpConfig } from "../support/tcp-config.ts";
import { reach, sendEach, startSplitter, startTlsServer } from "../support/tls-passing.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-passthrough-"));
let authority: Authority;
const issued: Record<string, Issued> = {};

beforeAll(() => {
  authority = Authority.create(join(folder, "authority"));
  const names = {
    exact: ["a.example"],
    wild: ["*.b.example", "x.y.b.example"],
    acme: ["a.example"],
  };
  for (const [commonName, altNames] of Object.entries(names)) {
    issued[commonName] = authority.issue({ commonName, names: altNames });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function inBytes(whole: Buffer): Buffer[] {
  return Array.from(whole, (byte) => Buffer.from([byte]));
}

const routes = [
  { name: "acme", match: { alpn: "acme-tls/1" }, backend: "acme" },
  { name: "exact", match: { sni: "a.example" }, backend: "exact" },
  { name: "wild", match: { sni: ["*.b.example", "other.example"] }, backend: "wild" },
];

/** Three servers with certificates of their own behind these routes; `frontend`: more about it. */
async function startPassing(
  parts: { global?: Settings; frontend?: Settings } = {},
): Promise<Ballast> {
  const backends: Record<string, Settings> = {};
  for (const name of ["exact", "wild", "acme"]) {
    const address = await startTlsServer(
      issued[name] as Issued,
      name === "acme" ? ["acme-tls/1"] : [],
    );
    backends[name] = { servers: { [name]: address } };
  }
  const frontend = { routes, backend: undefined, ...parts.frontend };
  return startBallast(tcpConfig({ spare: "127.0.0.1:1" }, { ...parts, frontend, backends }));
}

describe.each(reactors)("on the %s reactor a TLS client", (reactor) => {
  test("sees the certificate of the server that its name or its protocols lead to", async () => {
    const ballast = await startPassing(onReactor(reactor));
    const at = (servername: string, ALPNProtocols?: string[]): Promise<unknown> =>
      reach(ballast.address, authority.certFile, {
        servername,
        ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
      });
    const echo = "hello behind TLS";
    expect(await at("a.example")).toEqual({ name: "exact", alpn: false, echo });
    expect(await at("A.Example")).toMatchObject({ name: "exact" });
    expect(await at("c.b.example")).toMatchObject({ name: "wild", echo });
    expect(await at("x.y.b.example", ["h2"])).toMatchObject({ name: "wild", echo });
    const acme = await at("a.example", ["h2", "acme-tls/1"]);
    expect(acme).toEqual({ name: "acme", alpn: "acme-tls/1", echo });
    const lines = await ballast.untilLoggedTimes(5);
    expect(lines.filter(({ backend }) => backend === "exact")).toHaveLength(2);
    expect(lines.find(({ backend }) => backend === "acme")).toMatchObject({
      sni: "a.example",
      route: "acme",
      server: "acme",
      termination: "--",
    });
  });

  test("is led by a hello in pieces of a byte, and in many records", async () => {
    const ballast = await startPassing(onReactor(reactor));
    const { certFile } = authority;
    for (const size of [0, 1, 7, 100]) {
      const inRecords = (flight: Buffer): Buffer =>
        size === 0 ? flight : recordsOf(messageOf(flight), size);
      const splitter = await startSplitter(ballast.address, (flight) => inBytes(inRecords(flight)));
      const reached = await reach(splitter, certFile, { servername: "c.b.example" });
      expect(reached).toMatchObject({ name: "wild", echo: "hello behind TLS" });
    }
  });
});

const digest = { match: { sni: "a.example" }, backend: "digest" };

/** One route, to a server that says what it got; `rest`: who takes the others. */
async function startDigest(
  parts: { global?: Settings; frontend?: Settings; route?: Settings; rest?: TestServer } = {},
): Promise<Ballast> {
  const server = await startServer(answersDigest);
  const { rest, route = digest } = parts;
  const backend = rest === undefined ? undefined : "back";
  const frontend = { routes: [route], backend, ...parts.frontend };
  const backends = { digest: { servers: { digest: server.address } } };
  const servers = { rest: rest ?? "127.0.0.1:1" };
  return startBallast(tcpConfig(servers, { ...parts, frontend, backends }));
}

describe.each(reactors)("on the %s reactor bytes arrive as they were sent", (reactor) => {
  const hello = helloOf({ sni: "A.example", alpn: ["\u006a\u006a", "h2", "http/1.1"] });
  const content = Buffer.concat([hello, payload(700_000)]);

  test.each<[string, (client: Peer) => Promise<void>]>([
    ["all at once", async (client) => client.end(content)],
    [
      "hello and FIN, and nothing else",
      async (client) => {
        client.end(hello);
      },
    ],
    [
      "the hello in two, and the rest later",
      async (client) => {
        await sendEach(client.socket, [hello.subarray(0, 3), hello.subarray(3)]);
        client.end(content.subarray(hello.length));
      },
    ],
    [
      "the hello byte by byte, its last with what follows",
      async (client) => {
        await sendEach(client.socket, inBytes(hello.subarray(0, -1)));
        client.end(content.subarray(hello.length - 1));
      },
    ],
  ])("%s", async (_, send) => {
    const ballast = await startDigest(onReactor(reactor));
    const client = await connectClient(ballast.address);
    await send(client);
    const answer = (await client.untilEnd()).toString();
    const { bytesIn } = await ballast.untilLogged();
    expect([sha256(content), sha256(hello)]).toContain(answer);
    expect(bytesIn).toBe(answer === sha256(content) ? content.length : hello.length);
  });

  test("behind a PROXY protocol header, in one piece with it", async () => {
    const bind = { address: "127.0.0.1:0", acceptProxy: true };
    const route = { match: { sni: "a.example", source: "203.0.113.0/24" }, backend: "digest" };
    const ballast = await startDigest({ ...onReactor(reactor), frontend: { bind }, route });
    const client = await connectClient(ballast.address);
    client.end(Buffer.concat([header1("203.0.113.7", 4321), content]));
    expect((await client.untilEnd()).toString()).toBe(sha256(content));
  });
});

describe("who sends no hello that can be read", () => {
  const broken = helloOf({ sni: "a b.example" });
  const tooLong = recordsOf(Buffer.concat([Buffer.from([1, 0, 80, 0]), payload(20_480)]), 16_384);

  test.each<[string, string | Buffer, string | undefined]>([
    ["plain text", "GET / HTTP/1.1\r\n\r\n", undefined],
    ["a broken hello", broken, "TLS hello: its server name is no host name"],
    ["a hello that is too long", tooLong, "TLS hello: the hello is longer than 18432 bytes"],
    ["a name that has no route", helloOf({ sni: "b.example" }), undefined],
    ["no name", helloOf({}), undefined],
    ["half a hello and FIN", broken.subarray(0, 50), undefined],
    ["FIN", "", undefined],
  ])("is given to the frontend's backend: %s", async (_, sent, reason) => {
    const rest = await startServer(answersDigest);
    const ballast = await startDigest({ rest });
    const client = await connectClient(ballast.address);
    client.end(sent);
    expect((await client.untilEnd()).toString()).toBe(sha256(sent));
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ backend: "back", server: "rest", termination: "--" });
    expect([line].map((each) => ("reason" in each ? each.reason : undefined))).toEqual([reason]);
    expect(line).not.toHaveProperty("route");
  });

  test.each<[string, string | Buffer, string]>([
    ["plain text", "GET / HTTP/1.1\r\n\r\n", "no route for a client that speaks no TLS"],
    ["one byte that is no TLS", "G", "no route for a client that speaks no TLS"],
    [
      "a broken hello",
      broken,
      "no route for a client whose TLS hello is malformed: its server name is no host name",
    ],
    [
      "a name that has no route",
      helloOf({ sni: "b.example" }),
      "no route for the server name b.example",
    ],
    ["no name", helloOf({ alpn: ["h2"] }), "no route for a client that names no server"],
  ])("is closed at once where there is none: %s", async (_, sent, reason) => {
    const ballast = await startDigest();
    const client = await connectClient(ballast.address);
    client.write(sent);
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ backend: "", server: "", termination: "PR", reason, beconn: 0 });
  });
});

describe("who says nothing", () => {
  test("hears a server that speaks first", async () => {
    const ballast = await startDigest({ rest: await startServer(says("220 hello")) });
    const client = await connectClient(ballast.address);
    expect((await client.untilEnd()).toString()).toBe("220 hello");
  });

  test("is not kept waiting, but who has begun a hello is waited for", async () => {
    const ballast = await startDigest({ rest: await startServer(says("220 hello")) });
    const hello = helloOf({ sni: "a.example" });
    const slow = await connectClient(ballast.address);
    slow.write(hello.subarray(0, 1));
    const silent = await connectClient(ballast.address);
    await silent.untilEnd();
    slow.end(hello.subarray(1));
    expect((await slow.untilEnd()).toString()).toBe(sha256(hello));
  });

  test("is closed where nobody else takes it, and so is who goes on no more", async () => {
    const ballast = await startDigest({ frontend: { timeout: { clientHs: "200ms" } } });
    const silent = await connectClient(ballast.address);
    const slow = await connectClient(ballast.address);
    slow.write(helloOf({ sni: "a.example" }).subarray(0, 40));
    await Promise.all([silent.untilReset(), slow.untilReset()]);
    const reason = "no TLS hello within timeout.clientHs";
    for (const line of await ballast.untilLoggedTimes(2)) {
      expect(line).toMatchObject({ backend: "", termination: "cR", reason });
    }
  });

  test.each([true, false])("and leaves is no error of anybody's: by FIN %s", async (byFin) => {
    const ballast = await startDigest();
    const client = await connectClient(ballast.address);
    if (byFin) client.end();
    else client.reset();
    expect(await ballast.untilLogged()).toMatchObject({ backend: "", termination: "CR" });
  });
});

test("a route by address alone waits for nothing that the client might say", async () => {
  const route = { name: "near", match: { source: "127.0.0.0/8" }, backend: "digest" };
  const server = await startServer(greets("first"));
  const ballast = await startBallast(
    tcpConfig(
      { server },
      { frontend: { routes: [{ ...route, backend: "back" }], backend: undefined } },
    ),
  );
  const client = await connectClient(ballast.address);
  await client.untilText("first");
  client.end(helloOf({ sni: "a.example" }));
  const peer = await server.peer();
  await peer.untilEnd();
  peer.end();
  const line = await ballast.untilLogged();
  expect(line).toMatchObject({ route: "near", backend: "back", termination: "--" });
  expect(line).not.toHaveProperty("sni");
});
