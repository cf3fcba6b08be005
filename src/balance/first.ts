// first: the first server in the configuration's order; further ones only when it is full, so that
// the last can be switched off while there is little to do. Fullness is maxconn's: the selection
// around the policy excludes full servers.
import type { Candidates, Picker, PickRequest, Policy } from "./policy.ts";

class First implements Picker {
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  pick({ excluded }: PickRequest): number {
    if (excluded === null) return this.count > 0 ? 0 : -1;
    for (let candidate = 0; candidate < this.count; candidate++) {
      if (excluded[candidate] === 0) return candidate;
    }
    return -1;
  }
}

export const first: Policy = {
  name: "first",
  summary: "takes the first server in order that is below its maxconn",
  prepare: ({ count }: Candidates): Picker => new First(count),
};
