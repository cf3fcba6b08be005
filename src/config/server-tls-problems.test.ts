// Mistakes in `tls` and `sendProxy` of backends, servers and checks: which problem, where, with which
// advice.
import { describe, expect, test } from "vitest";
import { problemsBesideFiles } from "../../test/support/resolved.ts";

/** What is written of the backend `web` is on line 4, of its server `a` on line 5, behind six blanks. */
function web(backend: string, server = 'address: ":1"', mode = "tcp"): string[] {
  return problemsBesideFiles(`frontends: { edge: { mode: ${mode}, bind: ":80", backend: web } }
backends:
  web:
    ${backend}
    servers: { a: {
      ${server} } }
`);
}

type Case = readonly [text: string, problem: string];
const written: Case[] = [
  ["tls: yes", '4:10: "yes" is no setting of TLS (PLACE). Write true, off, or { ca: ca.pem }.'],
  ["tls: { cafile: a.pem }", '4:12: unknown key "cafile" (PLACE.cafile). Did you mean "ca"?'],
  ["tls: { ca: 5 }", '4:16: 5 is not text (PLACE.ca). Put it between quotes: "5".'],
  [
    "tls: { verify: required }",
    '4:20: "required" is neither true nor false (PLACE.verify). Write true or false.',
  ],
  [
    "tls: { verify: false }",
    "4:12: warning: the server's certificate is not verified, so whoever answers in its place is believed " +
      "(PLACE.verify). Write ca: FILE with who signed it, and remove verify.",
  ],
  [
    "tls: { key: a.key }",
    '4:12: "key" belongs to cert, and there is none here (PLACE.key). Write cert beside it, or remove it.',
  ],
  [
    "tls: { ca: a.pem, passphrase: abc }",
    '4:23: "passphrase" belongs to cert, and there is none here',
  ],
  [
    "tls: { serverName: 10.0.0.1 }",
    '4:24: "10.0.0.1" is not the name of a server (PLACE.serverName). ' +
      "TLS sends no address; without a name the server's own address counts.",
  ],
  ["tls: { serverName: 'a:443' }", 'Write "a", without a port.'],
  ["tls: { serverName: bücher.example }", 'Write it as it is sent: "xn--bcher-kva.example".'],
  ["tls: { serverName: '*.example.com' }", "Write a name such as app.example.com."],
  ["tls: { serverName: '[::1]' }", "TLS sends no address"],
  [
    "tls: { minVersion: TLSv1.3, maxVersion: TLSv1.2 }",
    "4:33: minVersion TLSv1.3 is above maxVersion TLSv1.2 (PLACE.maxVersion).",
  ],
  ["tls: { minVersion: TLSv1.3, ciphers: AES128-SHA }", 'warning: "ciphers" has no effect'],
  [
    "tls: { minVersion: TLSv1, ciphers: AES128-SHA }",
    "warning: OpenSSL speaks TLSv1 only where ciphers has @SECLEVEL=0",
  ],
];

test.each(written)("%s", (text, problem) => {
  expect(web(text)).toEqual([
    expect.stringContaining(problem.replace("PLACE", "backends.web.tls")),
  ]);
  const atServer = problem.replace(/^4:(\d+)/, (_, column) => `6:${Number(column) + 2 + 15}`);
  const place = "backends.web.servers.a.tls";
  expect(web("retries: 3", `address: ":1", ${text}`)).toEqual([
    expect.stringContaining(atServer.replace("PLACE", place)),
  ]);
});

test("verify: false and ca contradict each other", () => {
  expect(web("tls: { verify: false, ca: a.pem }")).toEqual([
    expect.stringContaining("4:12: warning: the server's certificate is not verified"),
    "4:27: warning: ca has no effect with verify: false (backends.web.tls.ca). Remove one of them.",
  ]);
});

test("a server's versions and those of its backend fit", () => {
  expect(
    web("tls: { minVersion: TLSv1.3 }", 'address: ":1", tls: { maxVersion: TLSv1.2 }'),
  ).toEqual([
    "6:29: minVersion TLSv1.3 is above maxVersion TLSv1.2 (backends.web.servers.a.tls.maxVersion). " +
      "Write a higher maxVersion, or a lower minVersion.",
  ]);
});

test.each([
  ["tls: true", "address: unix:/run/a.sock"],
  ["retries: 3", "address: unix:/run/a.sock, tls: { ca: a.pem }"],
  ["tls: { verify: false }", "address: unix:/run/a.sock, tls: { verify: true }"],
])("%s / %s has no name to verify", (backend, server) => {
  const told = web(backend, server).filter((problem) => !problem.includes("warning"));
  expect(told).toEqual([
    "6:16: a unix socket has no name that a certificate could be for (backends.web.servers.a.address). " +
      "Add serverName to tls.",
  ]);
});

test.each([
  ["tls: { serverName: a.example }", "address: unix:/run/a.sock"],
  ["tls: true", "address: unix:/run/a.sock, tls: false"],
  ["tls: true", "address: unix:/run/a.sock, tls: { serverName: a.example }"],
  ["tls: { minVersion: TLSv1 }", 'address: ":1"'],
  ["tls: { cert: a.pem, key: a.key, passphrase: b }", 'address: ":1", sendProxy: v2'],
  ["tls: { alpn: [h2, http/1.1] }", 'address: ":1"'],
])("%s / %s is nothing to tell", (backend, server) => {
  expect(web(backend, server)).toEqual([]);
});

describe("alpn to servers of http frontends", () => {
  test.each<Case>([
    [
      "tls: { alpn: [http/1.1, h2] }",
      '4:29: this version of Ballast does not have "alpn: h2" yet (backends.web.tls.alpn[1]). It has http/1.1, http/1.0.',
    ],
    [
      "tls: { alpn: imap }",
      '4:18: "imap" is no protocol of mode: http (backends.web.tls.alpn). It has http/1.1, http/1.0.',
    ],
  ])("%s", (text, problem) => {
    expect(web(text, 'address: ":1"', "http")).toEqual([problem]);
  });

  test("of a server itself", () => {
    expect(web("retries: 3", 'address: ":1", tls: { alpn: h2 }', "http")).toEqual([
      expect.stringContaining("(backends.web.servers.a.tls.alpn)"),
    ]);
  });
});

describe("check.tls", () => {
  test.each<Case>([
    ["check: { tls: yes }", '"yes" is no setting of TLS (backends.web.check.tls)'],
    [
      "check: { tls: { key: a.key } }",
      '4:21: "key" belongs to cert, and there is none here (backends.web.check.tls.key).',
    ],
    [
      "check: { tls: { maxVersion: TLSv1.1 } }",
      "4:21: minVersion TLSv1.2 is above maxVersion TLSv1.1 (backends.web.check.tls.maxVersion).",
    ],
    [
      "check: { tls: true, exec: { command: [x] } }",
      "4:14: warning: tls has no effect beside exec: the program speaks for itself (backends.web.check.tls). Remove it.",
    ],
    ["check: { ssl: true }", 'unknown key "ssl" (backends.web.check.ssl). Did you mean "tls"?'],
  ])("%s", (text, problem) => {
    expect(web(text)).toEqual([expect.stringContaining(problem)]);
  });

  test("of a server goes over all that stands before it", () => {
    const server = 'address: ":1", check: { tls: { maxVersion: TLSv1.2 } }';
    expect(web("tls: { minVersion: TLSv1.3 }", server)).toEqual([
      expect.stringContaining("(backends.web.servers.a.check.tls.maxVersion)"),
    ]);
  });

  test("may do without verifying", () => {
    expect(web("check: { tls: { verify: false } }")).toEqual([]);
  });
});

test.each<Case>([
  [
    "sendProxy: v3",
    '4:16: "v3" is not one of v1, v2, off (backends.web.sendProxy). Did you mean "v1"?',
  ],
  [
    "sendProxy: { version: off }",
    '4:27: "off" is not one of v1, v2 (backends.web.sendProxy.version).',
  ],
  ["sendProxy: { tlvs: [] }", "the list is empty"],
  [
    "sendProxy: { tlvs: [sni, host] }",
    '4:30: "host" is not one of sni, alpn, ssl (backends.web.sendProxy.tlvs[1]).',
  ],
  ["sendProxy: { tlv: sni }", 'Did you mean "tlvs"?'],
  [
    "sendProxy: { version: v1, tlvs: sni }",
    "4:31: version 1 of the header has no place for tlvs (backends.web.sendProxy.tlvs). Write version: v2, or remove it.",
  ],
])("%s", (text, problem) => {
  expect(web(text)).toEqual([expect.stringContaining(problem)]);
});
