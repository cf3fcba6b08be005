// p2c: the less loaded of two servers drawn at random. Two choices instead of one bring the most
// loaded server of n from about log n / log log n above the mean to about log log n (Mitzenmacher,
// 2001), at the cost of two looks however many servers there are.
import { Loads } from "./loads.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";
import { WeightedRandom } from "./weighted-random.ts";

/** A second draw of the same server says nothing, so it is repeated; few servers need it. */
const secondDraws = 4;

class PowerOfTwoChoices implements Picker {
  private readonly candidates: Candidates;
  private readonly loads: Loads;
  private readonly random: WeightedRandom;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.candidates = candidates;
    this.loads = new Loads(candidates, context.board);
    this.random = new WeightedRandom(candidates, context);
  }

  pick(request: PickRequest): number {
    const first = this.random.pick(request);
    if (first === -1) return -1;
    let second = first;
    for (let i = 0; i < secondDraws && second === first; i++) second = this.random.pick(request);
    if (second === first) return first;
    // load / weight of the second < that of the first, in whole numbers. Equal: the first, so that
    // idle servers are picked by weight.
    const { weights } = this.candidates;
    const firstLoad = this.loads.of(first) * (weights[second] as number);
    const secondLoad = this.loads.of(second) * (weights[first] as number);
    return secondLoad < firstLoad ? second : first;
  }
}

export const p2c: Policy = {
  name: "p2c",
  summary: "takes the less loaded of two servers drawn at random",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new PowerOfTwoChoices(candidates, context),
};
