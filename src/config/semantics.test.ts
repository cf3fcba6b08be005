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
      'f:5:3: warning: no frontend uses backend "api" (backends.api). Name it in a frontend or in a failover, or remove it.',
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

function withAdmin(admin: string): string[] {
  return problemsOf(`global: { admin: ${admin} }
frontends: { e: { mode: tcp, bind: ["127.0.0.1:9401", "unix:/f"], backend: b } }
backends: { b: { servers: { s: ":1" } } }
`);
}

describe("the admin API", () => {
  test.each([
    "off",
    "{}",
    '{ bind: "127.9.9.9:9400" }',
    '{ bind: "[::1]:9400" }',
    "{ bind: unix:/run/admin.sock }",
    '{ bind: ":9400", token: x }',
    '{ bind: "192.0.2.1:9400", token: x }',
  ])("%s is fine", (admin) => {
    expect(withAdmin(admin)).toEqual([]);
  });

  test.each([":9400", "0.0.0.0:9400", "[::]:9400", "192.0.2.1:9400"])(
    "on %s needs a token",
    (bind) => {
      expect(withAdmin(`{ bind: "${bind}" }`)).toEqual([
        `1:26: "${bind}" may be reached from other machines and has no token (global.admin.bind). ` +
          'Add token: "${BALLAST_TOKEN}", or bind to 127.0.0.1.',
      ]);
    },
  );

  test.each([
    ["127.0.0.1:9401", '2:37: "127.0.0.1:9401"'],
    ["unix:/f", '2:55: "unix:/f"'],
  ])("and a frontend cannot both have %s", (bind, told) => {
    const [problem, ...others] = withAdmin(`{ bind: "${bind}" }`);
    expect(problem).toMatch(
      new RegExp(`^${told} is bound on line 1 by the admin API already \\(frontends`),
    );
    expect(others).toEqual([]);
  });

  test("never shows a token that it refuses", () => {
    expect(withAdmin('{ token: "not for you" }')).toEqual([
      "1:27: this token cannot stand in a header (global.admin.token). " +
        "Write one or more ASCII characters without blanks.",
    ]);
  });
});
