// Which backend of a route takes a request: the only one, or one of several by weight, drawn for each
// request that comes to it. A client that must stay where it was first led has a cookie for that: who
// finds a persistence cookie of one of `names` goes there without a draw, whatever the weight, as a
// server of weight 0 keeps its clients too.
import { AliasTable } from "../../../balance/alias-table.ts";
import type { Random } from "../../../balance/random.ts";
import type { BackendChoice } from "../../../config/route-plan.ts";

export class BackendSplit {
  /** In the plan's order: resolve them once, then use the index. */
  readonly names: readonly string[];
  /** Null: there is nothing to draw. */
  readonly #table: AliasTable | null;

  /** At least one weight must be above 0. */
  constructor({ backends }: BackendChoice, random: Random) {
    this.names = backends.map(({ name }) => name);
    const weights = Int32Array.from(backends, ({ weight }) => weight);
    this.#table = backends.length > 1 ? new AliasTable(weights, random) : null;
  }

  /** Index of the backend in `names`. Allocates nothing. */
  draw(): number {
    return this.#table === null ? 0 : this.#table.draw();
  }
}
