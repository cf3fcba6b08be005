// The one place where rewriting makes and uses regular expressions. The engine behind compilePattern()
// may change; what is asked of one is this interface. Texts are paths as they were sent, a character
// a byte.

export interface Pattern {
  test(text: string): boolean;
  /** Every match replaced: `$0` is the match, `$1` to `$9` are its groups, `$$` is a dollar sign. */
  replace(text: string, by: string): string;
}

/** Null: it is not a regular expression. */
export function compilePattern(source: string): Pattern | null {
  try {
    return new RegExpPattern(source);
  } catch {
    return null;
  }
}

class RegExpPattern implements Pattern {
  readonly #one: RegExp;
  readonly #all: RegExp;

  constructor(source: string) {
    this.#one = new RegExp(source);
    this.#all = new RegExp(source, "g");
  }

  test(text: string): boolean {
    return this.#one.test(text);
  }

  replace(text: string, by: string): string {
    let result = "";
    let from = 0;
    for (const match of text.matchAll(this.#all)) {
      result += text.slice(from, match.index) + expand(by, match);
      from = match.index + match[0].length;
    }
    return result + text.slice(from);
  }
}

/** Puts the groups of a match into `by`. A group that took no part is empty. */
export function expand(by: string, groups: readonly (string | undefined)[]): string {
  let result = "";
  for (let at = 0; at < by.length; at++) {
    const char = by.charAt(at);
    const next = by.charAt(at + 1);
    if (char !== "$" || !/[0-9$]/.test(next)) {
      result += char;
      continue;
    }
    result += next === "$" ? "$" : (groups[Number(next)] ?? "");
    at++;
  }
  return result;
}
