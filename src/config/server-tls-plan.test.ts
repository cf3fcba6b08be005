// TLS with servers, and of their checks, that is valid: what the plan says.
import { describe, expect, test } from "vitest";
import { planOf } from "../../test/support/resolved.ts";
import type { ServerPlan } from "./plan.ts";
import type { ServerTlsPlan } from "./tls-plan.ts";

/** The server `s` of a backend. */
function serverOf(server: string, backend = ""): ServerPlan {
  const plan = planOf(
    `frontends: { e: { mode: tcp, bind: ":1", backend: b } }
backends: { b: { servers: { s: { ${server} } }, ${backend} } }
`,
    "/etc/ballast/ballast.yaml",
  );
  const [first] = plan.backends[0]?.servers ?? [];
  if (!first) throw new Error("no server");
  return first;
}

function tlsOf(
  server: string,
  backend = "",
  address = "app.example.com:443",
): ServerTlsPlan | null {
  return serverOf(`address: "${address}", ${server}`, backend).tls;
}

function checkOf(server: string, backend = ""): ServerTlsPlan | null | undefined {
  return serverOf(`address: app.example.com:443, ${server}`, backend).check?.tls;
}

const plain: ServerTlsPlan = {
  protocol: {
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: "",
    ciphersuites: "",
    curves: "",
  },
  verify: true,
  ca: null,
  serverName: "app.example.com",
  cert: null,
  key: null,
  passphrase: "",
  alpn: [],
};

describe("a server", () => {
  test.each([
    ["", ""],
    ["tls: false", "tls: true"],
    ["tls: off", "tls: { verify: false }"],
    ["", "tls: false"],
  ])("%j in a backend with %j has none", (server, backend) => {
    expect(tlsOf(server, backend)).toBeNull();
  });

  test.each([
    ["tls: true", ""],
    ["tls: {}", ""],
    ["tls: on", "tls: off"],
    ["", "tls: true"],
  ])("%j in a backend with %j has the defaults", (server, backend) => {
    expect(tlsOf(server, backend)).toEqual(plain);
  });

  test("all that may be said", () => {
    const tls = `tls: { verify: false, ca: ca.pem, serverName: A.Example.com., cert: own.pem,
      key: own.key, passphrase: s3cret, alpn: [h2, http/1.1], minVersion: TLSv1.3, maxVersion: TLSv1.3,
      ciphers: AES128-SHA, ciphersuites: TLS_AES_128_GCM_SHA256, curves: X25519 }`;
    const expected = {
      protocol: {
        minVersion: "TLSv1.3",
        maxVersion: "TLSv1.3",
        ciphers: "AES128-SHA",
        ciphersuites: "TLS_AES_128_GCM_SHA256",
        curves: "X25519",
      },
      verify: false,
      ca: "/etc/ballast/ca.pem",
      serverName: "a.example.com",
      cert: "/etc/ballast/own.pem",
      key: "/etc/ballast/own.key",
      passphrase: "s3cret",
      alpn: ["h2", "http/1.1"],
    } satisfies ServerTlsPlan;
    expect(tlsOf(tls)).toEqual(expected);
    expect(tlsOf("", tls)).toEqual(expected);
  });

  test("overrides its backend key by key", () => {
    const backend = "tls: { ca: ca.pem, alpn: http/1.1, serverName: all.example.com }";
    expect(tlsOf("tls: { serverName: one.example.com }", backend)).toEqual({
      ...plain,
      ca: "/etc/ballast/ca.pem",
      alpn: ["http/1.1"],
      serverName: "one.example.com",
    });
    expect(tlsOf("tls: true", backend)).toMatchObject({ serverName: "all.example.com" });
  });

  test("has the key of its certificate, not that of its backend's", () => {
    const backend = "tls: { cert: a.pem, key: a.key, passphrase: s3cret }";
    expect(tlsOf("tls: { cert: b.pem }", backend)).toMatchObject({
      cert: "/etc/ballast/b.pem",
      key: "/etc/ballast/b.pem",
      passphrase: "",
    });
    expect(tlsOf("tls: { verify: false }", backend)).toMatchObject({ key: "/etc/ballast/a.key" });
  });

  test.each([
    ["App.Example.com.:443", "app.example.com"],
    ["127.0.0.1:443", ""],
    ["[::1]:443", ""],
    ["unix:/run/app.sock", ""],
  ])("at %s has the name %j", (address, serverName) => {
    expect(tlsOf("tls: true", "", address)).toEqual({ ...plain, serverName });
  });

  test.each([
    ["TLSv1", "DEFAULT:@SECLEVEL=0"],
    ["TLSv1.1", "DEFAULT:@SECLEVEL=0"],
    ["TLSv1.2", ""],
    ["TLSv1.3", ""],
  ])("from %s on has ciphers %j", (minVersion, ciphers) => {
    expect(tlsOf(`tls: { minVersion: ${minVersion} }`)?.protocol.ciphers).toBe(ciphers);
  });
});

describe("a check", () => {
  test.each([
    ["check: true", ""],
    ["check: true, tls: false", "tls: true"],
    ["check: { tls: false }, tls: true", ""],
    ["check: { port: 80 }, tls: true", ""],
    ["check: { address: ':80' }, tls: true", ""],
    ["check: { exec: { command: [x] } }, tls: true", ""],
  ])("%s in a backend with %j has none", (server, backend) => {
    expect(checkOf(server, backend)).toBeNull();
  });

  test.each<[string, string, Partial<ServerTlsPlan>]>([
    ["check: true, tls: true", "", plain],
    ["check: true", "tls: { ca: ca.pem }", { ca: "/etc/ballast/ca.pem" }],
    ["check: { tls: true }", "", plain],
    ["check: { tls: true }, tls: false", "tls: { ca: ca.pem }", { ca: "/etc/ballast/ca.pem" }],
    ["", "check: { tls: { alpn: h2 } }, tls: { ca: ca.pem }", { alpn: ["h2"] }],
    ["check: { tls: { verify: false } }", "check: { tls: { ca: ca.pem } }", { verify: false }],
    [
      "check: { tls: { verify: false } }",
      "check: { tls: { ca: ca.pem } }",
      { ca: "/etc/ballast/ca.pem" },
    ],
    ["check: { port: 80, tls: true }, tls: { verify: false }", "", { verify: false }],
    ["check: { address: Other.example:80, tls: true }", "", { serverName: "other.example" }],
  ])("%s in a backend with %j has it", (server, backend, expected) => {
    expect(checkOf(server, backend)).toMatchObject(expected);
  });
});

describe("sendProxy", () => {
  test.each([
    ["sendProxy: v2", "", 2, []],
    ["sendProxy: { tlvs: [sni, ssl, sni] }", "", 2, ["sni", "ssl"]],
    ["sendProxy: { version: v2, tlvs: alpn }", "sendProxy: v1", 2, ["alpn"]],
    ["sendProxy: { version: v1 }", "", 1, []],
    ["", "sendProxy: { tlvs: [ssl] }", 2, ["ssl"]],
    ["sendProxy: v2", "sendProxy: { tlvs: [ssl] }", 2, []],
    ["sendProxy: off", "sendProxy: { tlvs: [ssl] }", 0, []],
  ])("%s in a backend with %j", (server, backend, version, tlvs) => {
    const { sendProxy, proxyTlvs, check } = serverOf(
      `address: ":1", check: true, ${server}`,
      backend,
    );
    expect([sendProxy, proxyTlvs, check?.sendProxy]).toEqual([version, tlvs, version]);
  });
});
