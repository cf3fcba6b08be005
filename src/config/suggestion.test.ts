import * as fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest } from "./suggestion.ts";

test.each([
  ["", "", 0],
  ["weight", "weight", 0],
  ["weihgt", "weight", 1],
  ["wight", "weight", 1],
  ["weightt", "weight", 1],
  ["kitten", "sitting", 3],
  ["abc", "", 3],
])("from %j to %j it takes %d steps", (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance);
});

test("distance is symmetric, zero only for equal words, and at most the longer length", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (left, right) => {
      const distance = editDistance(left, right);
      expect(editDistance(right, left)).toBe(distance);
      expect(distance === 0).toBe(left === right);
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
    }),
  );
});

test("the nearest word wins, without regard to case", () => {
  expect(nearest("Blance", ["bind", "balance", "backend"])).toBe("balance");
  expect(nearest("clientfin", ["client", "clientFin"])).toBe("clientFin");
});

test("a word that is far from all, or very long, gets none", () => {
  expect(nearest("zebra", ["bind", "balance", "backend"])).toBeNull();
  expect(nearest("a".repeat(100), ["a".repeat(100)])).toBeNull();
  expect(nearest("x", [])).toBeNull();
});
