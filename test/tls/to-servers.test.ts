// TLS with servers: verified by default, by the name that the plan says, with our own certificate when
// asked, and gone on with. A server that cannot be trusted is like one that cannot be reached.
import { readFileSync } from "node:fs";
import { TLSSocket, type TlsOptions } from "node:tls";
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { ask, connectClient } from "../support/clients.ts";
import { httpConfig, request, sendRaw } from "../support/http.ts";
import { payload, sha256 } from "../support/payload.ts";
import { readHeader } from "../support/proxy-header.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import {
  connectTls,
  credentials,
  exchange,
  startTlsServer,
  testAuthority,
  type TlsServer,
} from "../support/tls.ts";
import { startServer } from "../support/servers.ts";

const authority = testAuthority();
const ca = authority.certFile;
const site = authority.issue({ names: ["web.example", "127.0.0.1"] });
const other = authority.issue({ names: ["other.example"] });
const ours = authority.issue({ names: [], commonName: "ballast", usage: "client" });
const front = authority.issue({ names: ["a.example"] });

function echo(socket: TLSSocket): void {
  socket.pipe(socket);
}

/** Answers each request with its own count on the connection. */
function web(socket: TLSSocket): void {
  socket.on("data", () => {
    const body = `${socket.servername || "-"} ${socket.isSessionReused()}`;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
}

function start(
  behaviour: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<TlsServer> {
  return startTlsServer({ ...credentials(site), ...options }, behaviour);
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it("carries 8 MiB both ways, TLS on both sides", async () => {
    const server = await start(echo);
    const bind = { address: "127.0.0.1:0", tls: { certificates: front } };
    const parts = { ...onReactor(reactor), frontend: { bind } };
    const s1 = { address: server.address, tls: { ca } };
    const { address } = await startBallast(tcpConfig({ s1 }, parts));
    const client = await connectTls(address, { ca: readFileSync(ca), servername: "a.example" });
    const sent = payload(8 * 1024 * 1024);
    expect(sha256(await exchange(client, sent))).toBe(sha256(sent));
  });

  it("speaks HTTP with a server over TLS, on one connection for many requests", async () => {
    const server = await start(web);
    const s1 = { address: server.address, tls: { ca, serverName: "web.example" } };
    const { address } = await startBallast(httpConfig({ s1 }, onReactor(reactor)));
    for (let i = 0; i < 5; i++) {
      expect((await request(address)).body).toBe("web.example false");
    }
    expect(server.sockets).toHaveLength(1);
  });
});

it("goes on with the session of the connection before", async () => {
  const server = await start(web);
  const s1 = { address: server.address, tls: { ca, serverName: "web.example" } };
  const { address } = await startBallast(httpConfig({ s1 }, { backend: { reuse: "never" } }));
  expect((await request(address)).body).toBe("web.example false");
  expect((await request(address)).body).toBe("web.example true");
  expect((await request(address)).body).toBe("web.example true");
});

describe("a server that cannot be trusted", () => {
  it.each([
    ["has a certificate for another name", { ca, serverName: "b.example" }, /hostname mismatch/],
    ["is signed by nobody we know", {}, /unable to get local issuer|self-signed/],
  ])("%s: 503, and the log says why", async (_, tls, reason) => {
    const server = await start(web);
    const s1 = { address: server.address, tls };
    const parts = { defaults: { retries: 0 } };
    const ballast = await startBallast(httpConfig({ s1 }, parts));
    expect(await request(ballast.address)).toMatchObject({ status: 503 });
    const line = await ballast.untilLogged();
    expect(line.reason).toMatch(reason);
    expect(server.sockets).toHaveLength(0);
  });

  it("the request goes to another server, unseen by the client", async () => {
    const bad = await startTlsServer(credentials(other), web);
    const good = await start(web);
    const tls = { ca, serverName: "web.example" };
    const servers = { bad: { address: bad.address, tls }, good: { address: good.address, tls } };
    const { address } = await startBallast(httpConfig(servers));
    for (let i = 0; i < 4; i++) expect(await request(address)).toMatchObject({ status: 200 });
  });

  it("with verify: false it is trusted all the same", async () => {
    const server = await startTlsServer(credentials(other), web);
    const s1 = { address: server.address, tls: { verify: false, serverName: "web.example" } };
    const { address } = await startBallast(httpConfig({ s1 }));
    expect(await request(address)).toMatchObject({ status: 200 });
  });

  it("one that speaks no TLS is no server", async () => {
    const server = await startServer((peer) => void peer.socket.end("SSH-2.0-x\r\n"));
    const s1 = { address: server.address, tls: { ca } };
    const ballast = await startBallast(tcpConfig({ s1 }, { defaults: { retries: 0 } }));
    const client = await connectClient(ballast.address);
    await client.untilEnding();
    const line = await ballast.untilLogged();
    expect(line.reason).toMatch(/TLS: wrong version number/);
  });
});

it("shows its own certificate to a server that asks", async () => {
  const options = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ca) };
  const server = await start((socket) => {
    socket.end(String(socket.getPeerCertificate().subject.CN));
  }, options);
  const s1 = { address: server.address, tls: { ca, ...ours } };
  const { address } = await startBallast(tcpConfig({ s1 }));
  expect(await ask(address)).toBe("ballast");
});

it("tells a server what is known of the client's TLS, in the header's values", async () => {
  const server = await startServer(() => {});
  const tlvs = ["sni", "alpn", "ssl"];
  const s1 = { address: server.address, sendProxy: { version: "v2", tlvs } };
  const tls = { certificates: front, alpn: ["proto"], clientAuth: { ca, require: true } };
  const bind = { address: "127.0.0.1:0", tls };
  const { address } = await startBallast(tcpConfig({ s1 }, { frontend: { bind } }));
  const mine = credentials(ours);
  const named = {
    ca: readFileSync(ca),
    servername: "a.example",
    ALPNProtocols: ["proto"],
    ...mine,
  };
  await connectTls(address, named);
  const peer = await server.peer();
  const bytes = await peer.untilBytes(28 + 60);
  const content = bytes.toString("latin1");
  for (const value of ["\x01\0\x05proto", "\x02\0\x09a.example", "\x21\0\x07TLSv1.3"]) {
    expect(content).toContain(value);
  }
  expect(content).toContain("\x22\0\x07ballast");
});

it("a response that is cut short without close_notify does not look complete", async () => {
  const server = await startServer((peer) => {
    const socket = new TLSSocket(peer.socket, { isServer: true, ...credentials(site) });
    socket.on("error", () => {});
    socket.on("data", () => {
      socket.write(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npart",
        () => void peer.socket.end(),
      );
    });
  });
  const s1 = { address: server.address, tls: { ca } };
  const ballast = await startBallast(httpConfig({ s1 }));
  const client = await sendRaw(ballast.address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.untilEnding();
  expect((await ballast.untilLogged()).termination.slice(0, 2)).toBe("SD");
});

it("the PROXY protocol header goes ahead of TLS, in clear", async () => {
  const server = await startServer(() => {});
  const s1 = { address: server.address, tls: { ca }, sendProxy: "v2" };
  const { address } = await startBallast(tcpConfig({ s1 }));
  const client = await connectClient(address);
  const peer = await server.peer();
  const bytes = await peer.untilBytes(28 + 5);
  expect(readHeader(bytes)).toMatchObject({ source: client.address });
  // And then a hello.
  expect(bytes.subarray(28, 30).toString("hex")).toBe("1603");
});
