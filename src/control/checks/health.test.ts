import { array, assert, boolean, integer, property } from "fast-check";
import { expect, test } from "vitest";
import type { CheckPlan, InitState } from "../../config/check-plan.ts";
import { Health } from "./health.ts";

function healthOf(rise: number, fall: number, initState: InitState): Health {
  return new Health({ rise, fall, initState } as CheckPlan);
}

test.each<[InitState, boolean, number]>([
  ["up", false, 1],
  ["fullyUp", false, 3],
  ["down", true, 1],
  ["fullyDown", true, 2],
])("%s changes its mind after as many results as it says", (initState, ok, count) => {
  const health = healthOf(2, 3, initState);
  const before = health.up;
  for (let i = 1; i < count; i++) {
    expect(health.take(ok)).toBe(`${i} of ${count} ${ok ? "passed" : "failed"}`);
    expect(health.up).toBe(before);
  }
  expect(health.take(ok)).toBe(`${count} of ${count} ${ok ? "passed" : "failed"}`);
  expect(health.up).toBe(!before);
  expect(health.settled).toBe(true);
});

test("it is settled unless it is changing its mind, or has not made it up", () => {
  const health = healthOf(2, 2, "up");
  expect(health.settled).toBe(false);
  health.take(true);
  expect(health.settled).toBe(true);
  health.take(false);
  expect(health.settled).toBe(false);
  health.take(false);
  expect([health.up, health.settled]).toEqual([false, true]);
  health.take(true);
  expect(health.settled).toBe(false);
});

test("from the first proof on, only rise or fall results in a row change it", () => {
  const results = array(boolean(), { maxLength: 60 });
  const count = integer({ min: 1, max: 5 });
  assert(
    property(count, count, results, (rise, fall, found) => {
      const health = healthOf(rise, fall, "fullyUp");
      // The rule as a sentence says it, without the number that HAProxy makes of it.
      let up = true;
      let against = 0;
      for (const ok of found) {
        health.take(ok);
        against = ok === up ? 0 : against + 1;
        if (against === (up ? fall : rise)) {
          up = !up;
          against = 0;
        }
        expect(health.up).toBe(up);
        expect(health.settled).toBe(against === 0);
      }
    }),
  );
});

test("a server that is known to be on one side stays there when its check is another", () => {
  const health = healthOf(2, 3, "fullyDown");
  health.assume(true);
  expect([health.up, health.settled]).toEqual([true, true]);
  health.assume(false);
  expect([health.up, health.settled]).toEqual([false, true]);
});
