// roundrobin: smooth weighted round robin, exact over all workers. The order of turns is computed
// when the servers change; a pick is one atomic add on the backend's cursor and one array read, so
// any number of workers together walk the one sequence, each turn taken exactly once.
import { backendField } from "../scoreboard/fields.ts";
import type { Table } from "../scoreboard/table.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";
import { smoothSequence } from "./smooth-sequence.ts";

class RoundRobin implements Picker {
  private readonly sequence: Int32Array;
  private readonly backends: Table<"backend">;
  private readonly backend: number;
  private readonly count: number;
  /** The last multiple of the sequence's length that the cursor may hold before it starts anew. */
  private readonly rewindAt: number;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.sequence = smoothSequence(candidates.weights);
    this.backends = context.board.backends;
    this.backend = context.backend;
    this.count = candidates.count;
    this.rewindAt = 0x7fff_ffff - (0x7fff_ffff % Math.max(1, this.sequence.length));
  }

  pick(request: PickRequest): number {
    if (this.count === 0) return -1;
    const excluded = request.excluded;
    if (excluded === null) return this.next();
    // A skipped turn is used up: were it kept, all that a dead server leaves would go to the one
    // that follows it in the order. Other workers take turns meanwhile, so walking the whole
    // sequence may still miss the only one left; hence the search behind it.
    for (let turn = 0; turn < this.sequence.length; turn++) {
      const candidate = this.next();
      if (excluded[candidate] === 0) return candidate;
    }
    for (let candidate = 0; candidate < this.count; candidate++) {
      if (excluded[candidate] === 0) return candidate;
    }
    return -1;
  }

  /**
   * Takes one turn. The cursor would wrap at 2^32, in the middle of the sequence. Exactly one pick
   * sees `rewindAt`, and it moves the cursor back by whole rounds: nobody's turn changes. Should a
   * change of the sequence have jumped over that point, the wrap costs one uneven round.
   */
  private next(): number {
    const turn = this.backends.fetchAdd(this.backend, backendField.cursor, 1);
    if (turn === this.rewindAt) {
      this.backends.fetchAdd(this.backend, backendField.cursor, -this.rewindAt);
    }
    return this.sequence[(turn >>> 0) % this.sequence.length] as number;
  }
}

export const roundrobin: Policy = {
  name: "roundrobin",
  summary: "is smooth weighted round robin, exact across workers",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new RoundRobin(candidates, context),
};
