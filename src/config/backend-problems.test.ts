// Mistakes in a backend's own keys: which problem, at which line and column, with which advice.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

/** The problems of a backend whose line 4 is `line`, without the file's name. */
function problemsOf(line: string, servers = '{ a: ":1" }'): string[] {
  const text = `frontends: { e: { mode: tcp, bind: ":80", backend: web } }
backends:
  web:
    ${line}
    servers: ${servers}
`;
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

test.each([
  [
    "balance: { method: maglev }",
    '4:5: "hash" is missing (backends.web.balance.hash). Add hash: source to backends.web.balance.',
  ],
  [
    "balance: { hash: sni, boundedLoad: 1 }",
    "4:40: 1 is out of range (backends.web.balance.boundedLoad). Write a number above 1, up to 100.",
  ],
  [
    'balance: { hash: sni, boundedLoad: "1.5" }',
    '4:40: "1.5" is not a number (backends.web.balance.boundedLoad). Write a number above 1, up to 100.',
  ],
  [
    "balance: [source]",
    expect.stringMatching(/^4:14: a list is not one of roundrobin, leastconn, .* \(backends\./),
  ],
  [
    "panicThreshold: 101%",
    '4:21: "101%" is out of range (backends.web.panicThreshold). Write a percentage from 0% to 100%.',
  ],
  [
    "panicThreshold: half",
    '4:21: "half" is not a percentage (backends.web.panicThreshold). Write a percentage from 0% to 100%.',
  ],
  [
    "stick: source",
    '4:12: "source" stands where a map must be (backends.web.stick). Write stick: { on: source }.',
  ],
  [
    "stick: {}",
    '4:5: "on" is missing (backends.web.stick.on). Add on: source to backends.web.stick.',
  ],
  [
    "stick: { on: sni, size: 17M }",
    '4:29: "17M" is out of range (backends.web.stick.size). ' +
      "Write a whole number from 1 to 16777216; 100k is 100 x 1024.",
  ],
  [
    "stick: { on: sni, size: -1 }",
    "4:29: -1 is out of range (backends.web.stick.size). " +
      "Write a whole number from 1 to 16777216; 100k is 100 x 1024.",
  ],
  [
    "stick: { on: sni, size: lots }",
    '4:29: "lots" is not a count (backends.web.stick.size). ' +
      "Write a whole number from 1 to 16777216; 100k is 100 x 1024.",
  ],
  [
    "stick: { on: sni, expire: 0 }",
    "4:31: 0 is no time (backends.web.stick.expire). Write 1ms or more.",
  ],
  [
    "outlier: 5",
    "4:14: 5 is no outlier detection (backends.web.outlier). " +
      "Write true, off, or { consecutiveErrors: 5 }.",
  ],
  [
    "outlier: { latencyFactor: 1 }",
    "4:31: 1 is out of range (backends.web.outlier.latencyFactor). " +
      "Write a number above 1, up to 1000, or 0.",
  ],
  [
    "slowstart: { minWeight: 5% }",
    '4:5: "window" is missing (backends.web.slowstart.window). Add window: 5s to backends.web.slowstart.',
  ],
  [
    "slowstart: 30",
    "4:16: 30 has no unit (backends.web.slowstart). Write 30s for seconds or 30ms for milliseconds.",
  ],
  [
    "onMarkedDown: shutdown",
    '4:19: "shutdown" is not one of shutdownSessions, keep (backends.web.onMarkedDown). ' +
      'Did you mean "shutdownSessions"?',
  ],
  ["failover: []", "4:15: the list is empty (backends.web.failover). Give it one item at least."],
  ["failover: { a: 1 }", "4:15: a map is not text (backends.web.failover). Write one word."],
  [
    "check: yes",
    '4:12: "yes" is no check (backends.web.check). Write true, off, or { interval: 2s }.',
  ],
  [
    "check: { interval: 0 }",
    "4:24: 0 is no time (backends.web.check.interval). Write 1ms or more.",
  ],
  [
    "check: { rise: 0 }",
    "4:20: 0 is out of range (backends.web.check.rise). Write a whole number from 1 to 1000.",
  ],
  [
    "check: { initState: fullyup }",
    '4:25: "fullyup" is not one of up, fullyUp, down, fullyDown (backends.web.check.initState). ' +
      'Did you mean "fullyUp"?',
  ],
  [
    "check: { tcp: true }",
    "4:19: true stands where a map must be (backends.web.check.tcp). " +
      "Write tcp: { send: PING\\r\\n, expect: +PONG }.",
  ],
  [
    "check: { tcp: { send: 'a\\q' } }",
    '4:27: "a\\\\q" has the unknown escape \\q (backends.web.check.tcp.send). ' +
      "The escapes are \\r, \\n, \\t, \\\\ and \\xNN with two hexadecimal digits.",
  ],
  [
    "check: { tcp: { expect: 220 } }",
    '4:29: 220 is not text (backends.web.check.tcp.expect). Put it between quotes: "220".',
  ],
  [
    "check: { tcp: { sendHex: 0d0 } }",
    '4:30: "0d0" is not hexadecimal (backends.web.check.tcp.sendHex). ' +
      'Write two digits for each byte, between quotes: "0d 0a".',
  ],
  [
    "check: { tcp: { sendHex: 00 } }",
    "4:30: 0 is not hexadecimal (backends.web.check.tcp.sendHex). " +
      'Write two digits for each byte, between quotes: "0d 0a".',
  ],
  [
    "check: { tcp: [{ expectRegex: '(a' }] }",
    '4:35: "(a" is not a regular expression (a ( is not closed) ' +
      "(backends.web.check.tcp[0].expectRegex). " +
      "A backslash before a character makes it plain.",
  ],
  [
    "check: { http: { path: healthz } }",
    '4:28: "healthz" is not a path (backends.web.check.http.path). Write "/healthz".',
  ],
  [
    "check: { http: { path: 'http://a/b' } }",
    '4:28: "http://a/b" is not a path (backends.web.check.http.path). Write "/b".',
  ],
  [
    "check: { http: { path: /a b } }",
    '4:28: "/a b" is not a path (backends.web.check.http.path). ' +
      "Write other characters as %NN, a blank as %20.",
  ],
  [
    "check: { http: { method: get } }",
    '4:30: "get" is not an HTTP method (backends.web.check.http.method). Write GET.',
  ],
  [
    "check: { http: { host: a b } }",
    '4:28: "a b" is not a host (backends.web.check.http.host). Write a name such as example.com.',
  ],
  [
    "check: { http: { status: [200, 99] } }",
    "4:36: 99 is not an HTTP status (backends.web.check.http.status[1]). " +
      "Write a status such as 200, a range such as 200-399, or a list of them.",
  ],
  [
    "check: { http: { status: 399-200 } }",
    '4:30: "399-200" is an empty range (backends.web.check.http.status). Write 200-399.',
  ],
  [
    'check: { http: { headers: { a: "b\\nc" } } }',
    '4:36: "b\\nc" cannot stand in a header (backends.web.check.http.headers.a). ' +
      "Write ASCII characters on one line.",
  ],
  [
    "check: { http: { body: '~[' } }",
    '4:28: "[" is not a regular expression (a [ is not closed) ' +
      "(backends.web.check.http.body). " +
      "A backslash before a character makes it plain.",
  ],
  [
    "check: { exec: { command: check-app } }",
    '4:31: "check-app" stands where a list must be (backends.web.check.exec.command). ' +
      "Write command: [/usr/local/bin/check-app].",
  ],
  [
    "check: { exec: {} }",
    '4:14: "command" is missing (backends.web.check.exec.command). ' +
      "Add command: [/usr/local/bin/check-app] to backends.web.check.exec.",
  ],
])("%s", (line, told) => {
  expect(problemsOf(line)).toEqual([told]);
});

describe("of a server", () => {
  test.each([
    [
      "{ address: ':1', maxconn: -1 }",
      "5:45: -1 is out of range (backends.web.servers.a.maxconn). " +
        "Write a whole number from 0 to 10000000.",
    ],
    [
      "{ address: ':1', backup: 1 }",
      "5:44: 1 is neither true nor false (backends.web.servers.a.backup). Write true or false.",
    ],
    [
      "{ address: ':1', check: { port: 0 } }",
      "5:51: 0 is out of range (backends.web.servers.a.check.port). Write a whole number from 1 to 65535.",
    ],
  ])("%s", (server, told) => {
    expect(problemsOf("retries: 1", `{ a: ${server} }`)).toEqual([told]);
  });
});

test.each(["dns.example", "192.0.2.53:0", '":53"', "5", "[192.0.2.53]", "unix:/x"])(
  "%s is no name server",
  (server) => {
    const text = `global: { resolve: { nameservers: [${server}] } }
frontends: { e: { mode: tcp, bind: ":80", backend: b } }
backends: { b: { servers: { s: ":1" } } }
`;
    const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
    expect(problems.map(({ path, message }) => [path, message.replace(/^.* is/, "is")])).toEqual([
      ["global.resolve.nameservers[0]", "is not the address of a name server"],
    ]);
  },
);
