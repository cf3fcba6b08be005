// leastconn: the server with the fewest sessions, active and queued, for its weight. The numbers
// are the scoreboard's, so they are those of all workers together. Equals have turns in round
// robin. Workers that pick in the very same moment may pick the same server, before either counted.
import { backendField, serverField } from "../scoreboard/fields.ts";
import type { Table } from "../scoreboard/table.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";

class LeastConn implements Picker {
  private readonly candidates: Candidates;
  private readonly servers: Table<"server">;
  private readonly backends: Table<"backend">;
  private readonly backend: number;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.candidates = candidates;
    this.servers = context.board.servers;
    this.backends = context.board.backends;
    this.backend = context.backend;
  }

  pick(request: PickRequest): number {
    const { count, rows, weights } = this.candidates;
    if (count === 0) return -1;
    const excluded = request.excluded;
    // The cursor is where the search starts. It moves by one at once, so that two workers start at
    // two places, and then on to behind the picked one, unless another has moved it meanwhile:
    // so two equal servers alternate, however many busier ones stand between them.
    const cursor = this.backends.fetchAdd(this.backend, backendField.cursor, 1);
    let candidate = (cursor >>> 0) % count;
    let best = -1;
    let bestLoad = 0;
    let bestWeight = 1;
    for (let seen = 0; seen < count; seen++) {
      if (excluded === null || excluded[candidate] === 0) {
        const row = rows[candidate] as number;
        const weight = weights[candidate] as number;
        const load =
          this.servers.glance(row, serverField.active) +
          this.servers.glance(row, serverField.queued);
        // load / weight < bestLoad / bestWeight, in whole numbers.
        if (best === -1 || load * bestWeight < bestLoad * weight) {
          best = candidate;
          bestLoad = load;
          bestWeight = weight;
        }
      }
      candidate = candidate + 1 === count ? 0 : candidate + 1;
    }
    this.backends.replace(this.backend, backendField.cursor, (cursor + 1) | 0, best + 1);
    return best;
  }
}

export const leastconn: Policy = {
  name: "leastconn",
  summary: "takes the server with the fewest sessions for its weight",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new LeastConn(candidates, context),
};
