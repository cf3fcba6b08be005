// Texts that are no configuration at all, and what YAML itself can get wrong.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { plan, problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  expect(plan).toBeNull();
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

function nestedMaps(levels: number): string {
  return Array.from({ length: levels }, (_, level) => `${" ".repeat(level)}a:`).join("\n");
}

describe("a text that is no configuration", () => {
  test.each(["", "\n\n", "# only a comment\n", "---\n", "~\n"])("%j is empty", (text) => {
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^\d+:\d+: the file is empty\. Write frontends and backends into it\.$/,
      ),
    ]);
  });

  test.each(["hello\n", "- a\n", "5\n"])("%j is no map", (text) => {
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^1:1: .* stands where a map must be\. Write KEY: VALUE lines\.$/),
    ]);
  });

  test("more than one document is refused at the second", () => {
    expect(problemsOf("a: 1\n---\nb: 2\n---\nc: 3\n")).toEqual([
      "2:1: the file has more than one YAML document. " +
        "Remove the line --- here, or keep each configuration in its own file.",
    ]);
  });
});

describe("YAML syntax errors", () => {
  test.each([
    ["a:\n\tb: 1\n", "2:1:", "Indent with spaces."],
    ["a: 'x\nb: 1\nc: 2\n", "1:4:", "Close the quote or bracket that was opened."],
    ["a: b: c\n", "1:4:", 'put a value that contains ": " between quotes.'],
    ["a: [1, 2\nb: 3\n", "2:1:", ""],
    ["bind: [::1]:80\n", "1:12:", 'Put the address between quotes: "[::1]:80".'],
    ["a: { b: ${X} }\n", "1:10:", "put a value with ${...} between quotes"],
    ["a: !env X\n", "1:4:", "Remove it, or put the value between quotes."],
  ])("%j is told at %s", (text, place, hint) => {
    const [first] = problemsOf(text);
    expect(first).toMatch(new RegExp(`^${place}`));
    expect(first).toContain(hint);
  });

  test("are limited in number", () => {
    expect(problemsOf("]\n".repeat(1000))).toHaveLength(20);
  });
});

describe("keys", () => {
  test("that stand twice are told at the second, with the line of the first", () => {
    const text = "backends:\n  web: { servers: {} }\n  api: { servers: {} }\n  web: {}\n";
    expect(problemsOf(text)).toContain(
      '4:3: duplicate key "web" (backends.web). The first one is on line 2; rename or remove one of them.',
    );
  });

  test("with the same spelling but other YAML types are the same name", () => {
    expect(problemsOf('backends:\n  1: {}\n  "1": {}\n')).toContain(
      '3:3: duplicate key "1" (backends.1). The first one is on line 2; rename or remove one of them.',
    );
  });

  test.each([
    ["? [a]\n: 1\n", "1:3: a key must be a word. Write it as NAME: value."],
    ["? {a: 1}\n: 1\n", "1:3: a key must be a word. Write it as NAME: value."],
    [": 1\n", "1:1: a key must be a word. Write it as NAME: value."],
    ["__proto__: 1\n", '1:1: "__proto__" cannot be a name (__proto__). Choose another one.'],
  ])("%j is refused", (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  test("merge keys are refused with another way", () => {
    expect(problemsOf("defaults: { <<: { retries: 1 } }\n")).toContain(
      '1:13: maps cannot be merged with << (defaults."<<"). ' +
        "Write the keys out; what many share can stand in defaults.",
    );
  });
});

describe("aliases", () => {
  test("without an anchor before them are told", () => {
    expect(problemsOf("defaults: *x\nglobal: &x {}\n")).toContain(
      "1:11: the alias *x has no anchor before it (defaults). Write &x before the value that it means.",
    );
  });

  test("inside their own anchor are told", () => {
    expect(problemsOf("defaults: &x { timeout: *x }\n")).toContain(
      "1:25: the alias *x stands inside the value that it means (defaults.timeout). " +
        "Write the value out instead.",
    );
  });

  test("that multiply themselves are stopped", () => {
    const levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 30; level++) {
      const aliases = Array.from({ length: 9 }, () => `*a${level - 1}`);
      levels.push(`a${level}: &a${level} [${aliases.join(", ")}]`);
    }
    const problems = problemsOf(levels.join("\n"));
    expect(problems.some((line) => line.includes("aliases add more than 10000 values"))).toBe(true);
  });
});

describe("nesting", () => {
  test.each(["[", "{a: ", "- ", "? ", "a:\n "])("of 200000 %j is refused", (opening) => {
    const text = opening === "a:\n " ? nestedMaps(2000) : opening.repeat(200_000);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^\d+:\d+: lists and maps are nested more than 64 deep\. A configuration needs far fewer levels\.$/,
    );
  });
});

test("ten thousand duplicate and unknown keys cost no more than linear time", () => {
  expect(problemsOf("a: 1\n".repeat(10_000))).toHaveLength(10_002);
});
