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
  /** The last turn that a retry of this worker took. */
  private retryTurn: number;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.sequence = smoothSequence(candidates.weights);
    this.backends = context.board.backends;
    this.backend = context.backend;
    this.count = candidates.count;
    this.retryTurn = context.random.next() % Math.max(1, this.sequence.length);
    this.rewindAt = 0x7fff_ffff - (0x7fff_ffff % Math.max(1, this.sequence.length));
  }

  pick(request: PickRequest): number {
    if (this.count === 0) return -1;
    const excluded = request.excluded;
    return excluded === null ? this.next() : this.nextBeside(excluded);
  }

  /**
   * A retry takes no turn of the shared order: with two servers, one of them dead, the turns of the
   * live one would all go to retries, and every first attempt to the dead one. Retries walk the
   * same sequence by themselves, so that what a dead server leaves is shared by all others.
   */
  private nextBeside(excluded: Uint8Array): number {
    for (let step = 0; step < this.sequence.length; step++) {
      this.retryTurn = (this.retryTurn + 1) % this.sequence.length;
      const candidate = this.sequence[this.retryTurn] as number;
      if (excluded[candidate] === 0) return candidate;
    }
    // Among very many servers the sequence may lack a light one.
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
