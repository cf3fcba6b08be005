// random: each pick by chance, in proportion to the weights. Nothing is shared or counted, so it is
// as good with any number of workers and of load balancers; p2c is better where loads are known.
import { AliasTable } from "./alias-table.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";

/** Draws at most before the rest is drawn from by looking at all: with few excluded one is enough. */
const draws = 8;

export class WeightedRandom implements Picker {
  private readonly table: AliasTable;
  private readonly count: number;

  constructor({ count, weights }: Candidates, { random }: PolicyContext) {
    this.table = new AliasTable(weights, random);
    this.count = count;
  }

  pick({ excluded }: PickRequest): number {
    if (this.count === 0) return -1;
    if (excluded === null) return this.table.draw();
    for (let i = 0; i < draws; i++) {
      const candidate = this.table.draw();
      if (excluded[candidate] === 0) return candidate;
    }
    return this.table.drawBeside(excluded);
  }
}

export const weightedRandom: Policy = {
  name: "random",
  summary: "is weighted random",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new WeightedRandom(candidates, context),
};
