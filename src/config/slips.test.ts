// The commonest slips in YAML: one problem for each, at the line of the slip.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(...lines: string[]): string[] {
  const { plan, problems } = parseConfig(`${lines.join("\n")}\n`, "f", {}, { cpus: 1, ipv6: true });
  expect(plan).toBeNull();
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

/** The problems of a file whose servers, from line 6 on, are `lines`. */
function serverProblems(...lines: string[]): string[] {
  const frontends = 'frontends: { e: { mode: tcp, bind: ":80", backend: web } }';
  return problemsOf("# a", frontends, "backends:", "  web:", "    servers:", ...lines);
}

describe("a line that is indented differently from its neighbours", () => {
  const message = "this line is indented differently from its neighbours";

  test("is told once when it is deeper", () => {
    const slip = [`7:8: ${message}. Indent it like line 6 (6 spaces).`];
    expect(serverProblems("      a: :1", "       b: :2", "      c: :3")).toEqual(slip);
    expect(serverProblems("      a: ':1'", "       b: :2", "       c: :3")).toEqual(slip);
  });

  test("is told once when it is less deep, with both places that may be meant", () => {
    const slip = [`7:6: ${message}. Indent it like line 6 (6 spaces) or like line 5 (4 spaces).`];
    expect(serverProblems("      a: :1", "     b: :2", "      c: :3")).toEqual(slip);
    expect(serverProblems("      a: :1", "     b: :2", "     c: :3")).toEqual(slip);
  });

  test("is told once with all that it holds", () => {
    const lines = ["  web:", "    retries: 1", "   servers:", "      a: :1", "   redispatch: true"];
    expect(problemsOf("backends:", ...lines)).toEqual([
      `4:4: ${message}. Indent it like line 3 (4 spaces) or like line 2 (2 spaces).`,
    ]);
    expect(problemsOf("a:", "  b: 1", "", "  # c", "   d:", "     e: 1", "  f: 2")).toEqual([
      `5:4: ${message}. Indent it like line 2 (2 spaces).`,
    ]);
  });

  test("is told in lists and at the top", () => {
    expect(problemsOf("a:", "  - ':80'", "   - ':81'", "  - ':82'")).toEqual([
      `3:4: ${message}. Indent it like line 2 (2 spaces).`,
    ]);
    expect(problemsOf("a:", "  - ':80'", " - ':81'")).toEqual([
      `3:2: ${message}. Indent it like line 2 (2 spaces) or like line 1 (no spaces).`,
    ]);
    expect(problemsOf("a:", "  b: 1", " c: 2")).toEqual([
      `3:2: ${message}. Indent it like line 2 (2 spaces) or like line 1 (no spaces).`,
    ]);
  });

  test("is told with Windows line ends too", () => {
    expect(problemsOf("a:\r", "  b: 1\r", "    c: 2\r")).toEqual([
      `3:5: ${message}. Indent it like line 2 (2 spaces).`,
    ]);
  });

  test("does not hide other mistakes further down", () => {
    const lines = ["a:", "  b: 1", "    c: 2", "  d: 3", "e: 'x'y", "f:", "  g: 1", "   h: 2"];
    expect(problemsOf(...lines).map((line) => line.slice(0, 4))).toEqual(["3:5:", "5:7:", "8:4:"]);
  });
});

describe("tabs", () => {
  const message = "a tab stands in the indentation. Indent with spaces.";

  test.each([
    ["one line", ["a:", "  b: 1", "\tc: 2", "  d: 3"], "3:1"],
    ["one line after spaces", ["a:", "  \tb: 1", "    c: 2"], "2:3"],
    ["every line", ["a:", "\tb:", "\t\tc: 1", "\t\td: 2", "\te: 3"], "2:1"],
    ["a key with a block", ["a:", "  b: 1", "\tc:", "    d: 1", "    e: 1", "  f: 3"], "3:1"],
  ])("in the indentation of %s are told alone", (_title, lines, place) => {
    expect(problemsOf(...lines)).toEqual([`${place}: ${message}`]);
  });

  test("far from each other are told each, and what stands before them too", () => {
    const lines = ["a: 'x'y", "b:", "\tc: 1", "d: 2", "e: 3", "f:", "\tg: 1"];
    expect(problemsOf(...lines).map((line) => line.slice(0, 4))).toEqual(["1:7:", "3:1:", "7:1:"]);
  });
});

describe("a key without a space after its colon", () => {
  const told = '"web1:" has no space after it. Put a space after "web1:".';

  test.each([
    [6, ["      web1:127.0.0.1:8001", "      web2: 127.0.0.1:8002"]],
    [7, ["      web2: 127.0.0.1:8002", "      web1:127.0.0.1:8001"]],
    [7, ["      a: 127.0.0.1:8002", "      web1:127.0.0.1:8001", "      b: 127.0.0.1:8003"]],
  ])("is told at its line, %i", (line, lines) => {
    expect(serverProblems(...lines)).toEqual([`${line}:7: ${told}`]);
  });

  test.each([
    ["      web1:127.0.0.1:8001"],
    ["      web1:127.0.0.1:8001", "      web2:127.0.0.1:8002"],
  ])("is told when no other line shows that it is one", (...lines) => {
    expect(serverProblems(...lines)).toEqual([
      expect.stringMatching(/^6:7: .* stands where a map must be .*Put a space after "web1:"\.$/),
    ]);
  });

  test("is told between braces", () => {
    expect(serverProblems("      a: { address:127.0.0.1:80, weight:3 }")).toEqual([
      '6:12: unknown key "address:127.0.0.1:80" (backends.web.servers.a."address:127.0.0.1:80"). ' +
        'Put a space after "address:".',
      '6:34: unknown key "weight:3" (backends.web.servers.a."weight:3"). Put a space after "weight:".',
    ]);
  });
});

describe("a key without a colon", () => {
  test.each([
    ["mode tcp", "mode", "mode: tcp"],
    ["bind *:8000", "bind", "bind: :8000"],
    ["default_backend web", "default_backend", "default_backend: web"],
  ])("%s is told with what to write", (line, key, instead) => {
    expect(problemsOf("frontends:", "  e:", "    retries: 1", `    ${line}`, "    a: b")).toEqual([
      `4:5: "${key}" has no colon after it. Write "${instead}".`,
    ]);
  });

  test("and all that belongs to it is told once", () => {
    expect(problemsOf("a:", "  edge", "    mode: tcp", "    b: c", "    d: e")).toEqual([
      '2:3: "edge" has no colon after it. Write "edge:".',
    ]);
  });
});

test.each(["a: b: c", "a: b: c: d", "a: b:"])("two keys on a line, %s, are told once", (line) => {
  expect(problemsOf("x: 1", line)).toEqual([
    "2:4: a second key stands on this line. " +
      'Write it on a line of its own, or put a value that contains ": " between quotes.',
  ]);
});

test.each([
  ["*:8000", 'YAML takes *:8000 for an alias (frontends.e.bind). Write ":8000"'],
  ["[*:8000]", 'YAML takes *:8000 for an alias (frontends.e.bind[0]). Write ":8000"'],
  ["{ address: *:80 }", 'YAML takes *:80 for an alias (frontends.e.bind.address). Write ":80"'],
  ['"*:8000"', '"*:8000" is not an address (frontends.e.bind). Write ":8000"'],
])("bind: %s, as in HAProxy, is told what to write", (bind, told) => {
  const lines = ["frontends:", "  e:", "    mode: tcp", `    bind: ${bind}`, "    backend: web"];
  expect(problemsOf(...lines, 'backends: { web: { servers: { a: ":1" } } }')).toEqual([
    expect.stringMatching(/^4:\d+: /),
  ]);
  const [problem] = problemsOf(...lines, 'backends: { web: { servers: { a: ":1" } } }');
  expect(problem).toContain(`${told} for all addresses.`);
});

test("separate mistakes on following lines are told each", () => {
  const problems = problemsOf("a: 'x'y", "b: 'x'y", "c: 1", "d: 'x'y 'z'");
  expect(problems.map((line) => line.slice(0, 2))).toEqual(["1:", "2:", "4:"]);
});
