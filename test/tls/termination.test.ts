// TLS with clients: handshakes of both versions, certificates by name and kind of key, protocols, what
// flows afterwards, and what comes before. Node's TLS and OpenSSL's s_client are the clients.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { echoes, startServer } from "../support/servers.ts";
import { payload, sha256 } from "../support/payload.ts";
import { header1 } from "../support/proxy-header.ts";
import { httpConfig, named, startHttpServer } from "../support/http.ts";
import { startBallast } from "../support/ballast.ts";
import { onReactor, reactors, tcpConfig } from "../support/tcp-config.ts";
import {
  connectTls,
  exchange,
  getTls,
  handshakeError,
  sClient,
  testAuthority,
} from "../support/tls.ts";

const authority = testAuthority();
const ca = readFileSync(authority.certFile);
const main = authority.issue({ names: ["a.example", "127.0.0.1"] });
const mainRsa = authority.issue({ names: ["a.example"], key: "rsa" });
const wild = authority.issue({ names: ["*.wild.example"] });
const exact = authority.issue({ names: ["b.wild.example"] });

function bind(tls: object): { bind: object } {
  return { bind: { address: "127.0.0.1:0", tls } };
}

const one = { certificates: main };
const toMain = { ca, servername: "a.example" };

function subjectOf(socket: Awaited<ReturnType<typeof connectTls>>): string {
  return String(socket.getPeerCertificate().subject.CN);
}

describe.each(reactors)("on the %s reactor", (reactor) => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("serves HTTP over %s", async (version) => {
    const server = await startHttpServer(named("web"));
    const parts = { ...onReactor(reactor), frontend: bind(one) };
    const { address } = await startBallast(httpConfig({ s1: server.address }, parts));
    const limits = { minVersion: version, maxVersion: version };
    expect(await getTls(address, { ...toMain, ...limits })).toMatch(/^HTTP\/1\.1 200 [^]*web$/);
  });

  it("carries 8 MiB both ways in tcp mode, and half-closes", async () => {
    const server = await startServer(echoes);
    const parts = { ...onReactor(reactor), frontend: bind(one) };
    const { address } = await startBallast(tcpConfig({ s1: server }, parts));
    const sent = payload(8 * 1024 * 1024);
    const received = await exchange(await connectTls(address, toMain), sent);
    expect(received.length).toBe(sent.length);
    expect(sha256(received)).toBe(sha256(sent));
  });
});

describe("certificates", () => {
  const several = { certificates: [main, mainRsa, wild, exact] };

  it.each([
    ["a.example", "a.example"],
    ["x.wild.example", "*.wild.example"],
    ["b.wild.example", "b.wild.example"],
    ["B.WILD.example", "b.wild.example"],
    // Of a wildcard one label only, as certificates have it (RFC 6125 section 6.4.3).
    ["c.x.wild.example", "a.example"],
    ["unknown.example", "a.example"],
  ])("for %s there is the one of %s", async (servername, subject) => {
    const server = await startServer(echoes);
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend: bind(several) }));
    const socket = await connectTls(address, { servername, rejectUnauthorized: false });
    expect(subjectOf(socket)).toBe(subject);
  });

  it.each([
    ["ecdsa", "ECDSA+SHA256", "ECDHE-ECDSA-"],
    ["rsa", "rsa_pss_rsae_sha256:RSA+SHA256", "ECDHE-RSA-"],
  ])("of two for one name a client that knows %s only gets its kind", async (_, sigalgs, suite) => {
    const server = await startServer(echoes);
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend: bind(several) }));
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const limits = { minVersion: version, maxVersion: version };
      const socket = await connectTls(address, { ...toMain, ...limits, sigalgs });
      expect(subjectOf(socket)).toBe("a.example");
      // A suite of TLS 1.3 does not say the kind.
      const { name } = socket.getCipher();
      expect(name.startsWith("TLS_") ? suite : name.slice(0, suite.length)).toBe(suite);
    }
  });

  it("strictSni refuses names that nobody has, and says which", async () => {
    const server = await startServer(echoes);
    const strict = bind({ ...several, strictSni: true });
    const ballast = await startBallast(tcpConfig({ s1: server }, { frontend: strict }));
    const error = await handshakeError(ballast.address, { servername: "unknown.example" });
    expect(error).toMatch(/unrecognized.name/);
    await ballast.untilMessage(({ message }) =>
      /no certificate for unknown\.example/.test(message),
    );
    expect(await sClient(ballast.address, ["-noservername"])).toMatch(/unrecognized name/);
    await connectTls(ballast.address, toMain);
  });
});

describe("OCSP", () => {
  it("the response beside a certificate is stapled, to who asks, with that certificate only", async () => {
    const server = await startServer(echoes);
    const stapled = { ...main, ocsp: authority.ocspResponse(main) };
    const frontend = bind({ certificates: [stapled, exact] });
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend }));
    const said = await sClient(address, ["-status", "-servername", "a.example"]);
    expect(said).toMatch(/OCSP Response Status: successful[^]*Cert Status: good/);
    const other = await sClient(address, ["-status", "-servername", "b.wild.example"]);
    expect(other).toMatch(/OCSP response: no response sent/);
    await connectTls(address, toMain);
  });
});

describe("protocols", () => {
  it.each([
    [["proto-b", "proto-a"], "proto-a"],
    [["proto-b"], "proto-b"],
    [undefined, false],
  ] as const)("of %j the first of ours is chosen", async (ALPNProtocols, chosen) => {
    const server = await startServer(echoes);
    const frontend = bind({ ...one, alpn: ["proto-a", "proto-b"] });
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend }));
    const offered = ALPNProtocols === undefined ? {} : { ALPNProtocols: [...ALPNProtocols] };
    const socket = await connectTls(address, { ...toMain, ...offered });
    expect(socket.alpnProtocol).toBe(chosen);
  });

  it("a client that offers none of ours is refused (RFC 7301)", async () => {
    const server = await startServer(echoes);
    const frontend = bind({ ...one, alpn: ["proto-a"] });
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend }));
    const error = await handshakeError(address, { ...toMain, ALPNProtocols: ["other"] });
    expect(error).toMatch(/no.application.protocol/);
  });

  it("by default TLS 1.1 is refused; the old profile takes it, and chooses the cipher itself", async () => {
    const server = await startServer(echoes);
    const config = tcpConfig(
      { s1: server },
      {
        frontend: { bind: [bind(one).bind, bind({ ...one, profile: "old" }).bind] },
      },
    );
    const ballast = await startBallast(config);
    const words = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    const [usual, old] = ballast.addresses as [string, string];
    expect(await sClient(usual, words)).toMatch(/alert protocol version/);
    expect(await sClient(old, words)).toMatch(/Protocol *: TLSv1\.1/);
    await ballast.untilMessage(({ message }) => /unsupported protocol/.test(message));

    // What this client would rather have, it gets where all ciphers are good.
    const order = [
      "-tls1_2",
      "-cipher",
      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
    ];
    expect(await sClient(usual, order)).toMatch(/Cipher *: ECDHE-ECDSA-AES256-GCM-SHA384/);
    expect(await sClient(old, order)).toMatch(/Cipher *: ECDHE-ECDSA-AES128-GCM-SHA256/);
  });

  it("renegotiation is refused", async () => {
    const server = await startServer(echoes);
    const { address } = await startBallast(tcpConfig({ s1: server }, { frontend: bind(one) }));
    const refused = /RENEGOTIATING[^]*no renegotiation/;
    expect(await sClient(address, ["-tls1_2"], "R\n", refused)).toMatch(refused);
  });
});

describe("before TLS", () => {
  it("comes the PROXY protocol header, and its client is the session's", async () => {
    const server = await startHttpServer((request, response) => {
      response.end(String(request.headers["x-forwarded-for"]));
    });
    const frontend = {
      bind: { address: "127.0.0.1:0", acceptProxy: true, tls: one },
      forwardedFor: true,
    };
    const { address } = await startBallast(httpConfig({ s1: server.address }, { frontend }));
    const before = header1("192.0.2.7", 4711);
    expect(await getTls(address, { ...toMain, before })).toMatch(/192\.0\.2\.7$/);
  });
});
