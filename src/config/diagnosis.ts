// Schema issues to sentences: what is wrong at which place, and what to write instead. load.ts calls
// it with zod's issues and the tree they are about.
import type { z } from "zod";
import { notOneOf } from "./choice.ts";
import { keyMeantBy } from "./foreign-words.ts";
import { isLaterKey, isLaterValue } from "./later.ts";
import { allKeys, exampleAt, keysAt, placesOf } from "./outline.ts";
import { type Fault, formatPath, type Path } from "./problem.ts";
import { quoted, shown } from "./reading.ts";
import { gluedKey, spaceHint } from "./slips.ts";
import { nearest } from "./suggestion.ts";
import { findNode, keyOffset, type TreeNode } from "./tree.ts";

type Issue = z.core.$ZodIssue;
type Sentence = { readonly message: string; readonly hint: string };

/** Places of a key that are shown. */
const placesMax = 4;

/** Faults for `issues` about the value of `root`. */
export function diagnose(issues: readonly Issue[], root: TreeNode): Fault[] {
  return issues.flatMap((issue) => diagnoseAt(issue, [], root));
}

function diagnoseAt(issue: Issue, prefix: Path, root: TreeNode): Fault[] {
  const path = [...prefix, ...issue.path.map(step)];
  const node = findNode(root, path);
  if (node?.broken) return [];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], root));
  }
  if (node === null) return [missing(path, root)];
  if (node.value === null) return [noValue(path, node)];
  if (typeof node.value === "string" && isLaterValue(path, node.value)) {
    const word = quoted(`${String(path.at(-1))}: ${node.value}`);
    const message = `this version of Ballast does not have ${word} yet`;
    return [fault(node.offset, path, { message, hint: instead(issue) })];
  }
  if (issue.code === "invalid_union") {
    return branchOf(issue.errors, node.value).flatMap((inner) => diagnoseAt(inner, path, root));
  }
  return [fault(node.offset, path, describe(issue, node.value, path))];
}

/** The form that the operator meant: the first whose type fits, else the one that says most. */
function branchOf(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] {
  const fitting = branches.find((issues) => !issues.some((issue) => isWrongType(issue, value)));
  const talking = branches.find((issues) => issues.some((issue) => issue.code === "custom"));
  return fitting ?? talking ?? branches[0] ?? [];
}

function isWrongType(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") {
    return issue.errors.every((issues) => issues.some((inner) => isWrongType(inner, value)));
  }
  // A map or a list is no word, whichever words there are.
  if (issue.code === "invalid_value") return typeof value === "object";
  return (
    issue.code === "invalid_type" || (issue.code === "custom" && !!issue.params?.["wrongType"])
  );
}

function unknownKey(path: Path, root: TreeNode): Fault {
  const key = String(path.at(-1));
  const offset = keyOffset(root, path);
  if (isLaterKey(path)) {
    const message = `this version of Ballast does not have ${quoted(key)} yet`;
    return fault(offset, path, { message, hint: "Remove it." });
  }
  const known = keysAt(path.slice(0, -1));
  const glued = gluedKey(key);
  const isGlued = glued !== null && known.includes(glued);
  const meant = isGlued ? glued : (keyMeantBy(key, known) ?? nearest(key, known));
  let hint = meant === null ? unknownHint(path, known) : `Did you mean "${meant}"?`;
  if (isGlued) hint = spaceHint(glued);
  const unknown = fault(offset, path, { message: `unknown key ${quoted(key)}`, hint });
  return meant === null ? unknown : { ...unknown, meant: [...path.slice(0, -1), meant] };
}

/** For a key at `path` that is like none of the `known` ones. */
function unknownHint(path: Path, known: readonly string[]): string {
  const key = String(path.at(-1));
  const [, first = "", second = ""] = /^([a-z]+) ([a-z-]+)$/.exec(key) ?? [];
  if (known.includes(first)) return `Write ${first}: { ${second}: ... }.`;
  const places = placesFor(key, path);
  if (places !== "") return `It belongs in ${places}.`;
  const name = keyMeantBy(key, allKeys());
  if (name !== null) {
    return `It is called "${name}" here and belongs in ${placesFor(name, path)}.`;
  }
  const list = `Known here: ${known.join(", ")}.`;
  return key === "option" ? `What HAProxy calls an option is a key of its own. ${list}` : list;
}

/** Where `key` may stand; places in the same section of the file as `path` come first. */
function placesFor(key: string, path: Path): string {
  const section = `${String(path[0])}.`;
  const isNear = (place: string): boolean => `${place}.`.startsWith(section);
  const places = placesOf(key);
  const ordered = [...places.filter(isNear), ...places.filter((place) => !isNear(place))];
  return ordered.slice(0, placesMax).join(" or ");
}

function missing(path: Path, root: TreeNode): Fault {
  const message = `${quoted(String(path.at(-1)))} is missing`;
  return fault(keyOffset(root, path), path, { message, hint: addHint(path) });
}

function noValue(path: Path, node: TreeNode): Fault {
  if (path.length === 0) {
    return fault(node.offset, path, {
      message: "the file is empty",
      hint: "Write frontends and backends into it.",
    });
  }
  const message = `${quoted(String(path.at(-1)))} has no value`;
  const example = keysAt(path).length > 0 ? null : exampleAt(path);
  const hint = example === null ? "Indent what belongs to it" : `Write a value such as ${example}`;
  return fault(node.offset, path, { message, hint: `${hint}, or remove the line.` });
}

function addHint(path: Path): string {
  const example = exampleAt(path);
  const key = String(path.at(-1));
  const where = path.length > 1 ? ` to ${formatPath(path.slice(0, -1))}` : "";
  return example === null ? `Add ${key}${where}.` : `Add ${key}: ${example}${where}.`;
}

function describe(issue: Issue, value: unknown, path: Path): Sentence {
  switch (issue.code) {
    case "custom":
      return { message: issue.message, hint: String(issue.params?.["hint"] ?? "") };
    case "invalid_value":
      return notOneOf(issue.values.map(String), value);
    case "invalid_type":
      return wrongType(issue.expected, value, path);
    case "too_small":
      return { message: "the list is empty", hint: "Give it one item at least." };
    default:
      return { message: issue.message, hint: "" };
  }
}

function wrongType(expected: string, value: unknown, path: Path): Sentence {
  if (expected === "boolean") {
    return { message: `${shown(value)} is neither true nor false`, hint: "Write true or false." };
  }
  if (expected === "string") {
    const scalar = typeof value === "number" || typeof value === "boolean";
    const hint = scalar ? `Put it between quotes: "${value}".` : "Write one word.";
    return { message: `${shown(value)} is not text`, hint };
  }
  if (expected === "array") {
    const hint = `Write ${String(path.at(-1))}: ${exampleAt(path) ?? "[..]"}.`;
    return { message: `${shown(value)} stands where a list must be`, hint };
  }
  return { message: `${shown(value)} stands where a map must be`, hint: mapHint(value, path) };
}

function mapHint(value: unknown, path: Path): string {
  const glued = typeof value === "string" ? gluedKey(value) : null;
  if (glued !== null) return spaceHint(glued);
  const example = exampleAt(path);
  if (example === null) return "Write KEY: VALUE lines.";
  if (keysAt(path).length > 0) return `Write ${String(path.at(-1))}: ${example}.`;
  return `Write a line for each, with its name: ${example.slice("{ ".length, -" }".length)}.`;
}

function instead(issue: Issue): string {
  const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
  return words.length === 0 ? "Remove it." : `It has ${words.join(", ")}.`;
}

function step(part: PropertyKey): string | number {
  return typeof part === "number" ? part : String(part);
}

function fault(offset: number, path: Path, { message, hint }: Sentence): Fault {
  return { severity: "error", offset, path, message, hint };
}
