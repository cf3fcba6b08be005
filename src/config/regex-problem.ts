// Regular expressions of routes and rewrites: the one place that knows whether the engine that will
// run them takes a pattern. Readers of values ask; nothing else may compile one to check it.

/** Why `pattern` cannot be used, in a few words, or null. */
export function regexProblem(pattern: string): string | null {
  try {
    void new RegExp(pattern);
    return null;
  } catch (error) {
    const why = /: ([^:]+)$/.exec(error instanceof Error ? error.message : "")?.[1] ?? "";
    return why === "" ? "it is malformed" : why.toLowerCase();
  }
}

/** How many groups a valid `pattern` captures: what `$1` to `$9` may name. */
export function regexGroups(pattern: string): number {
  return (new RegExp(`${pattern}|`).exec("")?.length ?? 1) - 1;
}
