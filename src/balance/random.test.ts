import { describe, expect, it } from "vitest";
import { randomBelow, seededRandom, Xoshiro128 } from "./random.ts";

function stream(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 8 }, () => random.next());
}

describe("xoshiro128**", () => {
  it("gives the numbers of its authors' reference program", () => {
    const random = new Xoshiro128(1, 2, 3, 4);
    const numbers = Array.from({ length: 10 }, () => random.next());
    expect(numbers).toEqual([
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492, 1_287_239_034, 3_734_860_849,
      3_729_100_597, 4_258_142_804,
    ]);
  });

  it("gives them from a state of high bits too", () => {
    const random = new Xoshiro128(0x964d4a0c, 0xd40ab895, 0xad7fdecb, 0x3006f0f0);
    const numbers = Array.from({ length: 4 }, () => random.next());
    expect(numbers).toEqual([0xf1391922, 0x6fe53806, 0xa5be2840, 0xf510ee70]);
  });
});

describe("seededRandom", () => {
  it("gives equal streams for equal seeds and others for others", () => {
    expect(stream(7)).toEqual(stream(7));
    const firsts = [0, 1, 2, 0x7fff_ffff, 0xffff_ffff].map((seed) => stream(seed).join());
    expect(new Set(firsts).size).toBe(5);
  });

  it("fills a range evenly and stays within it", () => {
    const random = seededRandom(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const at = randomBelow(random, 10);
      counts[at] = (counts[at] as number) + 1;
    }
    expect(counts.length).toBe(10);
    // Six standard deviations of a binomial(100000, 0.1).
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(570);
  });
});
