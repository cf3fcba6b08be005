// What the schema of `request` and `response` cannot say: names of headers that are not the
// operator's to write, operations that do two things, expressions in keys. http-semantics.ts and
// route-semantics.ts call it.
import { isHeaderName } from "./check-values.ts";
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { patternFault } from "./pattern.ts";
import { patternGroups } from "./pattern-reading.ts";
import { reservedHeaders } from "./rewrite-plan.ts";
import { readPrefix } from "./rewrite-values.ts";
import { foreignVariable } from "./template.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

type Side = "request" | "response";
type Sentence = { readonly message: string; readonly hint: string };

/** Faults of `request` and `response` of what is at `path`. */
export function checkRewrites(root: TreeNode, path: Path, faults: FaultList): void {
  for (const side of ["request", "response"] as const) {
    for (const what of ["set", "add"]) {
      checkHeaderNames(root, [...path, side, "headers", what], side, faults);
    }
    checkRemoved(root, [...path, side, "headers", "remove"], side, faults);
  }
  checkOperations(root, [...path, "request", "path"], faults);
}

/** Faults of the names, and of what looks like variables, in the map at `path`. */
export function checkHeaderNames(root: TreeNode, path: Path, side: Side, faults: FaultList): void {
  for (const [name, { keyOffset: offset, node }] of entriesAt(root, path)) {
    const place = [...path, name];
    const fault = headerFault(name, side);
    if (fault) faults.error(offset, place, fault.message, fault.hint);
    for (const value of node.items ?? [node]) {
      const foreign = typeof value.value === "string" ? foreignVariable(value.value) : null;
      if (foreign === null) continue;
      const message = `${quoted(foreign.word)} is no variable here and is sent as it is`;
      faults.warn(value.offset, place, message, `Write {${foreign.meant}}.`);
    }
  }
}

/** Why `name` cannot be written, or null. */
export function headerFault(name: string, side: Side): Sentence | null {
  if (!isHeaderName(name)) {
    const hint = "Names of headers have letters, digits and -.";
    return { message: `${quoted(name)} cannot be the name of a header`, hint };
  }
  const lower = name.toLowerCase();
  if (side === "request" && lower === "host") {
    return { message: "the Host header has a key of its own", hint: "Write request.host." };
  }
  if (!reservedHeaders.includes(lower)) return null;
  return { message: `${quoted(name)} is Ballast's own business`, hint: "Remove it." };
}

function checkRemoved(root: TreeNode, path: Path, side: Side, faults: FaultList): void {
  const node = findNode(root, path);
  if (!node) return;
  for (const [index, item] of (node.items ?? [node]).entries()) {
    if (typeof item.value !== "string") continue;
    const place = node.items ? [...path, index] : path;
    const name = item.value.toLowerCase();
    const kept = [...reservedHeaders, ...(side === "request" ? ["host"] : [])];
    const hit = name.endsWith("*")
      ? kept.find((known) => known.startsWith(name.slice(0, -1)))
      : kept.find((known) => known === name);
    if (hit === undefined) continue;
    const message = name.endsWith("*")
      ? `${quoted(item.value)} would also remove ${quoted(hit)}, which is Ballast's own business`
      : `${quoted(item.value)} is Ballast's own business`;
    const hint = name.endsWith("*") ? "Write a longer beginning." : "Remove it here.";
    faults.error(item.offset, place, message, hint);
  }
}

function checkOperations(root: TreeNode, path: Path, faults: FaultList): void {
  const node = findNode(root, path);
  if (!node) return;
  for (const [index, operation] of (node.items ?? [node]).entries()) {
    const place = node.items ? [...path, index] : path;
    if (!operation.entries) continue;
    const size = operation.entries.size;
    if (size !== 1) {
      const message = size === 0 ? "this operation is empty" : "an operation does one thing";
      faults.error(
        operation.offset,
        place,
        message,
        "Write a list, with one of them in each item.",
      );
    }
    for (const key of ["replacePrefix", "replace"]) {
      const pairs = entriesAt(root, [...place, key]);
      if (pairs.size > 1) {
        const at = [...place, key];
        const message = `${key} has ${pairs.size} pairs, and their order would matter`;
        const hint = "Write a list, with one of them in each item.";
        faults.error(keyOffset(root, at), at, message, hint);
      }
    }
    checkPrefixes(root, [...place, "replacePrefix"], faults);
    checkExpressions(root, [...place, "replace"], faults);
  }
}

function checkPrefixes(root: TreeNode, path: Path, faults: FaultList): void {
  for (const [prefix, { keyOffset: offset }] of entriesAt(root, path)) {
    const reading = readPrefix(prefix);
    if (!reading.ok) faults.error(offset, [...path, prefix], reading.message, reading.hint);
  }
}

function checkExpressions(root: TreeNode, path: Path, faults: FaultList): void {
  for (const [key, { keyOffset: offset, node }] of entriesAt(root, path)) {
    const place = [...path, key];
    const pattern = key.slice(1);
    if (!key.startsWith("~") || pattern === "") {
      const message = `${quoted(key)} is not ~ and a regular expression`;
      faults.error(
        offset,
        place,
        message,
        "Write ~ before it, or use replacePrefix for plain text.",
      );
      continue;
    }
    const problem = patternFault(pattern);
    if (problem !== null) {
      const message = `${quoted(pattern)} is not a regular expression (${problem})`;
      faults.error(offset, place, message, "A backslash before a character makes it plain.");
      continue;
    }
    const groups = patternGroups(pattern);
    const named = [...String(node.value).matchAll(/\$([0-9])/g)].map(([, digit]) => Number(digit));
    const beyond = named.find((group) => group > groups);
    if (beyond === undefined) continue;
    const has = groups === 1 ? "1 group" : `${groups} groups`;
    const message = `$${beyond} names a group that the expression does not have`;
    faults.error(node.offset, place, message, `It has ${has}; put what is wanted between ( and ).`);
  }
}
