// modulo: the key modulo the sum of weights, over the servers in the order of their names. Exactly
// even and the simplest to compute elsewhere; but any change of the servers moves most keys.
import { greatestCommonDivisor } from "./greatest-common-divisor.ts";
import { type Chooser, type HashMethod, orderByName } from "./hash-method.ts";
import { finish } from "./key-hash.ts";
import type { Candidates } from "./policy.ts";

/** After so many other places by a new hash of the key the rest is walked (nginx: 20). */
const rehashes = 20;

class Modulo implements Chooser {
  private readonly order: Int32Array;
  /** The first number behind each candidate's, in that order. */
  private readonly ends: Float64Array;
  private readonly total: number;
  private readonly equal: boolean;

  constructor({ weights, ...candidates }: Candidates) {
    this.order = orderByName({ weights, ...candidates });
    this.ends = new Float64Array(this.order.length);
    const divisor = weights.reduce(greatestCommonDivisor, 0) || 1;
    let total = 0;
    for (const [rank, candidate] of this.order.entries()) {
      total += (weights[candidate] as number) / divisor;
      this.ends[rank] = total;
    }
    this.total = total;
    this.equal = total === this.order.length;
  }

  choose(key: number, excluded: Uint8Array | null): number {
    const first = this.order[this.rankOf(key)] as number;
    if (excluded === null || excluded[first] === 0) return first;
    let hash = key;
    for (let i = 0; i < rehashes; i++) {
      hash = finish(hash + 0x9e3779b9) >>> 0;
      const candidate = this.order[this.rankOf(hash)] as number;
      if (excluded[candidate] === 0) return candidate;
    }
    let rank = this.rankOf(hash);
    for (let step = 0; step < this.order.length; step++) {
      rank = rank + 1 === this.order.length ? 0 : rank + 1;
      const candidate = this.order[rank] as number;
      if (excluded[candidate] === 0) return candidate;
    }
    return -1;
  }

  private rankOf(hash: number): number {
    const number = hash % this.total;
    if (this.equal) return number;
    let low = 0;
    let high = this.order.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] as number) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const modulo: HashMethod = {
  name: "modulo",
  summary: "is the key modulo the sum of weights: simple, but a change of servers moves most keys",
  chooser: (candidates: Candidates): Chooser => new Modulo(candidates),
};
