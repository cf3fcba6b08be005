// What a header, query parameter, cookie or value in JSON must be: one of several texts, beginnings or
// patterns. Compared as bytes, exactly as they are, in UTF-8.
import { Pattern } from "../../../config/pattern.ts";
import type { ValueMatch } from "../../../config/route-plan.ts";
import { hashStep } from "../../../http/field-name.ts";
import { beginsWith, ByteTable } from "./byte-table.ts";

export class ValueMatcher {
  readonly #any: boolean;
  readonly #exact: ByteTable;
  /** Longer values are not hashed. */
  readonly #longest: number;
  readonly #prefixes: readonly Uint8Array[];
  readonly #patterns: readonly Pattern[];

  /** Without values any will do. */
  constructor(values: readonly ValueMatch[]) {
    const of = (kind: ValueMatch["kind"]): string[] =>
      Array.from(new Set(values.filter((each) => each.kind === kind).map(({ value }) => value)));
    const exact = of("exact").map((value) => Uint8Array.from(Buffer.from(value)));
    this.#any = values.length === 0 || values.some(({ kind }) => kind === "any");
    this.#exact = new ByteTable(
      exact,
      exact.map((value) => value.reduce(hashStep, 0)),
    );
    this.#longest = exact.reduce((longest, { length }) => Math.max(longest, length), -1);
    this.#prefixes = of("prefix").map((value) => Uint8Array.from(Buffer.from(value)));
    this.#patterns = of("regex").map((value) => new Pattern(value));
  }

  test(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#any) return true;
    if (end - start <= this.#longest) {
      let hash = 0;
      for (let i = start; i < end; i++) hash = hashStep(hash, bytes[i] as number);
      if (this.#exact.find(hash, bytes, start, end) >= 0) return true;
    }
    for (let i = 0; i < this.#prefixes.length; i++) {
      if (beginsWith(this.#prefixes[i] as Uint8Array, bytes, start, end)) return true;
    }
    for (let i = 0; i < this.#patterns.length; i++) {
      if ((this.#patterns[i] as Pattern).test(bytes, start, end)) return true;
    }
    return false;
  }

  testText(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.test(bytes, 0, bytes.length);
  }
}
