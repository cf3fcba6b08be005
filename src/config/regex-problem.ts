// Regular expressions of routes and rewrites: what readers of values ask the engine that will run
// them. Nothing else may compile one to check it.
import { Pattern, patternFault } from "./pattern.ts";

/** Why `pattern` cannot be used, in a few words, or null. */
export function regexProblem(pattern: string): string | null {
  return patternFault(pattern);
}

/** How many groups a valid `pattern` captures: what `$1` to `$9` may name. */
export function regexGroups(pattern: string): number {
  return new Pattern(pattern).groups;
}
