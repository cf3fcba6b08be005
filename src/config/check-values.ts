// The leaves of a `check`: texts with escapes, bytes in hexadecimal, regular expressions, statuses,
// parts of an HTTP request. check-schema.ts puts them together.
import type { z } from "zod";
import type { HttpProbe } from "./check-plan.ts";
import { leaf } from "./leaf.ts";
import { readPattern } from "./pattern-reading.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";

type Status = HttpProbe["statuses"][number];

const escapes: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };
/** RFC 9110 section 5.6.2: what a method and the name of a header are made of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Text to bytes: UTF-8, with the escapes \r, \n, \t, \\ and \xNN for any byte. */
export const bytes: z.ZodType<Uint8Array> = leaf(readBytes, {
  title: "text with `\\r`, `\\n`, `\\t`, `\\xNN`",
  type: "string",
  examples: ["PING\\r\\n"],
});

function readBytes(input: unknown): Reading<Uint8Array> {
  const text = textOf(input);
  if (!text.ok) return text;
  if (text.value === "") return reject("the text is empty", "Write one character or more.");
  const parts: Uint8Array[] = [];
  for (const [part] of text.value.matchAll(/\\x[0-9a-fA-F]{2}|\\.?|[^\\]+/gs)) {
    if (!part.startsWith("\\")) parts.push(Buffer.from(part));
    else if (part.length === 4) parts.push(Buffer.of(Number.parseInt(part.slice(2), 16)));
    else if (escapes[part.slice(1)] !== undefined) {
      parts.push(Buffer.from(escapes[part.slice(1)] ?? ""));
    } else {
      const hint = "The escapes are \\r, \\n, \\t, \\\\ and \\xNN with two hexadecimal digits.";
      return reject(`${quoted(text.value)} has the unknown escape ${part}`, hint);
    }
  }
  // A copy: a Buffer may be a window into memory that many share, all of which a thread would get.
  return accept(Uint8Array.from(Buffer.concat(parts)));
}

export const hexBytes: z.ZodType<Uint8Array> = leaf(readHex, {
  title: "bytes in hexadecimal",
  type: "string",
  pattern: "^([0-9a-fA-F]{2} ?)+$",
  examples: ["0d 0a"],
});

function readHex(input: unknown): Reading<Uint8Array> {
  const digits = typeof input === "string" ? input.replaceAll(" ", "") : "";
  if (/^([0-9a-fA-F]{2})+$/.test(digits))
    return accept(Uint8Array.from(Buffer.from(digits, "hex")));
  const hint = 'Write two digits for each byte, between quotes: "0d 0a".';
  return reject(`${shown(input)} is not hexadecimal`, hint);
}

/** A regular expression of the engine that routes use, on bytes. */
export const regex: z.ZodType<string> = leaf(readRegex, {
  title: "regular expression",
  type: "string",
  examples: ["^220 "],
});

function readRegex(input: unknown): Reading<string> {
  const text = textOf(input);
  return text.ok ? readPattern(text.value) : text;
}

/** `text`, or `~regex`. */
export const body: z.ZodType<NonNullable<HttpProbe["body"]>> = leaf(readBody, {
  title: "text, or `~regex`",
  type: "string",
  examples: ["ok"],
});

function readBody(input: unknown): Reading<NonNullable<HttpProbe["body"]>> {
  const text = textOf(input);
  if (!text.ok) return text;
  if (text.value === "") return reject("the text is empty", "Write one character or more.");
  if (!text.value.startsWith("~")) return accept({ text: text.value, regex: false });
  const reading = readPattern(text.value.slice(1));
  return reading.ok ? accept({ text: reading.value, regex: true }) : reading;
}

export const status: z.ZodType<Status> = leaf(parseStatus, {
  title: "status or range",
  anyOf: [
    { type: "integer", minimum: 100, maximum: 599 },
    { type: "string", pattern: "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$" },
  ],
  examples: ["200-399"],
});

/** `200`, or `200-399`. */
export function parseStatus(input: unknown): Reading<Status> {
  const hint = "Write a status such as 200, a range such as 200-399, or a list of them.";
  const isText = typeof input === "string" || typeof input === "number";
  const [, from, to] =
    (isText && /^([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?$/.exec(String(input))) || [];
  if (from === undefined) return reject(`${shown(input)} is not an HTTP status`, hint);
  const range: Status = [Number(from), Number(to ?? from)];
  if (range[0] <= range[1]) return accept(range);
  return reject(`${shown(input)} is an empty range`, `Write ${to}-${from}.`);
}

export const httpPath: z.ZodType<string> = leaf(readPath, {
  title: "path",
  type: "string",
  pattern: "^/[!-~]*$",
  examples: ["/healthz"],
});

function readPath(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  if (/^\/[!-~]*$/.test(text.value)) return text;
  if (!text.value.startsWith("/")) {
    const path = text.value.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/^(?!\/)/, "/");
    return reject(`${shown(input)} is not a path`, `Write ${quoted(path)}.`);
  }
  return reject(`${shown(input)} is not a path`, "Write other characters as %NN, a blank as %20.");
}

export const httpMethod: z.ZodType<string> = leaf(readMethod, {
  title: "method",
  type: "string",
  pattern: "^[A-Z][A-Z-]*$",
  examples: ["HEAD"],
});

function readMethod(input: unknown): Reading<string> {
  if (typeof input === "string" && /^[A-Z][A-Z-]*$/.test(input)) return accept(input);
  const upper = typeof input === "string" ? input.toUpperCase() : "";
  const hint = /^[A-Z][A-Z-]*$/.test(upper) ? `Write ${upper}.` : "Write GET, HEAD or OPTIONS.";
  return reject(`${shown(input)} is not an HTTP method`, hint);
}

export const hostName: z.ZodType<string> = leaf(readHost, {
  title: "host, or host:port",
  type: "string",
  pattern: "^[!-.0-~]+$",
  examples: ["example.com"],
});

function readHost(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || /^[!-.0-~]+$/.test(text.value)) return text;
  return reject(`${shown(input)} is not a host`, "Write a name such as example.com.");
}

/** A number or a boolean is its text: `x-probe: 1`. */
export const headerValue: z.ZodType<string> = leaf(readHeaderValue, {
  title: "text",
  type: ["string", "number", "boolean"],
  examples: ["ballast"],
});

function readHeaderValue(input: unknown): Reading<string> {
  if (typeof input === "number" || typeof input === "boolean") return accept(String(input));
  const text = textOf(input);
  // RFC 9110 section 5.5: visible characters, blanks and tabs; no line may follow from it.
  if (!text.ok || /^[\t\x20-\x7e]*$/.test(text.value)) return text;
  return reject(`${shown(input)} cannot stand in a header`, "Write ASCII characters on one line.");
}

/** Whether `text` may name a header. */
export function isHeaderName(text: string): boolean {
  return token.test(text);
}

/** A word of a command. */
export const word: z.ZodType<string> = leaf(readWord, {
  title: "text",
  type: ["string", "number", "boolean"],
  examples: ["/usr/local/bin/check-app"],
});

function readWord(input: unknown): Reading<string> {
  if (typeof input === "number" || typeof input === "boolean") return accept(String(input));
  const text = textOf(input);
  if (!text.ok || !text.value.includes("\0")) return text;
  return reject(`${shown(input)} contains a NUL character`, "Write another word.");
}

function textOf(input: unknown): Reading<string> {
  if (typeof input === "string") return accept(input);
  const scalar = typeof input === "number" || typeof input === "boolean";
  const hint = scalar ? `Put it between quotes: "${input}".` : "Write one text.";
  return reject(`${shown(input)} is not text`, hint);
}
