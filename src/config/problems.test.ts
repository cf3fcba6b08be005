// Mistakes in configurations: which problem, at which line and column, with which advice.
import { describe, expect, test } from "vitest";
import { policyNames } from "../balance/registry.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

/** The problems of `text` as one line each, without the file's name. */
function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  const { problems } = parseConfig(text, "f", env, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

/** Like problemsOf, for a part of an otherwise valid backend; its lines begin at 4. */
function backendProblems(...lines: string[]): string[] {
  return problemsOf(
    [
      'frontends: { edge: { mode: tcp, bind: ":80", backend: web } }',
      "backends:",
      "  web:",
      ...lines.map((line) => `    ${line}`),
      "",
    ].join("\n"),
  );
}

/** The same for a frontend; its lines begin at 4. */
function frontendProblems(...lines: string[]): string[] {
  return problemsOf(
    [
      'backends: { web: { servers: { a: ":1" } }, api: { servers: { a: ":1" } } }',
      "frontends:",
      '  edge: { mode: tcp, bind: ":80", backend: web }\n  api:',
      ...lines.map((line) => `    ${line}`),
      "",
    ].join("\n"),
  );
}

function later(place: string, key: string, path: string): string {
  return `${place}: this version of Ballast does not have "${key}" yet (${path}). Remove it.`;
}

describe("unknown keys", () => {
  test("stand where the key stands and name the nearest key", () => {
    expect(backendProblems("servers:", "  web2: { address: :1, weihgt: 3 }")).toEqual([
      '5:28: unknown key "weihgt" (backends.web.servers.web2.weihgt). Did you mean "weight"?',
    ]);
  });

  test("that belong elsewhere say where", () => {
    expect(backendProblems("servers: { a: :1 }", "bind: 5", "timeout: { client: 5s }")).toEqual([
      '5:5: unknown key "bind" (backends.web.bind). It belongs in global.admin or frontends.NAME.',
      '6:16: unknown key "client" (backends.web.timeout.client). ' +
        "It belongs in defaults.timeout or frontends.NAME.timeout.",
    ]);
  });

  test("that are like no other show the known ones", () => {
    expect(backendProblems("servers: { a: :1 }", "zebra: 5")).toEqual([
      '5:5: unknown key "zebra" (backends.web.zebra). Known here: balance, check, outlier, ' +
        "stick, maxconn, maxqueue, failover, recoveryDelay, panicThreshold, allBackups, slowstart, " +
        "onMarkedDown, servers, sendProxy, tls, retries, redispatch, tcpKeepalive, timeout, cookie, " +
        "retry, reuse, request, response.",
    ]);
  });

  test("are not also told as the absence of the key that they stand for", () => {
    expect(frontendProblems("mod: tcp", 'bnid: ":81"', "bakend: api")).toEqual([
      '5:5: unknown key "mod" (frontends.api.mod). Did you mean "mode"?',
      '6:5: unknown key "bnid" (frontends.api.bnid). Did you mean "bind"?',
      '7:5: unknown key "bakend" (frontends.api.bakend). Did you mean "backend"?',
    ]);
  });

  test("at the top of the file", () => {
    const text = 'fronteds: {}\nfrontends: { e: { mode: tcp, bind: ":2", backend: b } }\n';
    expect(problemsOf(`${text}backends: { b: { servers: { a: ":1" } } }\n`)).toEqual([
      '1:1: unknown key "fronteds" (fronteds). Did you mean "frontends"?',
    ]);
  });
});

describe("missing keys", () => {
  test("stand at their parent", () => {
    expect(frontendProblems("mode: tcp")).toEqual([
      '4:3: "bind" is missing (frontends.api.bind). Add bind: 127.0.0.1:80 to frontends.api.',
      '4:3: "backend" is missing (frontends.api.backend). Add backend: web, or routes to frontends.api.',
    ]);
    expect(backendProblems("balance: roundrobin")).toEqual([
      '3:3: "servers" is missing (backends.web.servers). ' +
        "Add servers: { web1: 127.0.0.1:8001 } to backends.web.",
    ]);
    expect(backendProblems("servers:", "  a: { weight: 3 }")).toEqual([
      '5:7: "address" is missing (backends.web.servers.a.address). ' +
        "Add address: 127.0.0.1:8001 to backends.web.servers.a.",
    ]);
  });

  test("of the whole file stand at its beginning", () => {
    expect(problemsOf("# nothing here\n\nglobal: {}\n")).toEqual([
      '3:1: "frontends" is missing (frontends). Add frontends: { edge: { mode: tcp, bind: :80, backend: web } }.',
      '3:1: "backends" is missing (backends). Add backends: { web: { servers: { web1: 127.0.0.1:8001 } } }.',
    ]);
  });

  test("without a value say so", () => {
    expect(backendProblems("balance:", "servers:")).toEqual([
      '4:5: "balance" has no value (backends.web.balance). Indent what belongs to it, or remove the line.',
      '5:5: "servers" has no value (backends.web.servers). ' +
        "Write a value such as { web1: 127.0.0.1:8001 }, or remove the line.",
    ]);
  });

  test("a frontend without a mode is told which there is", () => {
    expect(frontendProblems('bind: ":81"', "backend: api")).toEqual([
      '4:3: frontend "api" has no mode (frontends.api.mode). ' +
        "Write mode: http for requests, or mode: tcp for connections of any kind.",
    ]);
  });
});

describe("wrong values", () => {
  test("stand where the value stands", () => {
    expect(
      backendProblems(
        "servers: { a: 127.0.0.1, b: [x], c: { address: :1, weight: 257 }, d: { address: 5 } }",
        "retries: -1",
        "redispatch: yes",
        "timeout: { connect: 5, server: 1.5s }",
        "sendProxy: v3",
        "balance: roundrobbin",
      ),
    ).toEqual([
      '4:19: "127.0.0.1" has no port (backends.web.servers.a). Write "127.0.0.1:80", with its port.',
      "4:33: a list is not an address (backends.web.servers.b). " +
        "Write 127.0.0.1:80, [::1]:80, :80 or unix:/run/app.sock.",
      "4:64: 257 is out of range (backends.web.servers.c.weight). Write a whole number from 0 to 256.",
      '4:85: 5 is not an address (backends.web.servers.d.address). Write ":5" for a port of this machine.',
      "5:14: -1 is out of range (backends.web.retries). Write a whole number from 0 to 100.",
      '6:17: "yes" is neither true nor false (backends.web.redispatch). Write true or false.',
      "7:25: 5 has no unit (backends.web.timeout.connect). Write 5s for seconds or 5ms for milliseconds.",
      '7:36: "1.5s" is not a duration (backends.web.timeout.server). ' +
        "Write a whole number with a smaller unit, such as 1500ms for 1.5s.",
      '8:16: "v3" is not one of v1, v2, off (backends.web.sendProxy). Did you mean "v1"?',
      `9:14: "roundrobbin" is not one of ${policyNames.join(", ")} (backends.web.balance). ` +
        'Did you mean "roundrobin"?',
    ]);
  });

  test("in lists carry their index", () => {
    expect(
      frontendProblems(
        "mode: tcp",
        'bind: [":0", "x:80", { address: ":81", acceptProxy: 1 }, {}, 82]',
        "backend: 5",
        "maxconn: 1e9",
      ),
    ).toEqual([
      '6:18: "x:80" is a name, and a frontend binds to an address of this machine ' +
        "(frontends.api.bind[1]). Write the IP address, or :80 for all addresses.",
      "6:57: 1 is neither true nor false (frontends.api.bind[2].acceptProxy). Write true or false.",
      '6:62: "address" is missing (frontends.api.bind[3].address). ' +
        "Add address: 127.0.0.1:80 to frontends.api.bind[3].",
      '6:66: 82 is not an address (frontends.api.bind[4]). Write ":82" for a port of this machine.',
      '7:14: 5 is not text (frontends.api.backend). Put it between quotes: "5".',
      "8:14: 1000000000 is out of range (frontends.api.maxconn). Write a whole number from 0 to 10000000.",
    ]);
    expect(frontendProblems("mode: tcp", "bind: []", "backend: api")).toEqual([
      "6:11: the list is empty (frontends.api.bind). Give it one item at least.",
    ]);
  });

  test.each([
    ["global: { log: info }", "Write log: { level: info }."],
    ["global: 5", "Write global: { workers: auto }."],
    ["defaults: { timeout: 5 }", "Write timeout: { client: 5s }."],
    ["frontends: { f: { timeout: 5s } }", "Write timeout: { client: 5s }."],
    ["backends: { b: { timeout: 5s } }", "Write timeout: { connect: 5s }."],
    ["frontends: { f: 5 }", "Write f: { mode: tcp, bind: :80, backend: web }."],
    ["backends: { b: [x] }", "Write b: { servers: { web1: 127.0.0.1:8001 } }."],
    [
      "backends: { b: { servers: [127.0.0.1:80] } }",
      "Write a line for each, with its name: web1: 127.0.0.1:8001.",
    ],
    [
      "backends: [b]",
      "Write a line for each, with its name: web: { servers: { web1: 127.0.0.1:8001 } }.",
    ],
  ])("where a map must be get an example that fits: %s", (text, hint) => {
    const told = problemsOf(text).filter((line) => line.includes("stands where a map must be"));
    expect(told).toEqual([expect.stringMatching(/^1:\d+: /)]);
    expect(told[0]?.endsWith(`. ${hint}`)).toBe(true);
  });

  test("of the global section", () => {
    const rest = backendProblems("servers: { a: :1 }");
    expect(rest).toEqual([]);
    const text = `global:
  workers: 0
  reactor: uring
  admin: 9400
  log: { level: warning, access: stdot, format: [json] }
defaults: none
frontends: { e: { mode: tcp, bind: ":2", backend: b } }
backends: { b: { servers: { a: ":1" } } }
`;
    expect(problemsOf(text)).toEqual([
      "2:12: 0 is not a number of workers (global.workers). Write auto, or a whole number from 1 to 256.",
      '3:12: "uring" is not one of auto, epoll, node (global.reactor). Write one of auto, epoll, node.',
      "4:10: 9400 is no setting of the admin API (global.admin). Write off, or { bind: 127.0.0.1:9400 }.",
      '5:17: "warning" is not one of debug, info, warn, error (global.log.level). Did you mean "warn"?',
      '5:34: "stdot" is no place for the access log (global.log.access). Did you mean "stdout"? ' +
        "A file's path contains a slash or a dot, such as ./access.log.",
      "5:49: a list is not one of json, clf, haproxy (global.log.format). Write one of json, clf, haproxy.",
      '6:11: "none" stands where a map must be (defaults). Write defaults: { mode: tcp }.',
    ]);
  });
});

describe("words of later versions", () => {
  test("are told as such, not as unknown", () => {
    expect(
      backendProblems(
        "servers: { a: { address: :1, check: { grpc: {} } } }",
        "check: { grpc: {} }",
      ),
    ).toEqual([
      later("4:43", "grpc", "backends.web.servers.a.check.grpc"),
      later("5:14", "grpc", "backends.web.check.grpc"),
    ]);
    expect(frontendProblems("mode: udp", "bind: ':81'", "backend: api")).toEqual([
      '5:11: this version of Ballast does not have "mode: udp" yet (frontends.api.mode). It has tcp, http.',
    ]);
    expect(
      frontendProblems(
        "mode: http",
        "bind: ':81'",
        "routes: [{ match: { port: 1 }, backend: api }]",
      ),
    ).toEqual([later("7:25", "port", "frontends.api.routes[0].match.port")]);
  });
});

test("all problems of a file come at once, in its order", () => {
  const problems = problemsOf(`
backends:
  web:
    balance: best
    servers: { a: { address: ":x", weight: "3" } }
frontends:
  edge:
    bind: \${NOPE}
    backend: wbe
  edge: {}
`);
  expect(problems.map((line) => line.split(" (")[0])).toEqual([
    `4:14: "best" is not one of ${policyNames.join(", ")}`,
    '5:30: ":x" has no valid port',
    '5:44: "3" is not a whole number',
    '7:3: frontend "edge" has no mode',
    '8:11: the environment variable "NOPE" is not set',
    '9:14: unknown backend "wbe"',
    '10:3: duplicate key "edge"',
  ]);
});
