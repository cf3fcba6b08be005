// RegExp is the oracle: what it finds and replaces in short texts, a Pattern does too.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Pattern } from "./pattern.ts";

const leaves = fc.constantFrom(
  ..."abc-".split(""),
  ".",
  "[ab]",
  "[^a]",
  "[a-c_]",
  "\\w",
  "\\W",
  "\\d",
  "^",
  "$",
  "\\b",
  "\\B",
);
const quantifiers = fc.constantFrom(
  "*",
  "+",
  "?",
  "{2}",
  "{0,2}",
  "{1,}",
  "*?",
  "+?",
  "??",
  "{1,3}?",
);
const alphabet = fc.constantFrom("a", "b", "c", "_", "-", "1", "\n");
const subjects = fc.array(alphabet, { maxLength: 14 }).map((chars) => chars.join(""));

/** Any pattern; assertions are grouped, so that they may be repeated. */
const anyPattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.tuple(tie("node"), tie("node")).map(([left, right]) => left + right),
    fc.tuple(tie("node"), tie("node")).map(([left, right]) => `(${left}|${right})`),
    fc.tuple(tie("node"), quantifiers).map(([node, times]) => `(?:${node})${times}`),
    tie("node").map((node) => `(${node})`),
  ),
})).node;

/**
 * Without repeated bodies that may be empty and without groups in repeats: there RegExp has rules of
 * its own (an empty turn counts as none, groups forget the turn before) that no other engine has.
 */
const firm = fc.constantFrom(
  "a",
  "b",
  "[ab]",
  "\\w",
  ".",
  "ab",
  "a+",
  "(?:a|b)",
  "(?:ab|a)",
  "ab?",
);
const plainPattern = fc
  .array(
    fc.oneof(
      firm,
      leaves,
      fc.tuple(firm, quantifiers).map(([body, times]) => `(?:${body})${times}`),
      fc.tuple(firm, firm).map(([left, right]) => `(${left}|${right})`),
      fc.tuple(firm, quantifiers).map(([body, times]) => `((?:${body})${times})`),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""));

it("finds what RegExp finds", () => {
  const answers = new Set<boolean>();
  fc.assert(
    fc.property(anyPattern, fc.array(subjects, { minLength: 1, maxLength: 12 }), (text, all) => {
      const pattern = new Pattern(text);
      const oracle = new RegExp(text);
      for (const subject of all) {
        const answer = pattern.testText(subject);
        expect([subject, answer]).toEqual([subject, oracle.test(subject)]);
        answers.add(answer);
      }
    }),
    { numRuns: 600 },
  );
  expect(answers.size).toBe(2);
});

it("replaces as RegExp does", () => {
  let changed = 0;
  fc.assert(
    fc.property(plainPattern, fc.array(subjects, { minLength: 1, maxLength: 6 }), (text, all) => {
      const pattern = new Pattern(text);
      const oracle = new RegExp(text, "g");
      // Without groups RegExp takes "$1" for itself.
      const first = pattern.groups > 0 ? ":$1" : "";
      for (const subject of all) {
        const expected = subject.replaceAll(oracle, `<$&${first}>`);
        expect([subject, pattern.replace(subject, `<$0${first}>`)]).toEqual([subject, expected]);
        if (expected !== subject) changed++;
      }
    }),
    { numRuns: 600 },
  );
  expect(changed).toBeGreaterThan(100);
});

it("forgets states when it has too many, and answers as before", () => {
  // Of the last fifteen bytes all matter: 32,768 states, more than are kept.
  const text = "a[ab]{14}c";
  const pattern = new Pattern(text);
  const oracle = new RegExp(text);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b"), { minLength: 3000, maxLength: 6000, size: "max" }),
      fc.constantFrom("c", "d"),
      (chars, last) => {
        const subject = `${chars.join("")}${last}`;
        expect(pattern.testText(subject)).toBe(oracle.test(subject));
      },
    ),
    { numRuns: 30 },
  );
});
