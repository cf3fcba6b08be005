// Durations of a configuration: `250ms`, `5s`, `1m`, `2h`, `1d`, and a bare 0 for off. The schema
// calls it for every key that holds a time.
import { accept, type Reading, reject, shown } from "./reading.ts";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest time in milliseconds: what a 32-bit timer holds, as in HAProxy. A little over 24 days. */
export const durationMaxMs = 2_147_483_647;

/** What a duration looks like, for editors. */
export const durationPattern = "^(0|[0-9]+(ms|s|m|h|d))$";

const wellFormed = /^([0-9]+)(ms|s|m|h|d)$/;
const loose = /^([+-]?[0-9]*\.?[0-9]+)\s*([a-zA-Z]*)$/;
const formHint = "Write a duration such as 250ms, 5s, 1m, 2h or 1d.";

/** Milliseconds of a duration, up to `maxMs`; 0 or `"0"` needs no unit. */
export function parseDuration(input: unknown, maxMs: number = durationMaxMs): Reading<number> {
  if (input === 0 || input === "0") return accept(0);
  if (typeof input === "number") return rejectNumber(input);
  if (typeof input !== "string") return reject(`${shown(input)} is not a duration`, formHint);
  const match = wellFormed.exec(input);
  if (!match) return rejectText(input);
  const ms = Number(match[1]) * (unitMs[match[2] ?? ""] ?? Number.NaN);
  if (ms > maxMs) {
    const off = maxMs === durationMaxMs ? "; 0 switches a limit off" : "";
    const hint = `The longest is ${Math.floor(maxMs / 86_400_000)}d${off}.`;
    return reject(`${shown(input)} is too long`, hint);
  }
  return accept(ms);
}

function rejectNumber(value: number): Reading<never> {
  if (value < 0) return reject(`${value} is not a duration`, "A duration cannot be negative.");
  if (!Number.isInteger(value)) return reject(`${value} is not a duration`, formHint);
  return reject(
    `${value} has no unit`,
    `Write ${value}s for seconds or ${value}ms for milliseconds.`,
  );
}

function rejectText(text: string): Reading<never> {
  const message = `${shown(text)} is not a duration`;
  if (text === "off") return reject(message, "Write 0 to switch it off.");
  const match = loose.exec(text);
  if (!match) return reject(message, formHint);
  const amount = match[1] ?? "";
  const unit = match[2] ?? "";
  if (amount.startsWith("-")) return reject(message, "A duration cannot be negative.");
  if (unit === "") {
    if (amount.includes(".")) return reject(message, formHint);
    return reject(`${shown(text)} has no unit`, `Write ${amount}s or ${amount}ms.`);
  }
  if (unitMs[unit] === undefined) {
    return reject(`${shown(text)} has an unknown unit`, "The units are ms, s, m, h and d.");
  }
  if (amount.includes(".")) {
    return reject(message, "Write a whole number with a smaller unit, such as 1500ms for 1.5s.");
  }
  return reject(message, `Write ${amount.replace("+", "")}${unit}.`);
}
