import { describe, expect, it } from "vitest";
import { AliasTable } from "./alias-table.ts";
import { policyConformance, request, stage } from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { weightedRandom } from "./weighted-random.ts";

// 100 picks a weight: a weight of 1 strays by 10 % as one standard deviation.
policyConformance("random", () => weightedRandom, 0.4);

const weights = [1, 2, 3, 10, 84];
const picks = 200_000;

function countsOf(pick: () => number, servers: number): number[] {
  const counts = Array.from({ length: servers }, () => 0);
  for (let i = 0; i < picks; i++) {
    const server = pick();
    counts[server] = (counts[server] as number) + 1;
  }
  return counts;
}

/** Six standard deviations of a binomial. */
function strays(count: number, share: number): boolean {
  return Math.abs(count - picks * share) > 6 * Math.sqrt(picks * share * (1 - share));
}

function order(seed: number): number[] {
  const on = stage(weightedRandom, weights, seed);
  return Array.from({ length: 40 }, () => on.pickers[0]?.pick(request()) as number);
}

describe("random", () => {
  it("gives each server its share of very many picks", () => {
    const on = stage(weightedRandom, weights);
    const asked = request();
    const counts = countsOf(() => on.pickers[0]?.pick(asked) as number, weights.length);
    for (const [i, weight] of weights.entries()) {
      expect(strays(counts[i] as number, weight / 100)).toBe(false);
    }
  });

  it("shares what excluded servers leave by weight, however heavy they are", () => {
    const on = stage(weightedRandom, weights);
    const asked = request([3, 4], weights.length);
    const counts = countsOf(() => on.pickers[0]?.pick(asked) as number, weights.length);
    expect(counts.slice(3)).toEqual([0, 0]);
    for (const i of [0, 1, 2]) {
      expect(strays(counts[i] as number, (weights[i] as number) / 6)).toBe(false);
    }
  });

  it("differs from seed to seed", () => {
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
  });
});

describe("an alias table", () => {
  it("holds each server's exact part", () => {
    // A source that steps evenly through all numbers, so that counts are parts and not chances.
    let step = 0;
    const even = { next: (): number => (step++ * 0x1_0000_0000) / picks };
    for (const each of [[1], [1, 1], [5, 1, 1], [256, 1], weights]) {
      step = 0;
      const total = each.reduce((sum, weight) => sum + weight, 0);
      const table = new AliasTable(Int32Array.from(each), even);
      const counts = countsOf(() => table.draw(), each.length);
      for (const [i, weight] of each.entries()) {
        const off = Math.abs((counts[i] as number) - (picks * weight) / total);
        // Each column's edge may cut one step.
        expect(off).toBeLessThanOrEqual(2 * each.length);
      }
    }
  });

  it("draws beside the excluded ones by weight, and says when nobody is left", () => {
    const table = new AliasTable(Int32Array.from([7, 1, 3]), seededRandom(3));
    const counts = countsOf(() => table.drawBeside(Uint8Array.from([1, 0, 0])), 3);
    expect(counts[0]).toBe(0);
    expect(strays(counts[1] as number, 1 / 4)).toBe(false);
    expect(table.drawBeside(Uint8Array.from([1, 1, 1]))).toBe(-1);
  });
});
