// Which routes' method condition holds. Known methods have a row by number; others are compared one
// by one, because hardly any configuration names them.
import { Method, methodNames, type RequestHead } from "../../../http/request-head.ts";
import { equalBytes } from "./byte-table.ts";
import { addAll, addRoute, type RouteSets, SetsByKey } from "./route-sets.ts";

export class MethodIndex {
  /** By Method; of `other` the row of the routes that ask for none. */
  readonly #rows: Int32Array;
  readonly #others: readonly Uint8Array[];
  readonly #otherRows: Int32Array;

  /** `conditions`: of each route. */
  constructor(conditions: readonly (readonly string[])[], sets: RouteSets) {
    const any = sets.empty();
    const named = new SetsByKey(sets);
    for (const [route, methods] of conditions.entries()) {
      if (methods.length === 0) addRoute(any, route);
      for (const name of methods) named.add(name, route);
    }
    for (const set of named.byKey.values()) addAll(set, any);
    this.#rows = Int32Array.from(methodNames, (name) => sets.place(named.byKey.get(name) ?? any));
    const others = [...named.byKey].filter(([name]) => !methodNames.includes(name));
    this.#others = others.map(([name]) => Uint8Array.from(Buffer.from(name)));
    this.#otherRows = Int32Array.from(others, ([, set]) => sets.place(set));
  }

  row(head: RequestHead): number {
    if (head.method === Method.other) {
      for (let i = 0; i < this.#others.length; i++) {
        const name = this.#others[i] as Uint8Array;
        if (equalBytes(name, head.bytes, head.methodStart, head.methodEnd))
          return this.#otherRows[i] as number;
      }
    }
    return this.#rows[head.method] as number;
  }
}
