// Sets of routes as rows of bits, 32 routes a word: each index answers with the row of the routes
// whose condition holds there, and the router looks only at routes that are in all the rows. Equal
// sets share a row.

export class RouteSets {
  /** Of one row. */
  readonly words: number;
  readonly #rows: Int32Array[];
  readonly #places: Map<string, number>;

  constructor(routes: number) {
    this.words = Math.max(1, Math.ceil(routes / 32));
    this.#rows = [];
    this.#places = new Map();
  }

  /** A set without routes, not yet a row. */
  empty(): Int32Array {
    return new Int32Array(this.words);
  }

  /** Where the row begins that this set is. */
  place(set: Int32Array): number {
    const key = set.join(" ");
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#rows.length * this.words;
    this.#rows.push(set.slice());
    this.#places.set(key, place);
    return place;
  }

  /** All rows, when every index is made. */
  cells(): Int32Array {
    const cells = new Int32Array(this.#rows.length * this.words);
    for (const [i, row] of this.#rows.entries()) cells.set(row, i * this.words);
    return cells;
  }
}

export function addRoute(set: Int32Array, route: number): void {
  set[route >> 5] = (set[route >> 5] as number) | (1 << (route & 31));
}

export function addAll(set: Int32Array, others: Int32Array): void {
  for (let i = 0; i < set.length; i++) set[i] = (set[i] as number) | (others[i] as number);
}

/** Sets by key, made on first use. */
export class SetsByKey {
  readonly #sets: RouteSets;
  readonly byKey: Map<string, Int32Array>;

  constructor(sets: RouteSets) {
    this.#sets = sets;
    this.byKey = new Map();
  }

  add(key: string, route: number): void {
    addRoute(this.of(key), route);
  }

  of(key: string): Int32Array {
    let set = this.byKey.get(key);
    if (set === undefined) {
      set = this.#sets.empty();
      this.byKey.set(key, set);
    }
    return set;
  }
}
