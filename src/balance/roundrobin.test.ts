import { describe, expect, it } from "vitest";
import { backendField } from "../scoreboard/fields.ts";
import { policyConformance, request, stage, type Stage } from "./policy.conformance.ts";
import { randomBelow, seededRandom } from "./random.ts";
import { roundrobin } from "./roundrobin.ts";

policyConformance("roundrobin", () => roundrobin, 0);

function picks(on: Stage, count: number, worker: (i: number) => number = () => 0): number[] {
  return Array.from({ length: count }, (_, i) => on.pickers[worker(i)]?.pick(request()) as number);
}

function countsOf(picked: readonly number[], servers: number): number[] {
  return Array.from({ length: servers }, (_, i) => picked.filter((each) => each === i).length);
}

describe("roundrobin", () => {
  it("goes a a b a c a a for the weights 5, 1, 1, again and again", () => {
    const once = [0, 0, 1, 0, 2, 0, 0];
    expect(picks(stage(roundrobin, [5, 1, 1]), 21)).toEqual([...once, ...once, ...once]);
  });

  it("is one sequence for all workers, whoever picks next", () => {
    const random = seededRandom(11);
    const on = stage(roundrobin, [5, 1, 1]);
    const picked = picks(on, 70, () => randomBelow(random, 3));
    expect(picked).toEqual(picks(stage(roundrobin, [5, 1, 1]), 70));
    expect(countsOf(picked, 3)).toEqual([50, 10, 10]);
  });

  it("gives each of n servers exactly k of k x n picks over interleaved workers", () => {
    const random = seededRandom(12);
    for (const servers of [1, 2, 7, 300]) {
      const picked = picks(stage(roundrobin, Array(servers).fill(3)), 20 * servers, () =>
        randomBelow(random, 3),
      );
      expect(countsOf(picked, servers)).toEqual(Array(servers).fill(20));
    }
  });

  it("goes on without a seam where the cursor would overflow", () => {
    const weights = [5, 1, 1];
    const on = stage(roundrobin, weights);
    // The last whole rounds before 2^31: 7 divides what is stored, so the order starts afresh.
    const before = 0x7fff_ffff - (0x7fff_ffff % 7) - 14;
    on.control.backends.store(on.backend, backendField.cursor, before);
    expect(picks(on, 70, (i) => i % 3)).toEqual(picks(stage(roundrobin, weights), 70));
    expect(on.control.backends.load(on.backend, backendField.cursor)).toBe(56);
  });

  it("shares what a failing server leaves among all others, not with its neighbour alone", () => {
    const on = stage(roundrobin, [1, 1, 1, 1]);
    const served = Array.from({ length: 300 }, (_, i) => {
      const first = on.pickers[i % 3]?.pick(request()) as number;
      return first === 0 ? (on.pickers[i % 3]?.pick(request([0], 4)) as number) : first;
    });
    const [failing, ...others] = countsOf(served, 4);
    expect(failing).toBe(0);
    // Each worker walks the retries by itself, and may be one ahead for somebody.
    for (const count of others)
      expect(Math.abs(count - 100)).toBeLessThanOrEqual(on.pickers.length);
  });

  it("takes no turn for a retry: with one of two failing, every other first attempt is the live one", () => {
    const on = stage(roundrobin, [1, 1]);
    const retried: (number | undefined)[] = [];
    const firsts = Array.from({ length: 20 }, () => {
      const first = on.pickers[0]?.pick(request()) as number;
      if (first === 0) retried.push(on.pickers[0]?.pick(request([0], 2)));
      return first;
    });
    expect(countsOf(firsts, 2)).toEqual([10, 10]);
    expect(retried).toEqual(Array(10).fill(1));
  });

  it("keeps to the weights among those that are not excluded", () => {
    const on = stage(roundrobin, [256, 6, 3]);
    const picked = Array.from({ length: 90 }, () => on.pickers[0]?.pick(request([0], 3)) as number);
    expect(countsOf(picked, 3)).toEqual([0, 60, 30]);
  });
});
