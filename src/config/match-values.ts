// The leaves of a route's `match`: hosts, paths, values of fields, parts of bodies. match-schema.ts
// puts them together; route-semantics.ts reads hosts and paths with the same functions.
import { domainToASCII } from "node:url";
import type { z } from "zod";
import { textOf } from "./http-values.ts";
import { leaf } from "./leaf.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";
import { readPattern } from "./pattern-reading.ts";
import type { HostMatch, PathMatch, ValueMatch } from "./route-plan.ts";

export const hostMatch: z.ZodType<HostMatch> = leaf(readHostMatch, {
  title: "host, or `*.suffix`",
  type: "string",
  examples: ["*.example.com"],
});

/** Lower case, without port and trailing dot. */
export function readHostMatch(input: unknown): Reading<HostMatch> {
  const text = textOf(input);
  if (!text.ok) return text;
  const host = text.value.toLowerCase().replace(/\.$/, "");
  if (/^\[[0-9a-f:.]+\]$/.test(host)) return accept({ kind: "exact", value: host });
  const name = host.startsWith("*.") ? host.slice(2) : host;
  const message = `${shown(input)} is not a host`;
  if (host === "*") return reject(message, "Leave host out, and every host matches.");
  if (host.startsWith("~")) return reject(message, "Write a name, *.example.com, or a list.");
  if (name.includes("*")) return reject(message, "A * stands alone before the first dot.");
  if (/^[^/:]+:[0-9]+$/.test(name)) {
    return reject(message, `Every port matches; write ${quoted(host.replace(/:[0-9]+$/, ""))}.`);
  }
  if (/[^\x20-\x7e]/.test(name) && domainToASCII(name) !== "") {
    return reject(message, `Write it as it is sent: ${quoted(domainToASCII(name))}.`);
  }
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) {
    return reject(message, "Write a name such as example.com or *.example.com.");
  }
  return accept(
    host === name ? { kind: "exact", value: host } : { kind: "suffix", value: host.slice(1) },
  );
}

export const pathMatch: z.ZodType<PathMatch> = leaf(readPathMatch, {
  title: "path, `/prefix/*`, or `~regex`",
  type: "string",
  examples: ["/images/*"],
});

export function readPathMatch(input: unknown): Reading<PathMatch> {
  const text = textOf(input);
  if (!text.ok) return text;
  const path = text.value;
  if (path.startsWith("~")) return readRegex(path);
  const message = `${shown(input)} is not a path`;
  if (path === "*") return reject(message, "Leave path out, and every path matches.");
  if (!path.startsWith("/")) {
    const own = path.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/^(?!\/)/, "/");
    return reject(message, `Write ${quoted(own)}.`);
  }
  if (/[?#]/.test(path)) return reject(message, "The query has a key of its own: query.");
  if (!/^[!-~]+$/.test(path)) {
    return reject(message, "Write other characters as %NN, a blank as %20.");
  }
  const star = path.indexOf("*");
  if (star < 0) return accept({ kind: "exact", value: path });
  if (star === path.length - 1 && path.endsWith("/*")) {
    return accept({ kind: "prefix", value: path.slice(0, -1) });
  }
  const before = path.slice(0, star).replace(/\/$/, "");
  const hint = `A * stands behind the last slash: "${before}/*". For others write ~ and a regular expression.`;
  return reject(message, hint);
}

/** `~` and a pattern. */
function readRegex(text: string): Reading<{ readonly kind: "regex"; readonly value: string }> {
  const pattern = readPattern(text.slice(1));
  return pattern.ok ? accept({ kind: "regex", value: pattern.value }) : pattern;
}

const valueWords = {
  title: 'text, `"*"`, `"abc*"`, or `~regex`',
  type: ["string", "number"],
  examples: ["1"],
} as const;

/** What a header, parameter or cookie must hold. */
export const valueMatch: z.ZodType<ValueMatch> = leaf(readValueMatch, valueWords);

/** The same of a value in JSON, which may also be true or false. */
export const jsonValueMatch: z.ZodType<ValueMatch> = leaf(
  (input) => readValueMatch(typeof input === "boolean" ? String(input) : input),
  { ...valueWords, type: ["string", "number", "boolean"] },
);

export function readValueMatch(input: unknown): Reading<ValueMatch> {
  if (typeof input === "boolean") {
    const hint = `Write "*" for any value, false for none, or "${input}" between quotes for this text.`;
    return reject(`${input} is no value to compare with`, hint);
  }
  const text = textOf(input, true);
  if (!text.ok) return text;
  const { value } = text;
  if (value === "*") return accept({ kind: "any", value: "" });
  if (value.startsWith("~")) return readRegex(value);
  const star = value.indexOf("*");
  if (star < 0) return accept({ kind: "exact", value });
  if (star === value.length - 1) return accept({ kind: "prefix", value: value.slice(0, -1) });
  const hint = "A * stands at the end. For others write ~ and a regular expression.";
  return reject(`${shown(input)} has a * in it`, hint);
}

/** It must not be there. */
export const absent: z.ZodType<false> = leaf(readAbsent, {
  title: "`false`",
  const: false,
  examples: [false],
});

function readAbsent(input: unknown): Reading<false> {
  if (input === false) return accept(false);
  // The other forms of the value have better words.
  const reading = readValueMatch(input);
  return reading.ok ? reject(`${shown(input)} is not false`, "Write false.") : reading;
}

/** RFC 6901: empty for the whole, else each step behind a slash; `~0` and `~1` are escapes. */
export const jsonPointer: z.ZodType<string> = leaf(readPointer, {
  title: "JSON pointer",
  type: "string",
  pattern: "^(/([^/~]|~[01])*)*$",
  examples: ["/order/type"],
});

function readPointer(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || /^(\/([^/~]|~[01])*)*$/.test(text.value)) return text;
  const hint = text.value.startsWith("/")
    ? "Write ~0 for ~ and ~1 for a slash in a name."
    : `Write ${quoted(`/${text.value.replace(/^\$?\.?/, "").replaceAll(".", "/")}`)}.`;
  return reject(`${shown(input)} is not a JSON pointer`, hint);
}

/** Text that a body contains. */
export const bodyText: z.ZodType<string> = leaf(readBodyText, {
  title: "text",
  type: "string",
  examples: ["<soap:Envelope"],
});

function readBodyText(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || text.value !== "") return text;
  return reject("the text is empty", "Write one character or more.");
}
