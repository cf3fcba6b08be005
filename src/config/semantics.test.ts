import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: false });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

function withBinds(first: string, second: string): string[] {
  return problemsOf(`defaults: { mode: tcp }
backends: { b: { servers: { s: ":1" } } }
frontends:
  one: { bind: ${first}, backend: b }
  two: { bind: ${second}, backend: b }
`);
}

describe("binds", () => {
  test.each([
    ['"127.0.0.1:80"', '"127.0.0.1:80"'],
    ['":80"', '"0.0.0.0:80"'],
    ['"0.0.0.0:80"', '":80"'],
    ['":80"', '"[::]:80"'],
    ['"[::1]:80"', '"[0:0::1]:80"'],
    ['"localhost:80"', '"127.0.0.1:80"'],
    ['"unix:/a"', '"unix:/a"'],
    ['["127.0.0.1:81", { address: "127.0.0.1:80" }]', '{ address: "127.0.0.1:80" }'],
  ])("%s and %s clash", (first, second) => {
    const problems = withBinds(first, second);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^5:\d+: ".*" is bound on line 4 by frontend "one" already \(frontends\.two\.bind/,
    );
  });

  test("of one frontend clash too, at the second", () => {
    expect(withBinds('[":80", ":80"]', '":81"')).toEqual([
      '4:24: ":80" is bound on line 4 by this frontend already (frontends.one.bind[1]). ' +
        "Remove one of them, or use another port.",
    ]);
  });

  test.each([
    ['":0"', '":0"'],
    ['"127.0.0.1:0"', '"127.0.0.1:0"'],
    ['"127.0.0.1:80"', '"127.0.0.2:80"'],
    ['"0.0.0.0:80"', '"127.0.0.1:80"'],
    ['"0.0.0.0:80"', '"[::]:80"'],
    ['"unix:/a"', '"unix:/b"'],
  ])("%s and %s go together", (first, second) => {
    expect(withBinds(first, second)).toEqual([]);
  });
});

describe("backends", () => {
  test("that do not exist are told, with the nearest name", () => {
    const text = `frontends: { e: { mode: tcp, bind: ":80", backend: wbe } }
backends: { web: { servers: { s: ":1" } } }
`;
    expect(problemsOf(text)).toEqual([
      '1:52: unknown backend "wbe" (frontends.e.backend). Did you mean "web"?',
    ]);
    expect(problemsOf(text.replace("wbe", "zebra"))[0]).toBe(
      '1:52: unknown backend "zebra" (frontends.e.backend). The file has: web.',
    );
  });

  test("that nobody uses, and servers that get nothing, are warnings", () => {
    const { plan, problems } = parseConfig(
      `frontends: { e: { mode: tcp, bind: ":80", backend: web } }
backends:
  web:
    servers: { s: { address: ":1", weight: 0 }, t: { address: ":2", weight: 0 } }
  api: { servers: { s: ":1" } }
`,
      "f",
      {},
    );
    expect(plan).not.toBeNull();
    expect(problems.map(formatProblem)).toEqual([
      'f:4:5: warning: every server of backend "web" has weight 0, so it takes no sessions ' +
        "(backends.web.servers). Give one of them a weight of 1 or more.",
      'f:5:3: warning: no frontend uses backend "api" (backends.api). Name it in a frontend, or remove it.',
    ]);
  });

  test("without servers are told", () => {
    const text = `frontends: { e: { mode: tcp, bind: ":80", backend: web } }
backends: { web: { servers: {} } }
`;
    expect(problemsOf(text)).toEqual([
      '2:29: backend "web" has no servers (backends.web.servers). Add one: web1: 127.0.0.1:8001.',
    ]);
  });
});

test("a file without frontends and backends is told", () => {
  expect(problemsOf("frontends: {}\nbackends: {}\n")).toEqual([
    "1:12: there are no frontends (frontends). Add one, such as edge:.",
    "2:11: there are no backends (backends). Add one, such as web:.",
  ]);
});

test("names have HAProxy's characters, and what is below a bad one is still checked", () => {
  const text = `frontends: { "e e": { mode: tcp, bind: ":80", backend: a/b } }
backends: { a/b: { servers: { "sö": ":0", "": ":1", a-Z_0.9: ":1" } } }
`;
  const hint = "Names have letters, digits, and the characters _ . - only.";
  expect(problemsOf(text)).toEqual([
    `1:14: "e e" cannot be a name (frontends."e e"). ${hint}`,
    `2:13: "a/b" cannot be a name (backends."a/b"). ${hint}`,
    `2:31: "sö" cannot be a name (backends."a/b".servers."sö"). ${hint}`,
    '2:37: ":0" has port 0 (backends."a/b".servers."sö"). Write the port that the server listens on.',
    `2:43: "" cannot be a name (backends."a/b".servers.""). ${hint}`,
  ]);
});

test("the admin API is accepted with a warning, and off without", () => {
  const rest = `frontends: { e: { mode: tcp, bind: ":80", backend: b } }
backends: { b: { servers: { s: ":1" } } }
`;
  expect(problemsOf(`global: { admin: off }\n${rest}`)).toEqual([]);
  expect(problemsOf(`global: { admin: { bind: "127.0.0.1:9400" } }\n${rest}`)).toEqual([
    "1:11: warning: this version of Ballast does not have the admin API yet and ignores this " +
      "(global.admin). Write admin: off, or leave it for later.",
  ]);
});
