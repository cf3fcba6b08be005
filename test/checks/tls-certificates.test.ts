// Checks over TLS: whose certificate they accept, what they say of the others, and their own one for
// servers that want one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ServerMaterial } from "../../src/config/tls-material.ts";
import { Checks } from "../../src/control/checks/checks.ts";
import { openLog } from "../../src/control/log.ts";
import { Rows } from "../../src/control/rows.ts";
import { ServerStates } from "../../src/control/server-states.ts";
import { Authority, type Issued } from "../support/authority.ts";
import {
  asks,
  checkedPlan,
  checkPlan,
  checkTls,
  materialOf,
  probe,
  socketAddress,
  talks,
} from "../support/checks.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { until } from "../support/until.ts";
import { answers, startMuffled, startOpenSsl, startTlsServer } from "./tls-servers.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-checks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ca = Authority.create(join(folder, "ca"));
const other = Authority.create(join(folder, "other"), "Other Root");
const app = ca.issue({ names: ["app.example", "127.0.0.1"] });
const stranger = other.issue({ names: ["app.example"] });
const trusted = materialOf(ca.certFile);
const tls = checkTls({ serverName: "app.example" });
const versions = [
  { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" },
  { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" },
] as const;

describe("a certificate is accepted", () => {
  it.each(versions)("for the server's name, which is sent: $maxVersion", async (version) => {
    const server = await startTlsServer(app, version);
    expect(await probe(server.address, { tls }, trusted)).toMatchObject({
      ok: true,
      text: "connected",
    });
    // A server must not think that handshakes fail: this one was brought to its end.
    expect((await server.greeting()).name).toBe("app.example");
    await server.idle();
  });

  it("for the server's IP address, which is not sent", async () => {
    const server = await startTlsServer(app);
    const result = await probe(server.address, { tls: checkTls() }, trusted);
    expect(result).toMatchObject({ ok: true });
    expect((await server.greeting()).name).toBe("");
  });

  it("for a name under its wildcard", async () => {
    const server = await startTlsServer(ca.issue({ names: ["*.app.example"] }));
    const one = checkTls({ serverName: "one.app.example" });
    expect(await probe(server.address, { tls: one }, trusted)).toMatchObject({ ok: true });
  });

  it("on a unix socket, where there must be a name", async () => {
    const server = await startTlsServer(app, {}, undefined, join(folder, "app.sock"));
    expect(await probe(server.address, { tls }, trusted)).toMatchObject({ ok: true });
    const nameless = await probe(server.address, { tls: checkTls() }, trusted);
    expect(nameless.text).toBe("TLS: there is no name that the certificate could be for");
  });

  it("from an intermediate authority, which may be the only one that is named", async () => {
    const between = ca.intermediate("Between");
    const server = await startTlsServer(between.issue({ names: ["app.example"] }));
    expect(await probe(server.address, { tls }, trusted)).toMatchObject({ ok: true });
    const alone = join(folder, "between.pem");
    const [first] = readFileSync(between.certFile, "utf8").split(
      /(?<=-----END CERTIFICATE-----\n)/,
    );
    writeFileSync(alone, first ?? "");
    const result = await probe(server.address, { tls }, materialOf(alone));
    expect(result).toMatchObject({ ok: true });
  });

  it("whatever it is, without verify", async () => {
    const server = await startTlsServer(other.issue({ names: ["elsewhere.example"] }));
    const result = await probe(server.address, { tls: { ...tls, verify: false } });
    expect(result).toMatchObject({ ok: true });
  });
});

describe("a certificate is refused", () => {
  const hourMs = 3_600_000;
  const joined = join(folder, "joined.pem");
  writeFileSync(joined, readFileSync(stranger.cert, "utf8") + readFileSync(other.certFile, "utf8"));

  it.each<[string, Issued, string]>([
    [
      "for another name",
      ca.issue({ names: ["b.example"] }),
      "the certificate is not for app.example",
    ],
    [
      "that has expired",
      ca.issue({ names: ["app.example"], notAfter: new Date(Date.now() - hourMs) }),
      "certificate has expired",
    ],
    [
      "that is not valid yet",
      ca.issue({ names: ["app.example"], notBefore: new Date(Date.now() + hourMs) }),
      "certificate is not yet valid",
    ],
    ["of an unknown authority", stranger, "unable to get local issuer certificate"],
    [
      "of an unknown authority that the server shows",
      { ...stranger, cert: joined },
      "self-signed certificate in certificate chain",
    ],
    [
      "that has signed itself",
      { cert: other.certFile, key: other.keyFile },
      "self-signed certificate",
    ],
    [
      "that is for clients",
      ca.issue({ names: ["app.example"], usage: "client" }),
      "unsuitable certificate purpose",
    ],
  ])("%s", async (_, issued, text) => {
    const server = await startTlsServer(issued);
    const result = await probe(server.address, { tls, probe: asks() }, trusted);
    expect(result).toMatchObject({ ok: false, text: `TLS: ${text}` });
    await server.idle();
    // Who has not shown who it is gets no request.
    expect(server.greeted.map(({ received }) => received).join("")).toBe("");
  });

  it("for another IP address", async () => {
    const server = await startTlsServer(ca.issue({ names: ["127.0.0.2", "app.example"] }));
    const { ok, text } = await probe(server.address, { tls: checkTls() }, trusted);
    expect({ ok, text }).toEqual({
      ok: false,
      text: "TLS: the certificate is not for 127.0.0.1",
    });
  });

  it("always while nobody is known who may sign it", async () => {
    const server = await startTlsServer(app);
    const text = "TLS: who may sign its certificate has not been read";
    expect(await probe(server.address, { tls })).toMatchObject({ ok: false, text });
    const nobody = { ...trusted, ca: null };
    expect(await probe(server.address, { tls }, nobody)).toMatchObject({ ok: false, text });
    expect(server.greeted).toEqual([]);
  });
});

describe("a server that wants a certificate", () => {
  const own = ca.issue({ commonName: "ballast", usage: "client" });
  const unknown = other.issue({ commonName: "stranger", usage: "client" });
  const wants = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ca.certFile) };
  const showing = { ...tls, cert: own.cert, key: own.key };
  const kinds = [talks(), talks(">hello"), asks()];
  const [older, newest] = versions;

  it.each([
    [older, "handshake failure"],
    // Here a client has done its part before the server looks.
    [newest, "certificate required"],
  ])("is down for a check without: $maxVersion", async (version, reason) => {
    const server = await startTlsServer(app, { ...wants, ...version });
    for (const kind of kinds) {
      const { ok, text } = await probe(server.address, { tls, probe: kind }, trusted);
      expect({ ok, text }).toEqual({ ok: false, text: `TLS: the server refuses: ${reason}` });
    }
  });

  it.each(versions)("is up for a check with one: $maxVersion", async (version) => {
    const server = await startTlsServer(app, { ...wants, ...version }, answers(200));
    const files = materialOf(ca.certFile, own);
    for (const kind of kinds) {
      const result = await probe(server.address, { tls: showing, probe: kind }, files);
      expect(result).toMatchObject({ ok: true });
    }
    expect((await server.greeting(2)).client).toBe("ballast");
    await server.idle();
  });

  it("may give no tickets, and may refuse the one that is shown", async () => {
    const words = ["-Verify", "1", "-verify_return_error", "-num_tickets", "0"];
    const address = await startOpenSsl(app, [...words, "-CAfile", ca.certFile]);
    const accepted = await probe(address, { tls: showing }, materialOf(ca.certFile, own));
    expect(accepted).toMatchObject({ ok: true, text: "connected" });
    const refused = await probe(address, { tls: showing }, materialOf(ca.certFile, unknown));
    expect(refused).toMatchObject({ ok: false, text: "TLS: the server refuses: unknown ca" });
  });

  it("is up though it never says what it makes of it", async () => {
    const server = await startTlsServer(app, { ...wants, ...newest });
    const address = await startMuffled(server.address);
    const settings = { tls: showing, timeoutMs: 1000 };
    const result = await probe(address, settings, materialOf(ca.certFile, own));
    expect(result).toMatchObject({ ok: true, text: "connected" });
  });

  it("is shown one whose key is encrypted, and a check says when it cannot open it", async () => {
    const server = await startTlsServer(app, wants);
    const locked = ca.issue({ commonName: "locked", usage: "client", passphrase: "secret" });
    const opened = materialOf(ca.certFile, locked, "secret");
    expect(await probe(server.address, { tls: showing }, opened)).toMatchObject({ ok: true });
    const shut = materialOf(ca.certFile, locked, "wrong");
    const { ok, text } = await probe(server.address, { tls: showing }, shut);
    expect(ok).toBe(false);
    expect(text).toMatch(/^TLS: its settings or files cannot be used: .*decrypt/);
  });

  it("is not looked at before our certificate has been read", async () => {
    const server = await startTlsServer(app, wants);
    const { ok, text } = await probe(server.address, { tls: showing }, trusted);
    expect({ ok, text }).toEqual({
      ok: false,
      text: "TLS: the check's own certificate has not been read",
    });
  });
});

it("changed files count from the next look on", async () => {
  const server = await startTlsServer(app);
  const check = checkPlan({ tls, fall: 1, rise: 1 });
  const plan = checkedPlan({ s1: server.address }, { check });
  const log = openLog("error");
  log.level = "silent";
  const rows = new Rows(plan, 1);
  const states = new ServerStates(rows.board, log, () => {});
  atTestEnd(() => states.close());
  states.apply(plan, rows, new Map([["back/s1", socketAddress(server.address)]]));
  let files: ServerMaterial | null = null;
  const tlsMaterial = (key: string): ServerMaterial | null =>
    key === "check back/s1" ? files : null;
  const checks = new Checks({ states, log, broadcast: () => {}, tlsMaterial });
  atTestEnd(() => checks.close());
  await checks.apply(plan);
  const result = (): string => states.server("back/s1")?.checkResult ?? "";
  for (const [next, text] of [
    [files, "TLS: who may sign its certificate has not been read"],
    [trusted, "connected"],
    [materialOf(other.certFile), "TLS: unable to get local issuer certificate"],
    [{ ...trusted }, "connected"],
  ] as const) {
    files = next;
    await until(`a check that says ${text}`, () => result().includes(text));
  }
  expect(states.server("back/s1")?.healthy).toBe(true);
});
