// Mistakes in `tls` of a bind: which problem, where, with which advice.
import { describe, expect, test } from "vitest";
import { problemsBesideFiles } from "../../test/support/resolved.ts";

/** The settings of TLS are on line 3. */
function bind(keys: string, mode = "tcp"): string[] {
  return problemsBesideFiles(`frontends:
  edge: { mode: ${mode}, backend: web, bind: { address: ":443", tls:
    { ${keys} } } }
backends: { web: { servers: { a: ":1" } } }
`);
}

function site(keys: string, mode = "tcp"): string[] {
  return bind(`certificates: a.pem, ${keys}`, mode);
}

const place = "frontends.edge.bind.tls";

test.each([
  [
    "",
    `2:61: "certificates" is missing (${place}.certificates). Add certificates: [site.pem] to ${place}.`,
  ],
  [
    "certificates: []",
    `3:21: the list is empty (${place}.certificates). Give it one item at least.`,
  ],
  ["certificates: 5", `3:21: 5 is not text (${place}.certificates). Put it between quotes: "5".`],
  ["certificates: ''", `3:21: "" is no path (${place}.certificates). Write a file's path.`],
  [
    "certificates: [a.pem, { key: a.key }]",
    `3:29: this certificate has neither cert nor folder (${place}.certificates[1]). Write one of them.`,
  ],
  [
    "certificates: { crt: a.pem }",
    `3:23: unknown key "crt" (${place}.certificates.crt). Did you mean "cert"?`,
  ],
  [
    "certificates: { folder: a, key: a.key }",
    `3:34: "key" is for one certificate, and this is a folder of them (${place}.certificates.key). ` +
      "Remove it, or write an item of its own for that certificate.",
  ],
  [
    "certificates: { folder: a, cert: a.pem }",
    `3:34: "cert" is for one certificate, and this is a folder of them (${place}.certificates.cert). ` +
      "Remove it, or write an item of its own for that certificate.",
  ],
  [
    "certificates: { folder: a, ocsp: a.ocsp }",
    "3:40: a file has the response for one certificate, and this is a folder of them " +
      `(${place}.certificates.ocsp). Write ocsp: fetch, or put NAME.ocsp beside each NAME.pem there.`,
  ],
  [
    "certificates: { cert: a.pem, passphrase: 12345 }",
    `3:48: this passphrase opens no key (${place}.certificates.passphrase). Put it between quotes.`,
  ],
  [
    "certificates: { cert: a.pem, passphrase: '' }",
    `3:48: this passphrase is empty (${place}.certificates.passphrase). Remove it, or write one.`,
  ],
  [
    "certificates: [/a.pem, { cert: /a.pem }]",
    `3:30: warning: "/a.pem" stands in this list already (${place}.certificates[1]). Remove it here.`,
  ],
])("%s", (keys, problem) => {
  expect(bind(keys)).toEqual([problem]);
});

test("the same certificate may stand on two binds", () => {
  const text = `frontends: { edge: { mode: tcp, backend: web, bind: [
  { address: ":443", tls: { certificates: [a.pem, b.pem] } },
  { address: ":444", tls: { certificates: [b.pem, a.pem] } } ] } }
backends: { web: { servers: { a: ":1" } } }
`;
  expect(problemsBesideFiles(text)).toEqual([]);
});

test("TLS is a map", () => {
  const text = `frontends: { e: { mode: tcp, backend: b, bind: { address: ":1", tls: true } } }
backends: { b: { servers: { a: ":2" } } }
`;
  expect(problemsBesideFiles(text)).toEqual([
    "1:70: true stands where a map must be (frontends.e.bind.tls). Write tls: { certificates: [site.pem] }.",
  ]);
});

type Case = readonly [keys: string, problem: string];

const versions: readonly Case[] = [
  [
    "profile: modrn",
    '3:37: "modrn" is not one of modern, intermediate, old (PLACE.profile). Did you mean "modern"?',
  ],
  [
    "minVersion: 1.2",
    "3:40: 1.2 is not one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3 (PLACE.minVersion). Write TLSv1.2.",
  ],
  ["minVersion: TLS1.3", "Write TLSv1.3."],
  ["minVersion: VersionTLS12", "Write TLSv1.2."],
  ["minVersion: tls_1_1", "Write TLSv1.1."],
  ["minVersion: 1", "Write TLSv1."],
  ["minVersion: SSLv3", '"SSLv3" is broken (PLACE.minVersion). Write TLSv1.2.'],
  ["minVersion: best", '"best" is not one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3 (PLACE.minVersion)'],
  [
    "minVersion: TLSv1.3, maxVersion: TLSv1.2",
    "3:49: minVersion TLSv1.3 is above maxVersion TLSv1.2 (PLACE.maxVersion). " +
      "Write a higher maxVersion, or a lower minVersion.",
  ],
  [
    "profile: modern, maxVersion: TLSv1.2",
    "3:45: minVersion TLSv1.3 of profile: modern is above maxVersion TLSv1.2 (PLACE.maxVersion).",
  ],
  [
    "minVersion: TLSv1.3, ciphers: AES128-SHA",
    '3:49: warning: "ciphers" has no effect: TLSv1.3 has ciphersuites, and minVersion is TLSv1.3',
  ],
  ["profile: modern, ciphers: AES128-SHA", 'warning: "ciphers" has no effect'],
  [
    "maxVersion: TLSv1.2, ciphersuites: TLS_AES_128_GCM_SHA256",
    '3:49: warning: "ciphersuites" has no effect: it is about TLSv1.3, and maxVersion is TLSv1.2',
  ],
  [
    "minVersion: TLSv1",
    "3:28: warning: no cipher of profile: intermediate works with TLSv1, so nobody can speak it " +
      "(PLACE.minVersion). Write profile: old, or ciphers that do.",
  ],
  [
    "profile: old, ciphers: AES128-SHA",
    "3:42: warning: OpenSSL speaks TLSv1 only where ciphers has @SECLEVEL=0 (PLACE.ciphers). " +
      "Add @SECLEVEL=0 to ciphers, or write minVersion: TLSv1.2.",
  ],
];

const lists: readonly Case[] = [
  [
    "ciphers: 'a b'",
    '3:37: "a b" is not a cipher (PLACE.ciphers). Write names with colons between them.',
  ],
  ["ciphers: []", "3:37: the list is empty (PLACE.ciphers). Give it one item at least."],
  ["ciphers: 'AES128-SHA:'", "a name is missing here"],
  ["ciphers: 5", '5 is not text (PLACE.ciphers). Put it between quotes: "5".'],
  ["ciphers: [AES128-SHA, 5]", "5 is not text (PLACE.ciphers)."],
  [
    "ciphers: TLS_AES_128_GCM_SHA256",
    '"TLS_AES_128_GCM_SHA256" is a suite of TLS 1.3 (PLACE.ciphers). Write it in ciphersuites.',
  ],
  [
    "ciphers: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "is not OpenSSL's name of a cipher (PLACE.ciphers). Write OpenSSL's name, such as ECDHE-RSA-AES128-GCM-SHA256.",
  ],
  ["ciphersuites: TLS_AES_128_GCM_SHA265", 'Did you mean "TLS_AES_128_GCM_SHA256"?'],
  [
    "ciphersuites: ECDHE-RSA-AES128-GCM-SHA256",
    '"ECDHE-RSA-AES128-GCM-SHA256" is not a suite of TLS 1.3 (PLACE.ciphersuites). Write it in ciphers.',
  ],
  ["ciphersuites: best", "There are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384,"],
  [
    "curves: 'X25519,P-256'",
    '"X25519,P-256" is not a curve (PLACE.curves). Write names such as X25519:P-256:P-384.',
  ],
  ["alpn: http2", '3:34: "http2" is not the name of a protocol (PLACE.alpn). Write h2.'],
  [
    "alpn: [h2, 'a b']",
    '3:39: "a b" is not the name of a protocol (PLACE.alpn[1]). Write 1 to 255 ASCII characters',
  ],
  ["alpn: ''", "Write 1 to 255 ASCII characters"],
  ["alpn: []", "the list is empty"],
];

const sessions: readonly Case[] = [
  [
    "sessionTickets: false, ticketRotation: 1h",
    "3:51: warning: ticketRotation has no effect without sessionTickets",
  ],
  [
    "ticketRotation: 1m",
    "3:28: warning: sessionTimeout is longer than ticketRotation, so some tickets end before it",
  ],
  [
    "sessionTimeout: 1d",
    "3:28: warning: sessionTimeout is longer than ticketRotation, so some tickets end before it",
  ],
  ["sessionTimeout: 8d", '3:44: "8d" is too long (PLACE.sessionTimeout). The longest is 7d.'],
  ["sessionTimeout: 0", "0 is no time"],
  ["ticketRotation: 0", "0 is no time"],
  [
    "sessionCache: 2M",
    '"2M" is out of range (PLACE.sessionCache). Write a whole number from 0 to 1048576;',
  ],
  ["strictSni: yes", '"yes" is neither true nor false (PLACE.strictSni). Write true or false.'],
];

const clients: readonly Case[] = [
  [
    "clientAuth: true",
    "3:40: true stands where a map must be (PLACE.clientAuth). Write clientAuth: { ca: clients.pem }.",
  ],
  [
    "clientAuth: {}",
    '"ca" is missing (PLACE.clientAuth.ca). Add ca: clients.pem to PLACE.clientAuth.',
  ],
  [
    "clientAuth: { ca: a.pem, require: true, optional: true }",
    "3:53: require and optional stand here both (PLACE.clientAuth.require). Write one of them.",
  ],
  [
    "clientAuth: { ca: a.pem, require: false }",
    "3:53: require: false leaves open whether clients are asked (PLACE.clientAuth.require). Write optional: true to ask them, or remove clientAuth.",
  ],
];

describe.each([
  ["versions", versions],
  ["lists", lists],
  ["sessions", sessions],
  ["certificates of clients", clients],
] as const)("%s", (_title, cases) => {
  test.each(cases)("%s", (keys, problem) => {
    expect(site(keys)).toEqual([expect.stringContaining(problem.replaceAll("PLACE", place))]);
  });
});

describe("alpn in http mode", () => {
  test.each([
    [
      "h2",
      `3:34: this version of Ballast does not have "alpn: h2" yet (${place}.alpn). It has http/1.1, http/1.0.`,
    ],
    [
      "[http/1.1, h3]",
      `3:45: "h3" is no protocol of mode: http (${place}.alpn[1]). It has http/1.1, http/1.0.`,
    ],
  ])("%s", (alpn, problem) => {
    expect(site(`alpn: ${alpn}`, "http")).toEqual([problem]);
    expect(site(`alpn: ${alpn}`, "tcp")).toEqual([]);
  });

  test("has what it speaks", () => {
    expect(site("alpn: [http/1.1, http/1.0]", "http")).toEqual([]);
  });
});

test.each([
  "profile: old",
  "profile: old, minVersion: TLSv1.1",
  "profile: modern, minVersion: TLSv1.2",
  "minVersion: TLSv1, ciphers: 'AES128-SHA:@SECLEVEL=0'",
  "minVersion: TLSv1, ciphers: ['@SECLEVEL=0', AES128-SHA]",
  "curves: '?X25519MLKEM768:X25519', ciphers: '!aNULL:HIGH:+AES@STRENGTH'",
  "sessionTickets: false, sessionTimeout: 7d, sessionCache: 0",
])("%s is nothing to tell", (keys) => {
  expect(site(keys)).toEqual([]);
});
