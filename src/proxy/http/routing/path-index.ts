// Which routes' path condition holds for a path: one walk, which at each slash looks for a prefix and
// at the end for the whole path. The longest that is known decides, because its row holds the routes
// of all the shorter ones too. Of a pattern (`~`) only the literal beginning is known here: the row
// says where it may hold, the route's PathCondition tests it.
import { hashStep } from "../../../http/field-name.ts";
import { Pattern } from "../../../config/pattern.ts";
import type { PathMatch } from "../../../config/route-plan.ts";
import { ByteTable } from "./byte-table.ts";
import { canonicalPath, dot, pathShape, slash } from "./path-view.ts";
import { addAll, addRoute, type RouteSets, SetsByKey } from "./route-sets.ts";

export class PathIndex {
  /** No route asks for a path. */
  readonly isEmpty: boolean;
  readonly #exact: ByteTable;
  readonly #exactRows: Int32Array;
  readonly #prefixes: ByteTable;
  readonly #prefixRows: Int32Array;
  readonly #any: number;

  /** `conditions`: of each route. `view`: which view of paths it is asked about. */
  constructor(
    conditions: readonly (readonly PathMatch[])[],
    sets: RouteSets,
    view: "canonical" | "folded",
  ) {
    const any = sets.empty();
    const exact = new SetsByKey(sets);
    const prefixes = new SetsByKey(sets);
    for (const [route, paths] of conditions.entries()) {
      if (paths.length === 0) addRoute(any, route);
      for (const path of paths) {
        if (path.kind === "regex") {
          const beginning = new Pattern(path.value).prefix;
          const prefix = beginning.slice(0, beginning.lastIndexOf("/") + 1);
          if (prefix === "") addRoute(any, route);
          else prefixes.add(prefix, route);
          continue;
        }
        const value = canonicalPath(path.value)?.[view];
        if (value === undefined) continue;
        (path.kind === "exact" ? exact : prefixes).add(value, route);
        // A prefix holds for what stands before its slash too.
        if (path.kind === "prefix" && value.length > 1) exact.add(value.slice(0, -1), route);
      }
    }
    const row = (path: string, own: Int32Array): number => {
      const set = own.slice();
      addAll(set, any);
      for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
        const others = prefixes.byKey.get(path.slice(0, at + 1));
        if (others !== undefined) addAll(set, others);
      }
      return sets.place(set);
    };
    this.isEmpty = conditions.every((paths) => paths.length === 0);
    this.#exact = tableOf(exact.byKey);
    this.#exactRows = Int32Array.from(exact.byKey, ([path, own]) => row(path, own));
    this.#prefixes = tableOf(prefixes.byKey);
    this.#prefixRows = Int32Array.from(prefixes.byKey, ([path, own]) => row(path, own));
    this.#any = sets.place(any);
  }

  /** The row of a path as sent; -1: it is not written plainly, so ask about its views. */
  rowAsSent(bytes: Uint8Array, start: number, end: number): number {
    let row = this.#any;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      hash = hashStep(hash, byte);
      const shape = pathShape[byte] as number;
      if (shape === 0) continue;
      if (shape === 2) return -1;
      if (i + 1 < end) {
        const next = bytes[i + 1] as number;
        if (next === slash || next === dot) return -1;
      }
      const known = this.#prefixes.find(hash, bytes, start, i + 1);
      if (known >= 0) row = this.#prefixRows[known] as number;
    }
    const known = this.#exact.find(hash, bytes, start, end);
    return known < 0 ? row : (this.#exactRows[known] as number);
  }

  /** The row of a view. */
  rowOfView(bytes: Uint8Array, start: number, end: number): number {
    let row = this.#any;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      hash = hashStep(hash, byte);
      if (byte !== slash) continue;
      const known = this.#prefixes.find(hash, bytes, start, i + 1);
      if (known >= 0) row = this.#prefixRows[known] as number;
    }
    const known = this.#exact.find(hash, bytes, start, end);
    return known < 0 ? row : (this.#exactRows[known] as number);
  }
}

function tableOf(byKey: ReadonlyMap<string, unknown>): ByteTable {
  const keys = Array.from(byKey.keys(), (key) => Uint8Array.from(Buffer.from(key)));
  return new ByteTable(
    keys,
    keys.map((key) => key.reduce(hashStep, 0)),
  );
}
