import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashPolicy } from "./hash-method.ts";
import { keyed, stage } from "./policy.conformance.ts";
import type { Candidates } from "./policy.ts";
import { ringPoints } from "./ring-points.ts";
import { pointCounts, ring } from "./ring.ts";

const names = [1, 2, 3, 4].map((host) => `192.168.1.10${host}:11210`);

function candidatesOf(all: readonly string[], weights: readonly number[]): Candidates {
  return {
    count: all.length,
    rows: Int32Array.from(all.keys()),
    weights: Int32Array.from(weights),
    names: all,
    places: Int32Array.from(all.keys()),
  };
}

function filled(all: readonly string[], weights: readonly number[]): [number, string][] {
  const table = new Int32Array(ring.tableCells?.(all.length) as number);
  ring.fill?.(candidatesOf(all, weights), table);
  const capacity = (table.length - 1) / 3;
  return Array.from({ length: table[0] as number }, (_, i) => [
    (table[1 + i] as number) >>> 0,
    all[table[1 + capacity + i] as number] as string,
  ]);
}

describe("the ring's points", () => {
  // Four servers of equal weight, 160 points each: the verification data of a public specification
  // of ketama hashing (Couchbase SDK RFC 26), in full as a digest and some of it to look at.
  const points = filled(names, [100, 100, 100, 100]);

  it("are libketama's", () => {
    expect(points.length).toBe(640);
    expect(points.slice(0, 4)).toEqual([
      [19_069_626, "192.168.1.104:11210"],
      [28_439_255, "192.168.1.101:11210"],
      [36_078_660, "192.168.1.104:11210"],
      [46_162_273, "192.168.1.104:11210"],
    ]);
    expect(points[300]).toEqual([2_014_757_210, "192.168.1.103:11210"]);
    expect(points.at(-1)).toEqual([4_294_628_205, "192.168.1.102:11210"]);
    const text = points.map(([point, name]) => `${point} ${name}\n`).join("");
    expect(createHash("sha256").update(text).digest("hex")).toBe(
      "6fdb87ffcd8b912a40fdb882c39e9908bbdbbb4922387ed29b5726e2643f6742",
    );
  });

  it("own the keys up to themselves, and the first one also those behind the last", () => {
    const on = stage(hashPolicy(ring), [100, 100, 100, 100], 1, { names });
    const at = (key: number): string | undefined =>
      on.candidates.names[on.pickers[0]?.pick(keyed(key)) as number];
    for (const [i, [point, name]] of points.entries()) {
      const next = points[i + 1]?.[1] ?? points[0]?.[1];
      expect(at(point)).toBe(name);
      expect(at(point + 1)).toBe(next);
    }
    expect(at(0)).toBe(points[0]?.[1]);
    expect(at(0xffff_ffff)).toBe(points[0]?.[1]);
  });

  it("are the same for a name whether many or few of them are asked for first", () => {
    const few = [...ringPoints("grows", 3).subarray(0, 3)];
    const many = [...ringPoints("grows", 50).subarray(0, 50)];
    expect(many.slice(0, 3)).toEqual(few);
    expect(new Set(many).size).toBe(50);
    expect([...ringPoints("grows", 10).subarray(0, 10)]).toEqual(many.slice(0, 10));
  });

  it("ascend, also where two servers have points in common", () => {
    const once = filled(["twin", "twin", "other"], [100, 100, 100]);
    expect(once.length).toBe(480);
    expect(once.map(([point]) => point)).toEqual(
      once.map(([point]) => point).toSorted((a, b) => a - b),
    );
  });
});

describe("the number of points", () => {
  it("is 160 for each of equal servers of weight 1, 2, 4 and so on", () => {
    for (const weight of [25, 50, 100, 200, 400, 25_600]) {
      expect([...pointCounts(new Int32Array(3).fill(weight))]).toEqual([160, 160, 160]);
    }
  });

  it("is in proportion to the weight, one at least, and 113 to 240 in the mean", () => {
    for (const weights of [
      [100, 200, 300],
      [300, 300],
      [100, 25_600],
      [1, 100, 100, 100],
      [7, 11, 13],
      Array.from({ length: 500 }, (_, i) => 100 * (1 + (i % 256))),
    ]) {
      const counts = pointCounts(Int32Array.from(weights));
      const total = counts.reduce((sum, count) => sum + count, 0);
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
      expect(total / weights.length).toBeGreaterThan(113);
      expect(total / weights.length).toBeLessThan(241);
      for (const [i, count] of counts.entries()) {
        const fair = ((weights[i] as number) / mean) * (total / weights.length);
        expect(Math.abs(count - Math.max(1, fair))).toBeLessThanOrEqual(1 + fair / 100);
      }
    }
  });

  it("fits into the table, whatever the weights", () => {
    for (let weight = 1; weight <= 2000; weight++) {
      const weights = [weight, 1, weight, 25_600 % weight || 1];
      const cells = ring.tableCells?.(weights.length) as number;
      const total = pointCounts(Int32Array.from(weights)).reduce((sum, count) => sum + count, 0);
      expect(1 + 3 * total).toBeLessThanOrEqual(cells);
    }
  });

  it("stays for all others while one server's weight grows", () => {
    const counts = [10, 30, 60, 100].map((weight) =>
      [...pointCounts(Int32Array.from([weight, 100, 100, 100]))].slice(1),
    );
    expect(new Set(counts.map(String))).toEqual(new Set(["160,160,160"]));
  });
});
