// The leaves of `request` and `response`: prefixes of paths, replacements, names to remove.
// rewrite-schema.ts puts them together.
import type { z } from "zod";
import { isHeaderName } from "./check-values.ts";
import { textOf } from "./http-values.ts";
import { leaf } from "./leaf.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";
import type { Template } from "./rewrite-plan.ts";
import { parseTemplate } from "./template.ts";

export const pathPrefix: z.ZodType<string> = leaf(readPrefix, {
  title: "path",
  type: "string",
  pattern: "^/[!-~]*$",
  examples: ["/api"],
});

/** A slash at its end says nothing: `/api/` is `/api`. */
export function readPrefix(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  const path = text.value;
  if (/^\/[!-~]*$/.test(path) && !/[*?#]/.test(path)) {
    return accept(path === "/" ? path : path.replace(/\/+$/, ""));
  }
  const message = `${shown(input)} is not a path`;
  if (path.endsWith("/*")) return reject(message, `Write ${quoted(path.slice(0, -2) || "/")}.`);
  if (!path.startsWith("/")) return reject(message, `Write ${quoted(`/${path}`)}.`);
  return reject(message, "Write other characters as %NN, a blank as %20.");
}

/** What takes the place of a match: `$1` to `$9` are its groups. */
export const replacement: z.ZodType<string> = leaf(readReplacement, {
  title: "text with `$1`",
  type: "string",
  pattern: "^[!-~]*$",
  examples: ["/new/$1"],
});

function readReplacement(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || /^[!-~]*$/.test(text.value)) return text;
  const hint = "Write other characters as %NN, a blank as %20.";
  return reject(`${shown(input)} cannot stand in a path`, hint);
}

/** `server`, or a host with variables. */
export const hostRewrite: z.ZodType<Template | "server"> = leaf(readHost, {
  title: "`server`, or a host with variables",
  type: "string",
  examples: ["server"],
});

function readHost(input: unknown): Reading<Template | "server"> {
  const text = textOf(input);
  if (!text.ok) return text;
  if (text.value === "server") return accept("server");
  if (/^[!-.0-~]+$/.test(text.value)) return parseTemplate(text.value, "request");
  return reject(`${shown(input)} is not a host`, "Write server, or a name such as example.com.");
}

/** The name of a header, or `x-internal-*`, in lower case. */
export const removedName: z.ZodType<string> = leaf(readRemoved, {
  title: "name of a header, or `x-internal-*`",
  type: "string",
  examples: ["x-powered-by"],
});

export function readRemoved(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  const name = text.value.replace(/\*$/, "");
  if (isHeaderName(name) && !name.includes("*")) return accept(text.value.toLowerCase());
  const hint = "Write a name such as x-powered-by; a * may stand at its end.";
  return reject(`${shown(input)} cannot be the name of a header`, hint);
}
