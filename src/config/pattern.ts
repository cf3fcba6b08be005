// Regular expressions of routes: the only file that knows which engine runs them. For now it is RegExp,
// which strangers can make slow with the right pattern; an engine of linear time takes its place.

export interface Pattern {
  readonly text: string;
  /** Found anywhere in the text. */
  test(subject: string): boolean;
}

class RegExpPattern implements Pattern {
  readonly text: string;
  readonly #engine: RegExp;

  constructor(text: string) {
    this.text = text;
    const folds = text.startsWith("(?i)");
    this.#engine = new RegExp(folds ? text.slice(4) : text, folds ? "i" : "");
  }

  test(subject: string): boolean {
    return this.#engine.test(subject);
  }
}

/** Throws a SyntaxError that says what is wrong: configuration is validated before workers see it. */
export function compilePattern(text: string): Pattern {
  return new RegExpPattern(text);
}

/** Characters that are not themselves in a pattern. */
const special = new Set("\\^$.|?*+()[]{}");

/**
 * What every text that matches begins with: `/users/` of `^/users/[0-9]+`. Empty when nothing is
 * sure. Routers use it to test a pattern only where it may hold.
 */
export function literalPrefix(text: string): string {
  if (!text.startsWith("^") || text.includes("|")) return "";
  let end = 1;
  while (end < text.length && !special.has(text[end] as string)) end++;
  // What stands before `?`, `*` or `{` need not be there.
  const quantified = end < text.length && "?*{".includes(text[end] as string);
  return text.slice(1, quantified ? end - 1 : end);
}
