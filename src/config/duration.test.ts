import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationMaxMs, parseDuration } from "./duration.ts";

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

describe("a duration", () => {
  test.each([
    ["250ms", 250],
    ["5s", 5000],
    ["1m", 60_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["0s", 0],
    ["0", 0],
    [0, 0],
    ["007s", 7000],
    ["2147483647ms", durationMaxMs],
  ])("%j is %d ms", (input, value) => {
    expect(parseDuration(input)).toEqual({ ok: true, value });
  });

  test("is its number times its unit, for every unit up to the limit", () => {
    const units = fc.constantFrom(...(Object.keys(unitMs) as (keyof typeof unitMs)[]));
    fc.assert(
      fc.property(fc.nat(), units, (amount, unit) => {
        const ms = amount * unitMs[unit];
        const reading = parseDuration(`${amount}${unit}`);
        expect(reading.ok ? reading.value : "refused").toBe(ms > durationMaxMs ? "refused" : ms);
      }),
    );
  });

  test.each([
    [5, "5 has no unit", "Write 5s for seconds or 5ms for milliseconds."],
    [1.5, "1.5 is not a duration", "250ms, 5s, 1m, 2h or 1d"],
    [-5, "-5 is not a duration", "cannot be negative"],
    [Number.NaN, "NaN is not a duration", "250ms"],
    ["5", '"5" has no unit', "Write 5s or 5ms."],
    ["-5s", '"-5s" is not a duration', "cannot be negative"],
    ["+5s", '"+5s" is not a duration', "Write 5s."],
    ["5 s", '"5 s" is not a duration', "Write 5s."],
    ["1.5s", '"1.5s" is not a duration', "1500ms for 1.5s"],
    ["5sec", '"5sec" has an unknown unit', "ms, s, m, h and d"],
    ["5S", '"5S" has an unknown unit', "ms, s, m, h and d"],
    ["1m30s", '"1m30s" is not a duration', "250ms"],
    ["off", '"off" is not a duration', "Write 0"],
    ["", '"" is not a duration', "250ms"],
    ["s", '"s" is not a duration', "250ms"],
    ["25d", '"25d" is too long', "The longest is 24d"],
    ["2147483648ms", '"2147483648ms" is too long', "24d"],
    [`${"9".repeat(400)}s`, "is too long", "24d"],
    [true, "true is not a duration", "250ms"],
    [null, "nothing is not a duration", "250ms"],
    [[1], "a list is not a duration", "250ms"],
    [{}, "a map is not a duration", "250ms"],
  ])("%j is refused", (input, message, hint) => {
    const reading = parseDuration(input);
    expect(reading).toMatchObject({
      ok: false,
      message: expect.stringContaining(message) as unknown,
      hint: expect.stringContaining(hint) as unknown,
    });
  });

  test("never throws, whatever the value", () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(typeof parseDuration(input).ok).toBe("boolean");
      }),
    );
  });
});
