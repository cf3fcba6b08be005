// The one place where rewriting uses regular expressions. Texts are paths as they were sent, a
// character a byte; what an engine is asked is to replace, nothing else.

export class Pattern {
  readonly #engine: RegExp;

  /** Throws a SyntaxError: configuration is validated before a worker sees it. */
  constructor(source: string) {
    this.#engine = new RegExp(source, "g");
  }

  /** Every match replaced: `$0` is the match, `$1` to `$9` are its groups, `$$` is a dollar sign. */
  replace(text: string, by: string): string {
    let result = "";
    let from = 0;
    for (const match of text.matchAll(this.#engine)) {
      result += text.slice(from, match.index) + expand(by, match);
      from = match.index + match[0].length;
    }
    return result + text.slice(from);
  }
}

/** Puts the groups of a match into `by`. A group that took no part is empty. */
function expand(by: string, groups: readonly (string | undefined)[]): string {
  return by.replaceAll(/\$([0-9$])/g, (_, name: string) =>
    name === "$" ? "$" : (groups[Number(name)] ?? ""),
  );
}
