// Regular expressions of routes, rewrites and checks. Their subjects come from strangers, so what runs them
// must take time linear in the text, whatever the pattern: `^(a+)+$` keeps RegExp busy for longer than
// the universe lasts. RE2 in WebAssembly (re2-wasm) and RE2 in JavaScript (re2js) work on strings and
// took a hundred and ten times as long as RegExp for a path of 40 bytes; V8's own linear engine is an
// experiment behind a flag. Ours, in pattern/, works on the bytes where they stand. config validates
// with this file, routers, rewriting and checks match and replace with it.
import { Automaton } from "./pattern/automaton.ts";
import { Machine } from "./pattern/machine.ts";
import { Program } from "./pattern/program.ts";
import { PatternReader } from "./pattern/reader.ts";
import { literalPrefix } from "./pattern/traits.ts";

/**
 * A text is gone over so many times at most when all matches in it are replaced: of `a.*b|a` each match
 * looks to the end. What is left then stays as it is.
 */
const passesMax = 8;

export class Pattern {
  readonly text: string;
  /** Groups that capture: what `$1` to `$9` may name. */
  readonly groups: number;
  /** What every text in which it is found begins with; ASCII, and empty when nothing is sure. */
  readonly prefix: string;
  readonly #automaton: Automaton;
  readonly #machine: Machine;

  /** Syntax: reader.ts. Throws a SyntaxError that says what is wrong. */
  constructor(text: string) {
    const reader = new PatternReader(text);
    const tree = reader.read();
    const program = new Program(tree, reader.groups);
    this.text = text;
    this.groups = reader.groups;
    this.prefix = literalPrefix(program);
    this.#automaton = new Automaton(program);
    this.#machine = new Machine(program);
  }

  /** Whether it is found anywhere in `bytes[start..end)`. */
  test(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#automaton.test(bytes, start, end);
  }

  /** Whether it is found anywhere in a text of which each character is one byte. */
  testText(text: string): boolean {
    return this.test(Buffer.from(text, "latin1"), 0, text.length);
  }

  /** Where the first match ends in a text of which each character is one byte; -1: there is none. */
  endIn(text: string): number {
    const bytes = Buffer.from(text, "latin1");
    if (!this.test(bytes, 0, bytes.length)) return -1;
    return this.#machine.find(bytes, 0)?.[1] ?? -1;
  }

  /**
   * Every match replaced, in a text of which each character is one byte: `$0` in `by` is the match, `$1`
   * to `$9` are its groups, `$$` is a dollar sign.
   */
  replace(text: string, by: string): string {
    const bytes = Buffer.from(text, "latin1");
    if (!this.test(bytes, 0, bytes.length)) return text;
    const stepsMax = this.#machine.steps + (bytes.length + 1) * passesMax;
    let result = "";
    let done = 0;
    for (let from = 0; from <= bytes.length && this.#machine.steps < stepsMax;) {
      const slots = this.#machine.find(bytes, from);
      if (slots === null) break;
      const [start = 0, end = 0] = slots;
      result += text.slice(done, start) + expand(by, text, slots);
      done = end;
      // Behind an empty match the next one begins a byte later.
      from = end > start ? end : end + 1;
    }
    return result + text.slice(done);
  }
}

/** What is wrong with a pattern, in a few words for the configuration; null: nothing. */
export function patternFault(text: string): string | null {
  try {
    void new Pattern(text);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/** A group that took no part is empty. */
function expand(by: string, text: string, slots: Int32Array): string {
  return by.replaceAll(/\$([0-9$])/g, (_, name: string) => {
    if (name === "$") return "$";
    const at = Number(name) * 2;
    const start = slots[at] ?? -1;
    return start < 0 ? "" : text.slice(start, slots[at + 1]);
  });
}
