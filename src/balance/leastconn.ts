// leastconn: the server with the fewest sessions, active and queued, for its weight. The numbers
// are the scoreboard's, so they are those of all workers together. Equals have turns in round
// robin. Workers that pick in the very same moment may pick the same server, before either counted.
import { backendField } from "../scoreboard/fields.ts";
import type { Table } from "../scoreboard/table.ts";
import { Loads, queuedBeside } from "./loads.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";

class LeastConn implements Picker {
  private readonly count: number;
  private readonly loads: Loads;
  /** As floating point, so that products need no check for overflow. */
  private readonly weights: Float64Array;
  private readonly equal: boolean;
  private readonly backends: Table<"backend">;
  private readonly backend: number;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.count = candidates.count;
    this.loads = new Loads(candidates, context.board);
    this.weights = Float64Array.from(candidates.weights);
    this.equal = candidates.weights.every((weight) => weight === candidates.weights[0]);
    this.backends = context.board.backends;
    this.backend = context.backend;
  }

  pick(request: PickRequest): number {
    const { count } = this;
    if (count === 0) return -1;
    // The cursor is where the search starts. It moves by one at once, so that two workers start at
    // two places, and then on to behind the picked one, unless another has moved it meanwhile:
    // so two equal servers alternate, however many busier ones stand between them.
    const cursor = this.backends.fetchAdd(this.backend, backendField.cursor, 1);
    const start = (cursor >>> 0) % count;
    const { excluded } = request;
    const best = this.equal ? this.leastOfEquals(start, excluded) : this.least(start, excluded);
    this.backends.replace(this.backend, backendField.cursor, (cursor + 1) | 0, best + 1);
    return best;
  }

  /** The first of the least loaded from `start` on, around the end. */
  private least(start: number, excluded: Uint8Array | null): number {
    const { count, weights } = this;
    const { cells, places } = this.loads;
    let best = -1;
    // More than anybody's: sessions on no weight.
    let bestLoad = 1;
    let bestWeight = 0;
    for (let part = 0; part < 2; part++) {
      const end = part === 0 ? count : start;
      for (let candidate = part === 0 ? start : 0; candidate < end; candidate++) {
        const place = places[candidate] as number;
        const weight = weights[candidate] as number;
        const load = ((cells[place] as number) + (cells[place + queuedBeside] as number)) | 0;
        // load / weight < bestLoad / bestWeight, in whole numbers.
        if (load * bestWeight >= bestLoad * weight) continue;
        if (excluded !== null && excluded[candidate] !== 0) continue;
        best = candidate;
        // Nobody has less than none, and who has as much comes later.
        if (load === 0) return best;
        bestLoad = load;
        bestWeight = weight;
      }
    }
    return best;
  }
  /** The same where no weight matters: half the work, and the usual case. */
  private leastOfEquals(start: number, excluded: Uint8Array | null): number {
    const { count } = this;
    const { cells, places } = this.loads;
    let best = -1;
    let bestLoad = 0x7fff_ffff;
    for (let part = 0; part < 2; part++) {
      const end = part === 0 ? count : start;
      for (let candidate = part === 0 ? start : 0; candidate < end; candidate++) {
        const place = places[candidate] as number;
        const load = ((cells[place] as number) + (cells[place + queuedBeside] as number)) | 0;
        if (load >= bestLoad) continue;
        if (excluded !== null && excluded[candidate] !== 0) continue;
        best = candidate;
        if (load === 0) return best;
        bestLoad = load;
      }
    }
    return best;
  }
}

export const leastconn: Policy = {
  name: "leastconn",
  summary: "takes the server with the fewest sessions for its weight",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new LeastConn(candidates, context),
};
