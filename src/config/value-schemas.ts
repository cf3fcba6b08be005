// The schema's leaves: durations, addresses, counts and names, each with the words that the
// generated reference and editors show. schema.ts puts them together.
import type { z } from "zod";
import {
  type BindAddress,
  parseBindAddress,
  parseServerAddress,
  type ServerAddress,
} from "./address-syntax.ts";
import { builtin, workersMax } from "./builtin.ts";
import { durationPattern, parseDuration } from "./duration.ts";
import { leaf } from "./leaf.ts";
import { bigCountPattern, parseBigCount, parsePercent, percentPattern } from "./quantities.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { nearest } from "./suggestion.ts";

export const duration: z.ZodType<number> = leaf(parseDuration, {
  title: "duration",
  anyOf: [{ type: "string", pattern: durationPattern }, { const: 0 }],
  examples: ["5s"],
});

export const bindAddress: z.ZodType<BindAddress> = leaf(parseBindAddress, {
  title: "address",
  type: "string",
  examples: ["127.0.0.1:80"],
});

export const serverAddress: z.ZodType<ServerAddress> = leaf(parseServerAddress, {
  title: "address",
  type: "string",
  examples: ["127.0.0.1:8001"],
});

export const workers: z.ZodType<number | "auto"> = leaf(readWorkers, {
  title: `\`auto\`, or 1 to ${workersMax}`,
  anyOf: [{ const: "auto" }, { type: "integer", minimum: 1, maximum: workersMax }],
  examples: ["auto"],
});

function readWorkers(input: unknown): Reading<number | "auto"> {
  if (input === "auto") return accept("auto");
  if (Number.isInteger(input) && Number(input) >= 1 && Number(input) <= workersMax) {
    return accept(Number(input));
  }
  const message = `${shown(input)} is not a number of workers`;
  return reject(message, `Write auto, or a whole number from 1 to ${workersMax}.`);
}

const accessWords = ["stdout", "stderr", "off"];

export const accessLog: z.ZodType<string> = leaf(readAccessLog, {
  title: "`stdout`, `stderr`, `off`, or a file's path",
  type: "string",
  examples: [builtin.logAccess],
});

function readAccessLog(input: unknown): Reading<string> {
  if (typeof input === "string" && accessWords.includes(input)) return accept(input);
  const message = `${shown(input)} is no place for the access log`;
  if (typeof input !== "string" || input === "" || input.includes("\0")) {
    return reject(message, "Write stdout, stderr, off, or a file's path.");
  }
  // A bare word is more likely a typing mistake than a file in the current folder.
  if (/[./]/.test(input)) return accept(input);
  const meant = nearest(input, accessWords);
  const word = meant ? `Did you mean "${meant}"? ` : "Write stdout, stderr or off. ";
  return reject(message, `${word}A file's path contains a slash or a dot, such as ./access.log.`);
}

/** A whole number from `minimum` to `maximum`. */
export function count(minimum: number, maximum: number): z.ZodType<number> {
  const read = (input: unknown): Reading<number> => {
    if (typeof input === "number" && Number.isInteger(input)) {
      if (input >= minimum && input <= maximum) return accept(input);
    }
    const unquoted = typeof input === "string" && /^[0-9]+$/.test(input);
    const hint = unquoted
      ? "Write it without quotes, on a line of its own if it holds a variable."
      : `Write a whole number from ${minimum} to ${maximum}.`;
    const range = typeof input === "number" && Number.isInteger(input);
    return reject(
      range ? `${input} is out of range` : `${shown(input)} is not a whole number`,
      hint,
    );
  };
  const title = `${minimum} to ${maximum}`;
  return leaf(read, { title, type: "integer", minimum, maximum, examples: [minimum] });
}

/** A time that cannot be switched off. */
export const positiveDuration: z.ZodType<number> = leaf(readPositiveDuration, {
  title: "duration above 0",
  type: "string",
  pattern: durationPattern,
  examples: ["5s"],
});

function readPositiveDuration(input: unknown): Reading<number> {
  const reading = parseDuration(input);
  if (!reading.ok || reading.value > 0) return reading;
  return reject(`${shown(input)} is no time`, "Write 1ms or more.");
}

/** Percents from `minimum` to 100: `50%`, or 50. */
export function percent(minimum: number): z.ZodType<number> {
  return leaf((input) => parsePercent(input, minimum), {
    title: `${minimum}% to 100%`,
    anyOf: [
      { type: "number", minimum, maximum: 100 },
      { type: "string", pattern: percentPattern },
    ],
    examples: ["50%"],
  });
}

/** A number, with a fraction or without, above `above` and up to `maximum`; `or0`: 0 too. */
export function factor(above: number, maximum: number, or0 = false): z.ZodType<number> {
  const read = (input: unknown): Reading<number> => {
    const hint = `Write a number above ${above}, up to ${maximum}${or0 ? ", or 0" : ""}.`;
    if (typeof input !== "number") return reject(`${shown(input)} is not a number`, hint);
    if ((input > above && input <= maximum) || (or0 && input === 0)) return accept(input);
    return reject(`${input} is out of range`, hint);
  };
  const range = { type: "number", exclusiveMinimum: above, maximum };
  return leaf(read, {
    title: `${or0 ? "0, or " : ""}more than ${above}, up to ${maximum}`,
    ...(or0 ? { anyOf: [{ const: 0 }, range] } : range),
    examples: [Math.min(above + 1, maximum)],
  });
}

/** A count that may be large, such as 100k. */
export function bigCount(minimum: number, maximum: number): z.ZodType<number> {
  return leaf((input) => parseBigCount(input, minimum, maximum), {
    title: `${minimum} to ${maximum}, such as 100k`,
    anyOf: [
      { type: "integer", minimum, maximum },
      { type: "string", pattern: bigCountPattern },
    ],
    examples: ["100k"],
  });
}

/** `true`, `false` or `off`; `noun` is what it switches, `instead` an object that may stand there. */
export function onOff(noun: string, instead: string): z.ZodType<boolean> {
  const read = (input: unknown): Reading<boolean> => {
    if (input === true || input === "on") return accept(true);
    if (input === false || input === "off") return accept(false);
    return reject(`${shown(input)} is no ${noun}`, `Write true, off, or ${instead}.`);
  };
  return leaf(read, {
    title: "`true` or `off`",
    anyOf: [{ type: "boolean" }, { enum: ["on", "off"] }],
    examples: [true],
  });
}
