// Percentages, large counts and sizes of a configuration: `50%`, `100k`, `16KiB`. The schema calls them for every
// key that holds one, resolve for the built-in defaults.
import { accept, type Reading, reject, shown } from "./reading.ts";

/** What they look like, for editors. */
export const percentPattern = "^[0-9]+(\\.[0-9]+)?%$";
export const bigCountPattern = "^[0-9]+[kKmM]?$";
export const sizePattern = "^(0|[0-9]+(B|KiB|MiB|GiB))$";

const multiples: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1_048_576 };

const sizes: Readonly<Record<string, number>> = {
  b: 1,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

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

/** Bytes of a size with its unit, such as `16KiB`; 0 needs none. The limits are in bytes too. */
export function parseSize(input: unknown, minimum: number, maximum: number): Reading<number> {
  const range = `Write a size from ${formatSize(minimum)} to ${formatSize(maximum)}, such as 16KiB.`;
  const isText = typeof input === "string" || typeof input === "number";
  const [, digits, unit = ""] = (isText && /^([0-9]+) ?([a-z]*)$/i.exec(String(input))) || [];
  if (digits === undefined) return reject(`${shown(input)} is not a size`, range);
  if (unit === "" && Number(digits) !== 0) {
    return reject(`${shown(input)} has no unit`, `Write ${digits}KiB, or ${digits}B for bytes.`);
  }
  const [, letter = ""] = /^([kmg])b?$/i.exec(unit) ?? [];
  if (letter !== "") {
    const binary = `${digits}${letter.toUpperCase()}iB`;
    return reject(`${shown(input)} has an unknown unit`, `Write ${binary}; 1KiB is 1024 bytes.`);
  }
  const multiple = unit === "" ? 1 : sizes[unit.toLowerCase()];
  if (multiple === undefined) {
    return reject(`${shown(input)} has an unknown unit`, "The units are B, KiB, MiB and GiB.");
  }
  const value = Number(digits) * multiple;
  if (value >= minimum && value <= maximum) return accept(value);
  return reject(`${shown(input)} is out of range`, range);
}

/** A size as an operator would write it. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return "0";
  const units = ["B", "KiB", "MiB", "GiB"] as const;
  let at = 0;
  let value = bytes;
  for (; at < units.length - 1 && value % 1024 === 0; at++) value /= 1024;
  return `${value}${units[at]}`;
}
