// The schema's leaves: durations, addresses, counts and names, each with the words that the
// generated reference and editors show. schema.ts puts them together.
import { z } from "zod";
import {
  type BindAddress,
  parseBindAddress,
  parseServerAddress,
  type ServerAddress,
} from "./address-syntax.ts";
import { builtin, workersMax } from "./builtin.ts";
import { durationPattern, parseDuration } from "./duration.ts";
import { accept, type Reading, reject, shown } from "./reading.ts";
import { nearest } from "./suggestion.ts";

/** What a schema says about itself in JSON Schema's words; `title` is the type's name in the reference. */
type Words = Readonly<Record<string, unknown>> & { readonly title: string };

/** A value with a reader of its own. Its hint travels in the issue's `params`. */
function leaf<T>(read: (input: unknown) => Reading<T>, words: Words): z.ZodType<T> {
  const schema = z.unknown().transform((input, context): T => {
    const reading = read(input);
    if (reading.ok) return reading.value;
    const wrongType = typeof input === "object" && input !== null;
    const params = { hint: reading.hint, wrongType };
    context.addIssue({ code: "custom", message: reading.message, params });
    return z.NEVER;
  });
  return schema.meta(words);
}

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

export const admin: z.ZodType = leaf(readAdmin, {
  title: "`off`, or an object",
  anyOf: [{ const: "off" }, { type: "object" }],
  examples: ["off"],
});

function readAdmin(input: unknown): Reading<unknown> {
  const isMap = typeof input === "object" && input !== null && !Array.isArray(input);
  if (input === "off" || input === false || isMap) return accept(input);
  return reject(
    `${shown(input)} is no setting of the admin API`,
    "Write off, or { bind: 127.0.0.1:9400 }.",
  );
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
