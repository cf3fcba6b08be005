import { expect, it } from "vitest";
import { seededRandom } from "../../../balance/random.ts";
import { BackendSplit } from "./backend-split.ts";

function counts(weights: readonly number[], draws: number): readonly number[] {
  const backends = weights.map((weight, i) => ({ name: `b${i}`, weight }));
  const split = new BackendSplit({ backends }, seededRandom(7));
  const drawn = weights.map(() => 0);
  for (let i = 0; i < draws; i++) {
    const at = split.draw();
    drawn[at] = (drawn[at] as number) + 1;
  }
  return drawn;
}

it("a split follows the weights", () => {
  const [blue = 0, green = 0, none] = counts([90, 10, 0], 100_000);
  expect(Math.abs(blue - 90_000)).toBeLessThan(600);
  expect(blue + green).toBe(100_000);
  expect(none).toBe(0);
});

it("one backend takes all", () => {
  expect(counts([1], 10)).toEqual([10]);
  expect(counts([0, 256, 0], 1000)).toEqual([0, 1000, 0]);
});
