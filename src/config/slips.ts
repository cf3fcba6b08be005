// The commonest slips in YAML, found by looking at the lines around the place where the parser gave
// up: its own messages tell what it expected, not what the operator did. syntax-faults.ts asks.
import { quoted } from "./reading.ts";

/** One slip, told in plain words. Lines count from 0 here. */
export interface Slip {
  readonly line: number;
  /** The first character of the mistake within its line. */
  readonly column: number;
  /** Structural errors up to this line have the same cause. */
  readonly lastLine: number;
  readonly message: string;
  readonly hint: string;
}

type Sentence = Pick<Slip, "message" | "hint">;

/** Lines longer than this are not looked at, which bounds the work for hostile files. */
const lineMax = 500;
/** Key, colon, and a value that is there: `web1: 127.0.0.1:80`. */
const pair = /^(?:- +)*(?:"[^"]*"|'[^']*'|[^\s"'#][^"'#]*?):[ \t]+([^\s#].*)$/;
const listItem = /^- +([^\s#].*)$/;

/** The lines of a file, and what is wrong around one of them. */
export class SlipFinder {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/);
  }

  /** What went wrong where the parser found the structure broken, or null when nothing is seen. */
  structural(line: number): Slip | null {
    const text = this.#content(line);
    const sentence = missingSpace(text) ?? missingColon(text);
    if (sentence) return this.#slip(line, this.#blockEnd(line, 1), sentence);
    const value = pair.exec(text)?.[1] ?? "";
    if (/^[^"'[{|>][^#]*?:(?:[ \t]|$)/.test(value)) {
      const column = (this.#lines[line] ?? "").indexOf(value);
      const message = "a second key stands on this line";
      const hint =
        'Write it on a line of its own, or put a value that contains ": " between quotes.';
      return { line, column, lastLine: line + 1, message, hint };
    }
    const next = this.#neighbour(line, 1);
    // The parser gives up at the value under which a line is indented.
    return this.#misindented(line) ?? (next === null ? null : this.#misindented(next));
  }

  /** Tabs in the indentation; what follows on neighbouring lines is the same slip. */
  tab(line: number): Slip {
    const sentence = {
      message: "a tab stands in the indentation",
      hint: "Indent with spaces.",
    };
    return {
      ...this.#slip(line, line + 1, sentence),
      column: this.#lines[line]?.search("\t") ?? 0,
    };
  }

  #misindented(line: number): Slip | null {
    const own = this.#indent(line);
    const above = this.#neighbour(line, -1);
    if (above === null || own === this.#indent(above)) return null;
    const like: number[] = [];
    if (own > this.#indent(above)) {
      if (!isComplete(this.#content(above))) return null;
      like.push(above);
    } else {
      let open: number | null = above;
      let inner = above;
      while (open !== null && this.#indent(open) > own) {
        if (this.#indent(open) <= this.#indent(inner)) inner = open;
        open = this.#neighbour(open, -1);
      }
      // It stands exactly below a line that it belongs with, so the indentation is fine.
      if (open !== null && this.#indent(open) === own) return null;
      like.push(inner);
      if (open !== null) like.push(open);
    }
    const places = like.map((other) => `like line ${other + 1} (${spaces(this.#indent(other))})`);
    return this.#slip(line, this.#blockEnd(line, 0), {
      message: "this line is indented differently from its neighbours",
      hint: `Indent it ${places.join(" or ")}.`,
    });
  }

  #slip(line: number, lastLine: number, sentence: Sentence): Slip {
    return { line, column: this.#indent(line), lastLine, ...sentence };
  }

  /** The last line of what is indented by `extra` more than `line`, but at least the next line. */
  #blockEnd(line: number, extra: number): number {
    let last = line + 1;
    const least = this.#indent(line) + extra;
    for (let next = this.#neighbour(line, 1); next !== null; next = this.#neighbour(next, 1)) {
      if (this.#indent(next) < least) break;
      last = Math.max(last, next);
    }
    return last;
  }

  /** The nearest line in that direction that is neither empty nor a comment. */
  #neighbour(line: number, direction: 1 | -1): number | null {
    for (let next = line + direction; next >= 0 && next < this.#lines.length; next += direction) {
      if (/^[ \t]*[^\s#]/.test(this.#lines[next] ?? "")) return next;
    }
    return null;
  }

  #indent(line: number): number {
    return Math.max(0, (this.#lines[line] ?? "").search(/[^ ]/));
  }

  #content(line: number): string {
    return (this.#lines[line] ?? "").slice(0, lineMax).trim();
  }
}

/** The key of `web1:127.0.0.1:8001`, which YAML takes for one word, or null. */
export function gluedKey(text: string): string | null {
  return /^([A-Za-z_][A-Za-z0-9_.-]*):[^\s:]/.exec(text)?.[1] ?? null;
}

/** What to write instead of a key that stands right before its value. */
export function spaceHint(key: string): string {
  return `Put a space after ${quoted(`${key}:`)}.`;
}

function missingSpace(text: string): Sentence | null {
  const content = text.replace(/^(?:- +)*/, "");
  const key = pair.test(content) ? null : gluedKey(content);
  if (key === null) return null;
  return { message: `${quoted(`${key}:`)} has no space after it`, hint: spaceHint(key) };
}

/** HAProxy's way of writing: `mode tcp`. */
function missingColon(text: string): Sentence | null {
  const words = /^([A-Za-z_][A-Za-z0-9_.-]*)(?:[ \t]+([^\s#:{}["'][^#"']*))?$/.exec(text);
  const [, key, value] = words ?? [];
  if (key === undefined || /:[ \t]|:$/.test(text)) return null;
  const instead = value === undefined ? `${key}:` : `${key}: ${value.trim().replace(/^\*:/, ":")}`;
  return { message: `${quoted(key)} has no colon after it`, hint: `Write ${quoted(instead)}.` };
}

/** Whether nothing can stand below this line: it has its value already. */
function isComplete(text: string): boolean {
  return pair.test(text) || listItem.test(text);
}

function spaces(count: number): string {
  if (count === 0) return "no spaces";
  return count === 1 ? "1 space" : `${count} spaces`;
}
