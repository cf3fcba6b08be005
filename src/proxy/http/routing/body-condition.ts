// A condition on the request's body: it contains a text, or is JSON that has a value at a place. Asked
// last, when the body is held back, and never of one that is longer than the route looks at. Servers
// get it as it came. What is no JSON holds nowhere; of a name that is there twice the last counts, as
// in most parsers.
import type { BodyMatch } from "../../../config/route-plan.ts";
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";
import { ValueMatcher } from "./value-matcher.ts";

interface PointerMatch {
  /** Names and places, unescaped. */
  readonly steps: readonly string[];
  readonly values: ValueMatcher;
}

export class BodyCondition implements Condition {
  readonly what: string;
  readonly #bytesMax: number;
  readonly #texts: readonly Buffer[];
  readonly #pointers: readonly PointerMatch[];

  /** One of the matches must hold. */
  constructor(matches: readonly BodyMatch[], bytesMax: number) {
    this.what = "body";
    this.#bytesMax = bytesMax;
    this.#texts = matches.flatMap((each) =>
      each.kind === "contains" ? [Buffer.from(each.text)] : [],
    );
    this.#pointers = matches.flatMap((each) =>
      each.kind === "pointer"
        ? [{ steps: stepsOf(each.pointer), values: new ValueMatcher(each.values) }]
        : [],
    );
  }

  holds(view: RequestView): boolean {
    const { body } = view;
    if (body === null || body.length > this.#bytesMax) return false;
    if (this.#texts.length > 0) {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
      for (let i = 0; i < this.#texts.length; i++) {
        if (bytes.includes(this.#texts[i] as Buffer)) return true;
      }
    }
    for (let i = 0; i < this.#pointers.length; i++) {
      const { steps, values } = this.#pointers[i] as PointerMatch;
      const value = valueAt(view.json(), steps);
      if (value !== undefined && values.testText(value)) return true;
    }
    return false;
  }
}

/** RFC 6901 section 4: `~1` first, so that `~01` is `~1` and not a slash. */
function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value there as text: a string itself, what else is no object or list as JSON writes it. */
function valueAt(json: unknown, steps: readonly string[]): string | undefined {
  let value = json;
  for (const step of steps) {
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9][0-9]*)$/.test(step)) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  if (typeof value === "string") return value;
  // Beyond 2^53 two numbers may have become one: better none of them than the wrong one.
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
  return value !== undefined && (typeof value !== "object" || value === null)
    ? JSON.stringify(value)
    : undefined;
}
