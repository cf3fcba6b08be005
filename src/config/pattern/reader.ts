// Reads the text of a pattern into a tree. The syntax is RegExp's, as far as it can be matched in
// linear time: no look-around, no back references. Unlike RegExp's, a pattern is about bytes, a
// character beyond ASCII being several in UTF-8, and `(?i)` may stand at its beginning. What cannot be
// read is a SyntaxError in words for who wrote it.
import { anyBytes, classes, foldCase, inverse, setOf } from "./byte-sets.ts";
import { Assertion, type ByteSet, type PatternNode } from "./tree.ts";

/** Groups in groups: readers and writers of the tree call themselves. */
const depthMax = 50;
const nothing: PatternNode = { kind: "sequence", nodes: [] };

const assertions: ReadonlyMap<string, Assertion> = new Map([
  ["^", Assertion.begin],
  ["$", Assertion.end],
  ["\\b", Assertion.wordEdge],
  ["\\B", Assertion.noWordEdge],
]);

const controls: ReadonlyMap<string, number> = new Map([
  ["t", 0x09],
  ["n", 0x0a],
  ["v", 0x0b],
  ["f", 0x0c],
  ["r", 0x0d],
  ["0", 0x00],
]);

export class PatternReader {
  readonly #text: string;
  #at: number;
  #depth: number;
  readonly #foldsCase: boolean;
  /** Groups that have begun. */
  groups: number;

  constructor(text: string) {
    this.#foldsCase = text.startsWith("(?i)");
    this.#text = text;
    this.#at = this.#foldsCase ? 4 : 0;
    this.#depth = 0;
    this.groups = 0;
  }

  read(): PatternNode {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new SyntaxError("a ) has no (");
    return node;
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#take("|")) nodes.push(this.#sequence());
    return nodes.length === 1 ? (nodes[0] as PatternNode) : { kind: "choice", nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (this.#at < this.#text.length && !this.#sees("|") && !this.#sees(")")) {
      nodes.push(this.#repeated(this.#atom()));
    }
    return nodes.length === 1 ? (nodes[0] as PatternNode) : { kind: "sequence", nodes };
  }

  #repeated(node: PatternNode): PatternNode {
    const isGroup = this.#text[this.#at - 1] === ")";
    const times = this.#times();
    if (times === null) return node;
    if (node.kind === "assertion" && !isGroup) throw new SyntaxError("nothing to repeat");
    const greedy = !this.#take("?");
    if (this.#times() !== null) throw new SyntaxError("nothing to repeat");
    return { kind: "repeat", node, least: times[0], most: times[1], greedy };
  }

  /** How often; null: no quantifier stands here. */
  #times(): readonly [least: number, most: number] | null {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const [all, least, comma, most] = this.#takeMatch(/\{([0-9]+)(?:(,)([0-9]*))?\}/y) ?? [];
    if (all === undefined) return null;
    const from = Number(least);
    if (comma === undefined) return [from, from];
    const to = most === "" ? Infinity : Number(most);
    if (to < from) throw new SyntaxError(`${all} is out of order`);
    return [from, to];
  }

  #atom(): PatternNode {
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) return this.#byte(this.#classSet());
    if (this.#take(".")) return { kind: "byte", set: anyBytes };
    for (const [text, assertion] of assertions) {
      if (this.#take(text)) return { kind: "assertion", assertion };
    }
    if (this.#take("\\")) return this.#escape();
    if (this.#times() !== null) throw new SyntaxError("nothing to repeat");
    return this.#character(this.#next());
  }

  #group(): PatternNode {
    if (++this.#depth > depthMax) throw new SyntaxError(`more than ${depthMax} groups in groups`);
    if (this.#takeMatch(/\?<?[=!]/y) !== null) throw new SyntaxError("look-around takes too long");
    const isNamed = this.#takeMatch(/\?P?<[A-Za-z_]\w*>/y) !== null;
    const captures = isNamed || !this.#take("?:");
    if (captures && this.#sees("?")) throw new SyntaxError("of (? only (?: and (?<name> are known");
    const group = captures ? ++this.groups : 0;
    const node = this.#choice();
    if (!this.#take(")")) throw new SyntaxError("a ( is not closed");
    this.#depth--;
    return captures ? { kind: "group", group, node } : node;
  }

  /** Behind a backslash. */
  #escape(): PatternNode {
    const set = this.#escapedClass();
    if (set !== null) return this.#byte(set);
    if (this.#takeMatch(/[1-9]|k</y) !== null) {
      throw new SyntaxError("references to groups take too long");
    }
    return this.#character(this.#escapedCharacter());
  }

  #escapedClass(): ByteSet | null {
    const set = classes.get(this.#text[this.#at] ?? "");
    if (set === undefined) return null;
    this.#at++;
    return set;
  }

  #escapedCharacter(): string {
    const digits = this.#takeMatch(/x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})/y);
    if (digits !== null) {
      return String.fromCharCode(Number.parseInt(digits[1] ?? digits[2] ?? "", 16));
    }
    const char = this.#next();
    if (char === "") throw new SyntaxError("a \\ stands at the end");
    const control = controls.get(char);
    if (control !== undefined) return String.fromCharCode(control);
    if (/[A-Za-z0-9]/.test(char)) throw new SyntaxError(`\\${char} is not known`);
    return char;
  }

  /** Behind its bracket. */
  #classSet(): ByteSet {
    const isInverse = this.#take("^");
    const set = setOf(() => false);
    while (!this.#take("]")) {
      if (this.#at >= this.#text.length) throw new SyntaxError("a [ is not closed");
      const first = this.#classPart();
      if (typeof first !== "number") {
        for (let code = 0; code < 256; code++) if (first[code] === 1) set[code] = 1;
        continue;
      }
      const last = this.#takeMatch(/-(?!\])/y) === null ? first : this.#classPart();
      if (typeof last !== "number" || last < first)
        throw new SyntaxError("a range is out of order");
      set.fill(1, first, last + 1);
    }
    // Cases first: RegExp says so too, and `(?i)[^a]` must not hold for A.
    const folded = this.#foldsCase ? foldCase(set) : set;
    return isInverse ? inverse(folded) : folded;
  }

  /** A byte's code, or the set of a class such as `\d`. */
  #classPart(): number | ByteSet {
    if (!this.#take("\\")) return asciiCode(this.#next());
    const set = this.#escapedClass();
    if (set !== null) return set;
    return this.#take("b") ? 0x08 : asciiCode(this.#escapedCharacter());
  }

  #character(char: string): PatternNode {
    const bytes = Array.from(Buffer.from(char));
    if (bytes.length === 0) return nothing;
    const nodes = bytes.map((byte) => this.#byte(setOf((code) => code === byte)));
    return nodes.length === 1 ? (nodes[0] as PatternNode) : { kind: "sequence", nodes };
  }

  #byte(set: ByteSet): PatternNode {
    return { kind: "byte", set: this.#foldsCase ? foldCase(set) : set };
  }

  /** One character, of which surrogates make one. */
  #next(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return "";
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** `sticky`: a pattern of the reader's own, with the flag y. */
  #takeMatch(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    this.#at += match?.[0].length ?? 0;
    return match;
  }
}

function asciiCode(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return code;
  throw new SyntaxError(`${char} must stand outside of brackets: it is more than one byte`);
}
