// Percentages and large counts of a configuration: `50%`, `100k`. The schema calls them for every
// key that holds one, resolve for the built-in defaults.
import { accept, type Reading, reject, shown } from "./reading.ts";

/** What they look like, for editors. */
export const percentPattern = "^[0-9]+(\\.[0-9]+)?%$";
export const bigCountPattern = "^[0-9]+[kKmM]?$";

const multiples: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1_048_576 };

/** A percentage from `minimum` to 100: `50%`, or 50. */
export function parsePercent(input: unknown, minimum: number): Reading<number> {
  const hint = `Write a percentage from ${minimum}% to 100%.`;
  const isText = typeof input === "string" && new RegExp(percentPattern).test(input);
  const value = isText ? Number(input.slice(0, -1)) : input;
  if (typeof value !== "number" || Number.isNaN(value)) {
    return reject(`${shown(input)} is not a percentage`, hint);
  }
  if (value >= minimum && value <= 100) return accept(value);
  return reject(`${shown(input)} is out of range`, hint);
}

/** A whole number, or one with a unit: as in HAProxy k is 1024 and M its square. */
export function parseBigCount(input: unknown, minimum: number, maximum: number): Reading<number> {
  const hint = `Write a whole number from ${minimum} to ${maximum}; 100k is 100 x 1024.`;
  const isText = typeof input === "string" || typeof input === "number";
  const [, digits, unit = ""] = (isText && /^([0-9]+)([km]?)$/i.exec(String(input))) || [];
  if (digits === undefined) {
    const isNumber = Number.isInteger(input);
    return reject(`${shown(input)} is ${isNumber ? "out of range" : "not a count"}`, hint);
  }
  const value = Number(digits) * (multiples[unit.toLowerCase()] ?? 1);
  if (value >= minimum && value <= maximum) return accept(value);
  return reject(`${shown(input)} is out of range`, hint);
}
