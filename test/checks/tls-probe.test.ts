// Checks over TLS: what they say of servers that do not speak it as they should, what is agreed on, and
// that they find over TLS what they find without. Certificates have a test of their own.
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import type { ServerTlsPlan, TlsProtocol } from "../../src/config/tls-plan.ts";
import type { Probing } from "../../src/control/checks/probe.ts";
import { probeOf } from "../../src/control/checks/probes.ts";
import { TlsContexts } from "../../src/control/checks/tls-contexts.ts";
import { Authority } from "../support/authority.ts";
import {
  asks,
  checkPlan,
  checkTls,
  materialOf,
  probe,
  socketAddress,
  talks,
} from "../support/checks.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { openDescriptors } from "../support/library.ts";
import { readHeader } from "../support/proxy-header.ts";
import { refusingAddress } from "../support/refusing.ts";
import { type Behaviour, echoes, says, startServer } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { answers, startTlsServer } from "./tls-servers.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-checks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ca = Authority.create(folder);
const app = ca.issue({ names: ["app.example"] });
const trusted = materialOf(ca.certFile);
const tls = checkTls({ serverName: "app.example" });
const older = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
const newest = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

function speaking(protocol: Partial<TlsProtocol>): ServerTlsPlan {
  return { ...tls, protocol: { ...tls.protocol, ...protocol } };
}

describe("a server that does not speak TLS as it should fails with the reason:", () => {
  it.each<[string, Behaviour, string]>([
    ["it speaks first", says("220 mail\r\n"), "TLS: the server speaks no TLS"],
    [
      "it answers something else",
      (peer) => peer.socket.once("data", () => peer.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
      "TLS: the server speaks no TLS",
    ],
    ["it echoes", echoes, "TLS: the server speaks no TLS"],
    ["it closes", (peer) => peer.end(), "TLS: closed in the handshake"],
    [
      "it resets",
      (peer) => peer.socket.once("data", () => peer.reset()),
      "TLS: connection reset in the handshake",
    ],
    ["it is silent", () => {}, "no TLS handshake within 300ms"],
    [
      "it stops after a few bytes",
      (peer) => peer.write(Buffer.from([22, 3, 3, 1, 0])),
      "no TLS handshake within 300ms",
    ],
  ])("%s", async (_, behaviour, text) => {
    const server = await startServer(behaviour);
    const timeoutMs = text.includes("300ms") ? 300 : 5000;
    const result = await probe(server.address, { tls, timeoutMs }, trusted);
    expect(result).toMatchObject({ ok: false, text });
    const { socket } = await server.peer();
    await until("the connection to be gone", () => socket.destroyed || socket.readableEnded);
  });

  it("nobody listens", async () => {
    const { ok, text } = await probe(refusingAddress(), { tls }, trusted);
    expect({ ok, text }).toEqual({ ok: false, text: "connection refused" });
  });

  it.each<[string, TlsOptions, ServerTlsPlan, string]>([
    ["its versions are too old", older, speaking(newest), "protocol version"],
    ["its versions are too new", newest, speaking(older), "protocol version"],
    [
      "it has none of the ciphers",
      { ...older, ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" },
      speaking({ ...older, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }),
      "handshake failure",
    ],
    [
      "it has none of the ciphersuites",
      { ciphers: "TLS_AES_256_GCM_SHA384" },
      speaking({ ...newest, ciphersuites: "TLS_AES_128_GCM_SHA256" }),
      "handshake failure",
    ],
    [
      "it has none of the curves",
      { ecdhCurve: "P-384" },
      speaking({ ...newest, curves: "X25519:P-256" }),
      "handshake failure",
    ],
    [
      "it has none of the protocols",
      { ALPNProtocols: ["h2"] },
      { ...tls, alpn: ["mqtt"] },
      "no application protocol",
    ],
  ])("%s", async (_, options, plan, reason) => {
    const server = await startTlsServer(app, options);
    const { ok, text } = await probe(server.address, { tls: plan }, trusted);
    expect({ ok, text }).toEqual({ ok: false, text: `TLS: the server refuses: ${reason}` });
  });
});

describe("what is agreed on", () => {
  it("is what the check has", async () => {
    const server = await startTlsServer(app, { ALPNProtocols: ["h2", "mqtt", "imap"] });
    const ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305";
    const plan = {
      ...speaking({ ...older, ciphers, curves: "P-384:P-256" }),
      alpn: ["imap", "mqtt"],
    };
    expect(await probe(server.address, { tls: plan }, trusted)).toMatchObject({ ok: true });
    expect(await server.greeting()).toMatchObject({ cipher: ciphers, alpn: "mqtt" });
    const ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
    const next = speaking({ ciphersuites, curves: "P-521:P-256" });
    expect(await probe(server.address, { tls: next }, trusted)).toMatchObject({ ok: true });
    expect(await server.greeting(1)).toMatchObject({ cipher: ciphersuites, alpn: false });
  });

  it("is never HTTP/2 for an http check, which does not speak it", async () => {
    const server = await startTlsServer(app, { ALPNProtocols: ["h2", "http/1.1"] }, answers(200));
    const plan = { ...tls, alpn: ["h2", "http/1.1"] };
    const result = await probe(server.address, { tls: plan, probe: asks() }, trusted);
    expect(result).toMatchObject({ ok: true, text: "status 200" });
    expect((await server.greeting()).alpn).toBe("http/1.1");
  });
});

describe("over TLS", () => {
  it.each([
    [200, true],
    [503, false],
  ])("an http check finds status %i", async (status, ok) => {
    const server = await startTlsServer(app, {}, answers(status));
    const result = await probe(server.address, { tls, probe: asks({ path: "/ok" }) }, trusted);
    expect(result).toMatchObject({ ok, text: `status ${status}` });
    expect((await server.greeting()).received).toMatch(/^GET \/ok HTTP\/1\.1\r\n/);
  });

  it.each([older, newest])("a conversation goes as written: $maxVersion", async (version) => {
    const server = await startTlsServer(app, version, (peer) => {
      peer.write("220 mail\r\n");
      peer.once("data", (bytes: Buffer) => peer.end(`250 ${bytes.toString()}`));
    });
    const smtp = talks("220 ", ">EHLO x\r\n", /250 EHLO x\r\n/);
    const good = await probe(server.address, { tls, probe: smtp }, trusted);
    expect(good).toMatchObject({ ok: true, text: "all steps done" });
    const quits = talks(/220 .*\r\n/, ">QUIT\r\n", "221");
    const { text } = await probe(server.address, { tls, probe: quits }, trusted);
    expect(text).toBe('closed: no "221" (step 3, received "250 QUIT\\r\\n")');
    await server.idle();
  });

  it("a server that says nothing more fails at the timeout", async () => {
    const server = await startTlsServer(app);
    const settings = { tls, probe: asks(), timeoutMs: 1000 };
    const result = await probe(server.address, settings, trusted);
    expect(result).toMatchObject({ ok: false, text: "no answer within 1s" });
    await server.idle();
  });

  it.each([1, 2] as const)("a PROXY header %i goes first, in clear", async (sendProxy) => {
    const secured = await startTlsServer(app, {}, answers(200));
    const versions: unknown[] = [];
    const front = createServer((socket) => {
      socket.once("data", (bytes: Buffer) => {
        const header = readHeader(bytes);
        versions.push(header?.version);
        socket.pause();
        socket.unshift(header?.rest ?? bytes);
        secured.server.emit("connection", socket);
      });
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    atTestEnd(() => void front.close());
    const { port } = front.address() as AddressInfo;
    const settings = { tls, sendProxy, probe: asks() };
    const result = await probe(`127.0.0.1:${port}`, settings, trusted);
    expect(result).toMatchObject({ ok: true, text: "status 200" });
    expect(versions).toEqual([sendProxy]);
  });

  it("nothing stays open, whether a check ends or is ended", async () => {
    const good = await startTlsServer(app, {}, answers(200));
    const silent = await startServer(() => {});
    const contexts = new TlsContexts(() => trusted);
    const look = (address: string, kind = asks()): Probing => {
      const target = { backend: "web", server: "s1", address: socketAddress(address) };
      return probeOf(checkPlan({ tls, probe: kind, timeoutMs: 60_000 }), contexts)(target);
    };
    await look(good.address).result;
    await good.idle();
    const before = openDescriptors();
    const count = 20;
    const hanging = Array.from({ length: count }, () => look(silent.address));
    const passing = Array.from({ length: count }, () => look(good.address).result);
    const results = await Promise.all(passing);
    expect(results.filter(({ ok }) => ok)).toHaveLength(count);
    await until(
      "their greetings",
      () => silent.peers.filter(({ bytes }) => bytes > 0).length === count,
    );
    const early = look(good.address);
    for (const probing of [...hanging, early]) probing.end();
    await Promise.all([...hanging, early].map(({ result }) => result));
    await silent.stop();
    await until("all connections to be gone", () => openDescriptors() <= before);
  });
});
