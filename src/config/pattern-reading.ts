// Regular expressions of routes, rewrites and checks: what readers of values ask the engine that will
// run them. Nothing else may compile one to check it.
import { Pattern, patternFault } from "./pattern.ts";
import { accept, quoted, type Reading, reject } from "./reading.ts";

/** A pattern that can be used. */
export function readPattern(text: string): Reading<string> {
  if (text === "") return reject("the expression is empty", "It would match everything.");
  const problem = patternFault(text);
  if (problem === null) return accept(text);
  const hint = "A backslash before a character makes it plain.";
  return reject(`${quoted(text)} is not a regular expression (${problem})`, hint);
}

/** How many groups a valid `pattern` captures: what `$1` to `$9` may name. */
export function patternGroups(pattern: string): number {
  return new Pattern(pattern).groups;
}
