// The arithmetic behind the bench table: a wrong ratio there would be a false claim.
import { expect, it } from "vitest";
import { figureSpread, median, ratioSpread, spread } from "../../bench/statistics.ts";

it("the median is the middle value, or the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
  expect(spread([])).toBeNull();
  expect(spread([2, 9, 4])).toEqual({ median: 4, least: 2, most: 9 });
});

it("ratios are formed within a round, so that a machine that slows down does not tilt them", () => {
  const rounds = [
    new Map([
      ["ballast", 9],
      ["haproxy", 10],
    ]),
    new Map([
      ["ballast", 90],
      ["haproxy", 100],
    ]),
    new Map([
      ["ballast", 18],
      ["haproxy", 20],
    ]),
  ];
  expect(ratioSpread(rounds, "ballast", "haproxy")).toEqual({ median: 0.9, least: 0.9, most: 0.9 });
  expect(figureSpread(rounds, "ballast")).toEqual({ median: 18, least: 9, most: 90 });
});

it("a round without a valid measurement of both counts for neither ratio", () => {
  const rounds = [
    new Map([["ballast", 5]]),
    new Map([["haproxy", 10]]),
    new Map([
      ["ballast", 8],
      ["haproxy", 10],
    ]),
  ];
  expect(ratioSpread(rounds, "ballast", "haproxy")).toEqual({ median: 0.8, least: 0.8, most: 0.8 });
  expect(ratioSpread(rounds, "ballast", "nginx")).toBeNull();
});
