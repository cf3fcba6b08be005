// A bind with acceptProxy: the header, in whatever pieces it comes, says who the client is; a bad
// one or none ends the connection before any server hears of it.
import { describe, expect, it } from "vitest";
import { type Ballast, startBallast } from "../support/ballast.ts";
import { connectClient, startClient } from "../support/clients.ts";
import { onReactor, reactors, type Settings, tcpConfig } from "../support/tcp-config.ts";
import { payload } from "../support/payload.ts";
import {
  header1,
  header2,
  header2Ipv6,
  header2Local,
  readHeader,
} from "../support/proxy-header.ts";
import { echoes, says, startServer, type TestServer } from "../support/servers.ts";
import { until } from "../support/until.ts";

const bind = { address: "127.0.0.1:0", acceptProxy: true };

interface Scene {
  readonly ballast: Ballast;
  readonly server: TestServer;
}

async function start(
  reactor: (typeof reactors)[number],
  backend: Settings = {},
  defaults: Settings = {},
): Promise<Scene> {
  const server = await startServer(backend["sendProxy"] === undefined ? echoes : () => {});
  const parts = { ...onReactor(reactor), frontend: { bind }, backend, defaults };
  return { server, ballast: await startBallast(tcpConfig({ server }, parts)) };
}

const ipv6 = Buffer.from("20010db8000000000000000000000042", "hex");

const headers = [
  ["v1 TCP4", header1("203.0.113.7", 4321), "203.0.113.7:4321"],
  ["v1 TCP6", header1("2001:db8::42", 4321, "TCP6"), "[2001:db8::42]:4321"],
  ["v2 TCP4", header2("203.0.113.7", 4321), "203.0.113.7:4321"],
  ["v2 TCP6 with TLVs", header2Ipv6(ipv6, 4321), "[2001:db8::42]:4321"],
] as const;

const noHeaders: readonly (readonly [string, string | Buffer])[] = [
  ["an HTTP request", "GET / HTTP/1.1\r\n\r\n"],
  ["a word that is none", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n"],
  ["an address that is none", "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n"],
  ["a port too high", "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"],
  ["no CR", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"],
  ["a line without end", `PROXY UNKNOWN ${"x".repeat(200)}`],
  ["a bad signature", "\r\n\r\n\0\r\nQUIX\n"],
  ["a bad version", Buffer.concat([header2("1.2.3.4", 1).subarray(0, 12), Buffer.of(0x31)])],
  ["random bytes", payload(64, 99)],
];

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("the log names the header's source as the client", async () => {
    const { ballast } = await start(reactor);
    for (const [name, header, source] of headers) {
      const client = await connectClient(ballast.address);
      client.write(header);
      client.end("payload");
      expect(`${name}: ${(await client.untilEnd()).toString()}`).toBe(`${name}: payload`);
      const line = await ballast.untilLogged(({ peer }) => peer === client.address);
      expect(line).toMatchObject({ client: source, termination: "--", bytesIn: 7, bytesOut: 7 });
    }
  });

  it.each([1, 2] as const)("the source is sent on to the server in v%i", async (version) => {
    const { ballast, server } = await start(reactor, { sendProxy: `v${version}` });
    for (const [i, [, header, source]] of headers.entries()) {
      const client = await connectClient(ballast.address);
      client.write(Buffer.concat([header, Buffer.from("payload")]));
      const peer = await server.peer(i);
      const seen = await until("a header and payload", () => {
        const read = readHeader(peer.content);
        return read !== null && read.rest.length >= 7 && read;
      });
      expect(seen).toMatchObject({ version, source });
      expect(seen.destination).toMatch(/^(192\.0\.2\.1|\[2001:db8::1?\]):443$/);
      expect(seen.rest.toString()).toBe("payload");
    }
  });

  it("a header that comes byte by byte is read, and what follows is kept", async () => {
    const { ballast } = await start(reactor);
    for (const [name, header] of headers) {
      const client = await connectClient(ballast.address);
      for (const byte of header) {
        client.write(Buffer.of(byte));
        // Nagle is off: one segment for each byte, as far as the kernel has sent the one before.
        await new Promise((resolve) => setImmediate(resolve));
      }
      client.end("after");
      expect(`${name}: ${(await client.untilEnd()).toString()}`).toBe(`${name}: after`);
    }
  });

  it("header, data and FIN in one go are all delivered", async () => {
    const { ballast } = await start(reactor);
    const data = payload(200_000);
    const client = startClient(ballast.address);
    client.end(Buffer.concat([header2("203.0.113.7", 1), data]));
    expect((await client.untilEnd()).equals(data)).toBe(true);
    expect(await ballast.untilLogged()).toMatchObject({ bytesIn: 200_000, bytesOut: 200_000 });
  });

  it("v2 LOCAL and v1 UNKNOWN leave the connection's own address", async () => {
    const { ballast } = await start(reactor);
    for (const header of [header2Local(), Buffer.from("PROXY UNKNOWN\r\n")]) {
      const client = await connectClient(ballast.address);
      const address = client.address;
      client.end(Buffer.concat([header, Buffer.from("check")]));
      expect((await client.untilEnd()).toString()).toBe("check");
      const line = await ballast.untilLogged((each) => each.client === address);
      expect(line.peer).toBe(undefined);
    }
  });

  it("the server may speak first, after the header", async () => {
    const server = await startServer(says("welcome"));
    const parts = { ...onReactor(reactor), frontend: { bind } };
    const ballast = await startBallast(tcpConfig({ server }, parts));
    const client = await connectClient(ballast.address);
    client.write(header1("203.0.113.7", 4321));
    expect((await client.untilEnd()).toString()).toBe("welcome");
  });

  it("what is no header is refused with PR, unseen by any server", async () => {
    const { ballast, server } = await start(reactor);
    const refused = new Map<string, string>();
    for (const [name, bytes] of noHeaders) {
      const client = await connectClient(ballast.address);
      client.write(bytes);
      await client.untilReset();
      refused.set(client.address, name);
    }
    const lines = await ballast.untilLoggedTimes(noHeaders.length);
    expect(lines.map(({ client }) => refused.get(client))).toEqual([...refused.values()]);
    for (const line of lines) {
      expect(line).toMatchObject({ termination: "PR", backend: "", server: "", bytesIn: 0 });
    }
    expect(server.peers).toHaveLength(0);
  });

  it("a client that stays silent is cut with cR", async () => {
    const { ballast, server } = await start(reactor, {}, { timeout: { clientHs: "250ms" } });
    const client = await connectClient(ballast.address);
    await client.untilReset();
    const line = await ballast.untilLogged();
    expect(line).toMatchObject({ termination: "cR", backend: "" });
    expect(line.totalMs).toBeGreaterThanOrEqual(250);
    expect(server.peers).toHaveLength(0);
  });

  it("one that stops in the middle of the header is cut with cR", async () => {
    const { ballast } = await start(reactor, {}, { timeout: { clientHs: "250ms" } });
    const client = await connectClient(ballast.address);
    client.write("PROXY TCP4 203.0.113.7 ");
    await client.untilReset();
    expect(await ballast.untilLogged()).toMatchObject({ termination: "cR" });
  });

  it("one that goes before its header is complete is logged as CR", async () => {
    const { ballast, server } = await start(reactor);
    const rude = await connectClient(ballast.address);
    rude.write("PROXY TCP4 ");
    rude.reset();
    const polite = await connectClient(ballast.address);
    polite.end("PROXY TCP4 ");
    const lines = await ballast.untilLoggedTimes(2);
    expect(lines.map(({ termination }) => termination)).toEqual(["CR", "CR"]);
    expect(server.peers).toHaveLength(0);
  });

  it("none that goes at once goes without a line", async () => {
    const { ballast } = await start(reactor);
    const rude = Array.from({ length: 40 }, async () => {
      const client = await connectClient(ballast.address);
      client.write("PROXY TCP4 ");
      client.reset();
    });
    await Promise.all(rude);
    const lines = await ballast.untilLoggedTimes(40);
    expect(new Set(lines.map(({ termination }) => termination))).toEqual(new Set(["CR"]));
  });
});
