import { describe, expect, it } from "vitest";
import { Pattern, patternFault } from "./pattern.ts";

function finds(text: string, subject: string): boolean {
  const bytes = Buffer.from(`##${subject}##`);
  return new Pattern(text).test(bytes, 2, bytes.length - 2);
}

describe("a pattern", () => {
  it.each([
    ["^/v[0-9]+/", "/v12/x", true],
    ["^/v[0-9]+/", "x/v12/x", false],
    ["b", "abc", true],
    ["(?i)ADMIN[a-c]", "/adminB", true],
    ["(?i)[^a]", "A", false],
    ["^a$", "a", true],
    ["^a$", "b\na", false],
    ["^$", "", true],
    ["\\bx\\b", "a x b", true],
    ["\\bx\\b", "xx", false],
    ["\\Bx", "ax", true],
    ["\\bx$", "x", true],
    ["^.$", "\n", false],
    ["^é+$", "ééé", true],
    ["^\\u00e9$", "é", true],
    ["^(?:a|bc){2,3}$", "abca", true],
    ["^(?:a|bc){2,3}$", "a", false],
    ["^a{0}b$", "b", true],
    ["a{2", "a{2", true],
    ["a{,2}", "a{,2}", true],
    ["^[]-a]$", "-a]", false],
    ["[^]", "", false],
    ["[]", "a", false],
    ["^[a\\]\\-\\d]+$", "1-a]", true],
    ["^[a-]+$", "-a", true],
    ["^\\x2fa\\/\\.$", "/a/.", true],
    ["^\\t\\0$", "\t\0", true],
    ["(?<year>\\d{4})", "2024", true],
    ["x||y", "", true],
  ])("%s in %j: %s", (text, subject, expected) => {
    expect(finds(text, subject)).toBe(expected);
  });

  it.each([
    ["(?=x)", "look-around takes too long"],
    ["(?<!x)", "look-around takes too long"],
    ["(a)\\1", "references to groups take too long"],
    ["(?<a>a)\\k<a>", "references to groups take too long"],
    ["[a", "a [ is not closed"],
    ["(a", "a ( is not closed"],
    ["a)", "a ) has no ("],
    ["*a", "nothing to repeat"],
    ["a**", "nothing to repeat"],
    ["^*", "nothing to repeat"],
    ["{2}", "nothing to repeat"],
    ["a{3,2}", "{3,2} is out of order"],
    ["[b-a]", "a range is out of order"],
    ["[é]", "é must stand outside of brackets: it is more than one byte"],
    ["a\\", "a \\ stands at the end"],
    ["\\pL", "\\p is not known"],
    ["(?i:a)", "of (? only (?: and (?<name> are known"],
    ["a{1001}", "too large: more than 1000 steps"],
    ["((a{100}){100}){100}", "too large: more than 1000 steps"],
    ["(".repeat(60) + ")".repeat(60), "more than 50 groups in groups"],
  ])("%s is refused: %s", (text, fault) => {
    expect(patternFault(text)).toBe(fault);
    expect(() => new Pattern(text)).toThrow(new SyntaxError(fault));
  });

  it("has no fault when it is read", () => {
    expect(patternFault("^/a/.*$")).toBeNull();
  });

  it("counts its groups", () => {
    expect(new Pattern("(a)(?:b)(?<c>(d))").groups).toBe(3);
  });
});

describe("a pattern replaces", () => {
  it.each([
    ["/(\\w+)/old", "/a/old/b/old", "/new-$1/$$", "/new-a/$/new-b/$"],
    ["x", "abc", "y", "abc"],
    ["b*", "abbc", "-", "-a--c-"],
    ["(a)|b", "ab", "[$0:$1:$9]", "[a:a:][b::]"],
    ["a+?", "aaa", "x", "xxx"],
    ["^", "ab", "/", "/ab"],
    ["$", "ab", "/", "ab/"],
    ["\\b", "a-b", "|", "|a|-|b|"],
    ["a|ab", "ab", "$0!", "a!b"],
    ["\xe9", "x\xc3\xa9y", "e", "xey"],
  ])("%s in %j by %j: %j", (text, subject, by, expected) => {
    expect(new Pattern(text).replace(subject, by)).toBe(expected);
  });
});

// RegExp would need more steps for most of these than the universe has seconds: that the test ends
// is the proof.
describe("a long text that nearly matches is no burden", () => {
  const subject = `${"a".repeat(4000)}${"x".repeat(4000)}!`;
  const bytes = Buffer.from(subject);

  it.each([
    "^(a+)+$",
    "^(a|aa)+$",
    "^(a*)*b",
    "(x+x+)+y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*)(.*)(.*)(.*)[^ax!]",
    "^(?:a?){250}a{250}b",
    "[ax]*a[ax]{300}b",
  ])("to %s", (text) => {
    const pattern = new Pattern(text);
    expect(pattern.test(bytes, 0, bytes.length)).toBe(false);
    expect(pattern.replace(subject, "")).toBe(subject);
  });

  it("to one whose every match looks to the end", () => {
    const replaced = new Pattern("a.*b|a").replace(subject, "");
    expect(replaced.endsWith(subject.slice(4000))).toBe(true);
    expect(replaced.length).toBeLessThan(subject.length);
  });
});

it.each([
  ["^/users/[0-9]+", "/users/"],
  ["^/a/b?", "/a/"],
  ["^/a/b*c", "/a/"],
  ["^/a/b{0,2}", "/a/"],
  ["^/a/b+", "/a/b"],
  ["^/a$", "/a"],
  ["^(/a)b", "/ab"],
  ["^/a|/b", ""],
  ["/a/", ""],
  ["(?i)^/a", "/"],
  ["^/a\\.b", "/a.b"],
  ["^/é", "/"],
  ["^/[ab]", "/"],
  ["^[]", ""],
])("all that %s is found in begins with %j", (text, beginning) => {
  expect(new Pattern(text).prefix).toBe(beginning);
});
