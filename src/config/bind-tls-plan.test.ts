// TLS on binds that is valid: what the plan says. The files are not there, so nothing reads them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { expect, test } from "vitest";
import { planOf } from "../../test/support/resolved.ts";
import type { TlsProfile } from "./tls-config.ts";
import type { BindTlsPlan, CertificateSource } from "./tls-plan.ts";
import { tlsProfiles } from "./tls-profiles.ts";

const file = "/etc/ballast/ballast.yaml";

function bindOf(tls: string, mode = "tcp", config = file): BindTlsPlan {
  const plan = planOf(
    `frontends: { e: { mode: ${mode}, bind: { address: ":1", tls: { ${tls} } }, backend: b } }
backends: { b: { servers: { s: ":2" } } }
`,
    config,
  );
  const tlsPlan = plan.frontends[0]?.binds[0]?.tls;
  if (!tlsPlan) throw new Error("no TLS");
  return tlsPlan;
}

function certificatesOf(certificates: string, config = file): readonly CertificateSource[] {
  return bindOf(`certificates: ${certificates}`, "tcp", config).certificates;
}

const site: CertificateSource = {
  kind: "files",
  cert: "/etc/ballast/site.pem",
  key: "/etc/ballast/site.pem",
  passphrase: "",
  ocsp: null,
};

test("a certificate is enough", () => {
  expect(bindOf("certificates: site.pem")).toEqual({
    protocol: tlsProfiles.intermediate,
    ownCipherOrder: false,
    certificates: [site],
    strictSni: false,
    alpn: [],
    sessionTickets: true,
    ticketRotationMs: 43_200_000,
    sessionCache: 20_000,
    sessionTimeoutMs: 300_000,
    clientAuth: null,
  } satisfies BindTlsPlan);
  expect(bindOf("certificates: site.pem", "http").alpn).toEqual(["http/1.1"]);
});

test("all that may be said", () => {
  const text = `certificates: [site.pem], profile: old, minVersion: TLSv1.1, maxVersion: TLSv1.2,
    ciphers: "AES128-SHA:AES256-SHA:@SECLEVEL=0", ciphersuites: [TLS_AES_128_CCM_SHA256, TLS_AES_128_GCM_SHA256],
    curves: [X25519, P-256], strictSni: true, alpn: [h2, imap], sessionTickets: false,
    ticketRotation: 1h, sessionCache: 1k, sessionTimeout: 7d,
    clientAuth: { ca: clients.pem, optional: true, crl: /var/crl.pem }`;
  expect(bindOf(text)).toEqual({
    protocol: {
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.2",
      ciphers: "AES128-SHA:AES256-SHA:@SECLEVEL=0",
      ciphersuites: "TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256",
      curves: "X25519:P-256",
    },
    ownCipherOrder: true,
    certificates: [site],
    strictSni: true,
    alpn: ["h2", "imap"],
    sessionTickets: false,
    ticketRotationMs: 3_600_000,
    sessionCache: 1024,
    sessionTimeoutMs: 604_800_000,
    clientAuth: { ca: "/etc/ballast/clients.pem", required: false, crl: "/var/crl.pem" },
  } satisfies BindTlsPlan);
});

test.each<[string, CertificateSource]>([
  ["site.pem", site],
  ["{ cert: site.pem }", site],
  ["{ cert: /a/b.pem }", { ...site, cert: "/a/b.pem", key: "/a/b.pem" }],
  [
    "{ cert: site.pem, key: ../site.key, passphrase: s3cret, ocsp: site.ocsp }",
    { ...site, key: "/etc/site.key", passphrase: "s3cret", ocsp: "/etc/ballast/site.ocsp" },
  ],
  ["{ cert: site.pem, ocsp: fetch }", { ...site, ocsp: "fetch" }],
  ["{ folder: certs }", { kind: "folder", folder: "/etc/ballast/certs", ocsp: null }],
  [
    "{ folder: certs, ocsp: fetch }",
    { kind: "folder", folder: "/etc/ballast/certs", ocsp: "fetch" },
  ],
])("certificates: %s", (text, source) => {
  expect(certificatesOf(text)).toEqual([source]);
  expect(certificatesOf(`[${text}, other.pem]`)).toHaveLength(2);
});

test("a bare path is that of a folder where there is one", () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-"));
  try {
    mkdirSync(join(folder, "certs"));
    writeFileSync(join(folder, "site"), "");
    const sources = certificatesOf("[certs, site, none]", join(folder, "ballast.yaml"));
    expect(sources.map(({ kind }) => kind)).toEqual(["folder", "files", "files"]);
    expect(sources[0]).toMatchObject({ folder: join(folder, "certs") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["{ ca: a.pem }", true],
  ["{ ca: a.pem, require: true }", true],
  ["{ ca: a.pem, require: true, optional: false }", true],
  ["{ ca: a.pem, optional: false }", true],
  ["{ ca: a.pem, optional: true }", false],
  ["{ ca: a.pem, require: false, optional: true }", false],
])("clientAuth: %s", (auth, required) => {
  expect(bindOf(`certificates: a.pem, clientAuth: ${auth}`).clientAuth).toEqual({
    ca: "/etc/ballast/a.pem",
    required,
    crl: null,
  });
});

test.each(Object.keys(tlsProfiles) as TlsProfile[])("profile: %s is what OpenSSL takes", (name) => {
  const { protocol } = bindOf(`certificates: a.pem, profile: ${name}`);
  expect(protocol).toEqual(tlsProfiles[name]);
  const { minVersion, maxVersion, ciphers, ciphersuites, curves } = protocol;
  expect(() =>
    createSecureContext({
      minVersion,
      maxVersion,
      ciphers: `${ciphersuites}:${ciphers}`,
      ecdhCurve: curves,
    }),
  ).not.toThrow();
});

test("a profile gives what is not written beside it", () => {
  const { protocol } = bindOf("certificates: a.pem, profile: modern, minVersion: TLSv1.2");
  expect(protocol).toEqual({ ...tlsProfiles.intermediate, minVersion: "TLSv1.2" });
});
