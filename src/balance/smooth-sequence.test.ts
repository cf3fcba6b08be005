import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesMax, smoothSequence } from "./smooth-sequence.ts";

/** nginx's algorithm as its source has it: the oracle. Total x servers steps. */
function naive(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const current = weights.map(() => 0);
  return Array.from({ length: total }, () => {
    for (const [i, weight] of weights.entries()) current[i] = (current[i] as number) + weight;
    const best = current.indexOf(Math.max(...current));
    current[best] = (current[best] as number) - total;
    return best;
  });
}

function counts(sequence: Iterable<number>, servers: number): number[] {
  const result = Array.from({ length: servers }, () => 0);
  for (const server of sequence) result[server] = (result[server] as number) + 1;
  return result;
}

function sequenceOf(weights: readonly number[], limit?: number): number[] {
  return [...smoothSequence(Int32Array.from(weights), limit)];
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

describe("smoothSequence", () => {
  it("gives a a b a c a a for the weights 5, 1, 1", () => {
    expect(sequenceOf([5, 1, 1])).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it("is plain rotation for equal weights", () => {
    expect(sequenceOf([9, 9, 9, 9])).toEqual([0, 1, 2, 3]);
    expect(sequenceOf([256])).toEqual([0]);
    expect(sequenceOf([])).toEqual([]);
  });

  it("is nginx's order for any weights", () => {
    const weights = fc.oneof(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 14 }),
      fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 40 }),
    );
    fc.assert(
      fc.property(weights, (each) => {
        const divisor = each.reduce(greatestCommonDivisor, 0);
        expect(sequenceOf(each)).toEqual(naive(each.map((weight) => weight / divisor)));
      }),
      { numRuns: 300 },
    );
  });

  it("has nobody a whole turn ahead of its share at any point, and all even at the end", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(weights, (each) => {
        const sequence = sequenceOf(each);
        const total = each.reduce((sum, weight) => sum + weight, 0);
        const had = each.map(() => 0);
        let furthestAhead = -Infinity;
        for (const [turn, server] of sequence.entries()) {
          had[server] = (had[server] as number) + 1;
          const share = ((turn + 1) * (each[server] as number)) / total;
          furthestAhead = Math.max(furthestAhead, had[server] - share);
        }
        expect(furthestAhead).toBeLessThan(1);
        expect(had).toEqual(each.map((weight) => (weight * sequence.length) / total));
      }),
    );
  });

  it("has nobody more than one turn off its share at any point, for equal weights", () => {
    for (const servers of [1, 2, 3, 7, 50]) {
      const sequence = sequenceOf(Array.from({ length: servers }, () => 4));
      for (let length = 0; length <= 3 * servers; length++) {
        const prefix = Array.from({ length }, (_, i) => sequence[i % servers] as number);
        for (const count of counts(prefix, servers)) {
          expect(Math.abs(count - length / servers)).toBeLessThan(1);
        }
      }
    }
  });

  it("is exact for 256 servers of all weights to 256", () => {
    const weights = Array.from({ length: 256 }, (_, i) => i + 1);
    expect(counts(sequenceOf(weights), 256)).toEqual(weights);
  });

  it("stays bounded for thousands of servers, each share off by one entry at most", () => {
    const weights = Array.from({ length: 5000 }, (_, i) => 1 + ((i * 97) % 256));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const sequence = sequenceOf(weights);
    expect(total).toBeGreaterThan(entriesMax);
    expect(sequence.length).toBeLessThanOrEqual(entriesMax + weights.length);
    for (const [server, count] of counts(sequence, weights.length).entries()) {
      const entries = ((weights[server] as number) * entriesMax) / total;
      expect(count).toBeGreaterThanOrEqual(1);
      expect(Math.abs(count - entries)).toBeLessThanOrEqual(1);
    }
  });

  it("keeps every server in, with more servers than the limit has entries", () => {
    const weights = Array.from({ length: 500 }, (_, i) => 1 + (i % 9));
    expect(counts(sequenceOf(weights, 100), 500).every((count) => count >= 1)).toBe(true);
  });
});
