// Which routes' condition on one header may hold: the header that most routes tell apart by exact
// values, as tenants are. Without it a hundred routes for one path would be a hundred tests. The row
// only leaves out routes that cannot hold; their HeaderCondition tests the others.
import type { FieldMatch } from "../../../config/route-plan.ts";
import { type FieldName, fieldName, hashStep } from "../../../http/field-name.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import { ByteTable } from "./byte-table.ts";
import { addAll, addRoute, type RouteSets, SetsByKey } from "./route-sets.ts";

/** Fewer tests cost no more than the look-up. */
const routesMin = 4;

export class HeaderIndex {
  /** Null: no header is asked for often enough. */
  readonly #name: FieldName | null;
  readonly #values: ByteTable;
  readonly #rows: Int32Array;
  /** Of routes that do not ask for one of the values. */
  readonly #others: number;
  /** Of all routes. */
  readonly #all: number;

  /** `conditions`: of each route. */
  constructor(conditions: readonly (readonly FieldMatch[])[], sets: RouteSets) {
    const name = mostAsked(conditions);
    const all = sets.empty();
    const others = sets.empty();
    const byValue = new SetsByKey(sets);
    for (const [route, fields] of conditions.entries()) {
      addRoute(all, route);
      const field = fields.find((each) => each.name === name && isExact(each));
      if (field === undefined) addRoute(others, route);
      for (const { value } of field?.values ?? []) byValue.add(value, route);
    }
    for (const set of byValue.byKey.values()) addAll(set, others);
    const values = Array.from(byValue.byKey.keys(), (value) => Uint8Array.from(Buffer.from(value)));
    this.#name = name === null ? null : fieldName(name);
    this.#values = new ByteTable(
      values,
      values.map((value) => value.reduce(hashStep, 0)),
    );
    this.#rows = Int32Array.from(byValue.byKey.values(), (set) => sets.place(set));
    this.#others = sets.place(others);
    this.#all = sets.place(all);
  }

  row(head: RequestHead): number {
    const name = this.#name;
    if (name === null) return this.#all;
    const i = head.find(name);
    if (i < 0) return this.#others;
    // Any of several fields may hold: that is for the routes to find out.
    if (head.find(name, i + 1) >= 0) return this.#all;
    const bytes = head.bytesOf(i);
    const start = head.valueStart(i);
    const end = head.valueEnd(i);
    let hash = 0;
    for (let at = start; at < end; at++) hash = hashStep(hash, bytes[at] as number);
    const known = this.#values.find(hash, bytes, start, end);
    return known < 0 ? this.#others : (this.#rows[known] as number);
  }
}

function isExact({ absent, values }: FieldMatch): boolean {
  return !absent && values.length > 0 && values.every(({ kind }) => kind === "exact");
}

function mostAsked(conditions: readonly (readonly FieldMatch[])[]): string | null {
  const counts = new Map<string, number>();
  let most: string | null = null;
  for (const { name } of conditions.flatMap((fields) => fields.filter(isExact))) {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count >= routesMin && (most === null || count > (counts.get(most) ?? 0))) most = name;
  }
  return most;
}
