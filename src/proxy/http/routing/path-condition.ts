// The path condition of a route that has a pattern among its paths: the index says only where it may
// hold. Routes without a pattern have none of these.
import { Pattern } from "../../../config/pattern.ts";
import type { PathMatch } from "../../../config/route-plan.ts";
import { beginsWith, equalBytes } from "./byte-table.ts";
import type { Condition } from "./condition.ts";
import { canonicalPath } from "./path-view.ts";
import type { RequestView } from "./request-view.ts";

/** A path that is no pattern, as both views show it. */
interface PlainPath {
  readonly kind: PathMatch["kind"];
  readonly canonical: Uint8Array;
  readonly folded: Uint8Array;
}

export class PathCondition implements Condition {
  readonly what: string;
  readonly #plain: readonly PlainPath[];
  readonly #patterns: readonly Pattern[];

  constructor(paths: readonly PathMatch[]) {
    this.what = "path";
    this.#plain = paths.flatMap(({ kind, value }) => {
      const views = kind === "regex" ? null : canonicalPath(value);
      if (views === null) return [];
      return { kind, canonical: bytesOf(views.canonical), folded: bytesOf(views.folded) };
    });
    this.#patterns = paths
      .filter(({ kind }) => kind === "regex")
      .map(({ value }) => new Pattern(value));
  }

  holds(view: RequestView): boolean {
    const { path, pathStart, pathEnd, isFolded } = view;
    for (let i = 0; i < this.#plain.length; i++) {
      const { kind, canonical, folded } = this.#plain[i] as PlainPath;
      const value = isFolded ? folded : canonical;
      if (equalBytes(value, path, pathStart, pathEnd)) return true;
      if (kind === "exact") continue;
      if (beginsWith(value, path, pathStart, pathEnd)) return true;
      const isItself = pathEnd - pathStart === value.length - 1 && value.length > 1;
      if (isItself && beginsWith(value.subarray(0, -1), path, pathStart, pathEnd)) return true;
    }
    for (let i = 0; i < this.#patterns.length; i++) {
      if ((this.#patterns[i] as Pattern).test(path, pathStart, pathEnd)) return true;
    }
    return false;
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}
