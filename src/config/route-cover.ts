// Routes that no request can come to, because an earlier one takes all that they match. Only what
// can be seen without understanding expressions is told. route-semantics.ts calls it.
import { readHostMatch, readPathMatch } from "./match-values.ts";
import { readServerNameMatch } from "./server-name-values.ts";
import type { TreeNode } from "./tree.ts";

/** What one route asks for: by condition, `host` or `header:x-beta`, the texts of which one must hold. */
export type Conditions = ReadonlyMap<string, readonly string[]>;

const simple = ["host", "path", "method", "source", "sni", "alpn", "body"] as const;
const named = ["header", "query", "cookie"] as const;
/** What a field must be when it must not be there. */
const none = "\0";

/** The conditions of a route; null where something cannot be read. */
export function conditionsOf(route: TreeNode): Conditions | null {
  const conditions = new Map<string, readonly string[]>();
  // A redirect to https is only for what did not come over TLS.
  const redirect = route.entries?.get("redirect")?.node;
  if (redirect?.entries?.has("scheme")) conditions.set("secure", ["false"]);
  const match = route.entries?.get("match")?.node;
  if (!match) return conditions;
  if (!match.entries) return null;
  for (const key of simple) {
    const node = match.entries.get(key)?.node;
    if (!node) continue;
    const texts = (node.items ?? [node]).map((item) => textOf(key, item));
    if (texts.includes(null)) return null;
    conditions.set(
      key,
      texts.filter((text) => text !== null),
    );
  }
  for (const key of named) {
    for (const [name, { node }] of match.entries.get(key)?.node.entries ?? []) {
      const spelt = key === "header" ? name.toLowerCase() : name;
      const texts = (node.items ?? [node]).map(({ value }) =>
        value === false ? none : String(value),
      );
      conditions.set(`${key}:${spelt}`, texts);
    }
  }
  const bodyMax = match.entries.get("maxBody")?.node.value;
  if (conditions.has("body")) conditions.set("maxBody", [String(bodyMax)]);
  return conditions;
}

function textOf(key: string, { value }: TreeNode): string | null {
  if (key === "host") {
    const reading = readHostMatch(value);
    if (!reading.ok) return null;
    return reading.value.kind === "suffix" ? `*${reading.value.value}` : reading.value.value;
  }
  if (key === "sni") {
    const reading = readServerNameMatch(value);
    return reading.ok ? reading.value : null;
  }
  if (key === "path") return readPathMatch(value).ok ? String(value) : null;
  return JSON.stringify(value) ?? null;
}

/** Whether every request that `later` matches is one that `earlier` matches. */
export function covers(earlier: Conditions, later: Conditions): boolean {
  for (const [condition, texts] of earlier) {
    const others = later.get(condition);
    if (!others) return false;
    const all = others.every((other) => texts.some((text) => includes(condition, text, other)));
    if (!all) return false;
  }
  return true;
}

function includes(condition: string, text: string, other: string): boolean {
  if (text === other) return true;
  if (condition === "host" || condition === "sni")
    return text.startsWith("*.") && other.endsWith(text.slice(1));
  if (condition === "path") {
    if (!text.endsWith("/*") || text.startsWith("~") || other.startsWith("~")) return false;
    return other.startsWith(text.slice(0, -1)) || other === text.slice(0, -2);
  }
  if (!condition.includes(":") || other === none) return false;
  if (text === "*") return true;
  return /^[^~].*\*$/.test(text) && !other.startsWith("~") && other.startsWith(text.slice(0, -1));
}
