import { describe, expect, it } from "vitest";
import { fillMaglev } from "./maglev-table.ts";
import { maglev } from "./maglev.ts";
import type { Candidates } from "./policy.ts";

function tableOf(names: readonly string[], weights: readonly number[]): Int32Array {
  const candidates: Candidates = {
    count: names.length,
    rows: Int32Array.from(names.keys()),
    weights: Int32Array.from(weights),
    names,
    places: Int32Array.from(names.keys()),
  };
  const table = new Int32Array(maglev.tableCells?.(names.length) as number).fill(-7);
  maglev.fill?.(candidates, table);
  return table;
}

function sharesOf(table: Int32Array, servers: number): number[] {
  const shares = Array.from({ length: servers }, () => 0);
  for (const place of table) shares[place] = (shares[place] as number) + 1;
  return shares;
}

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `node-${i}`);

describe("Maglev's table", () => {
  // Table 1 of the paper: three servers, seven entries, before and after B1 is removed.
  const b0 = { offset: 3, skip: 4, weight: 1 };
  const b1 = { offset: 0, skip: 2, weight: 1 };
  const b2 = { offset: 3, skip: 1, weight: 1 };

  it("is that of the paper's example", () => {
    const entries = new Int32Array(7);
    fillMaglev(entries, [b0, b1, b2]);
    expect([...entries]).toEqual([1, 0, 1, 0, 2, 2, 0]);
    fillMaglev(entries, [b0, b2]);
    expect([...entries]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });

  it("gives a server of half the weight every other turn", () => {
    const entries = new Int32Array(7);
    fillMaglev(entries, [b0, { ...b2, weight: 2 }]);
    const shares = sharesOf(entries, 2);
    // Turns go 0 1, 1, 0 1, 1, 0 1: the lighter one has its first at once, like everybody.
    expect(shares).toEqual([3, 4]);
  });

  it("has every entry taken, and equal shares to an entry or two", () => {
    for (const servers of [1, 2, 3, 10, 100, 655]) {
      const table = tableOf(named(servers), Array(servers).fill(100));
      const shares = sharesOf(table, servers);
      expect(table.length).toBe(65_537);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(65_537);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }
  });

  it("has shares by weight, within 2 % or one entry", () => {
    const weights = [1, 2, 3, 5, 50, 100, 256].map((weight) => weight * 100);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shares = sharesOf(tableOf(named(weights.length), weights), weights.length);
    for (const [i, weight] of weights.entries()) {
      const fair = (65_537 * weight) / total;
      expect(Math.abs((shares[i] as number) - fair)).toBeLessThanOrEqual(Math.max(1, fair * 0.02));
    }
  });

  it("has an entry for the lightest of many, and a larger table for thousands", () => {
    const weights = [1, ...Array<number>(999).fill(25_600)];
    expect(sharesOf(tableOf(named(1000), weights), 1000)[0]).toBeGreaterThanOrEqual(1);
    expect(maglev.tableCells?.(8192)).toBe(655_373);
  });

  it("says of an empty set that nobody is there", () => {
    expect(new Set(tableOf([], []))).toEqual(new Set([-1]));
  });
});
