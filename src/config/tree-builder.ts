// Turns composed YAML nodes into the tree of tree.ts: environment variables put in, aliases
// followed within a limit, keys made text, duplicate keys found. document.ts calls it.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  Scalar,
  type Schema,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Fault, Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { hasReference, substitute } from "./substitution.ts";
import type { TreeEntry, TreeNode } from "./tree.ts";

/** Values that aliases may add to a file, over all of them: no file may multiply itself. */
export const aliasedValuesMax = 10_000;

export class TreeBuilder {
  readonly faults: Fault[] = [];
  readonly #env: NodeJS.ProcessEnv;
  readonly #tags: Schema["tags"];
  readonly #lines: LineCounter;
  /** The latest node of each anchor; null while that node is still being built. */
  readonly #anchors = new Map<string, TreeNode | null>();
  #aliasedValues = 0;

  constructor(env: NodeJS.ProcessEnv, tags: Schema["tags"], lines: LineCounter) {
    this.#env = env;
    this.#tags = tags;
    this.#lines = lines;
  }

  /** The tree of `node`, which stands at `path`. */
  build(node: unknown, path: Path, fallbackOffset = 0): TreeNode {
    if (isAlias(node)) return this.#followAlias(node.source, offsetOf(node, fallbackOffset), path);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const built = this.#buildContent(node, path, fallbackOffset);
    if (anchor !== undefined) this.#anchors.set(anchor, built);
    return built;
  }

  #buildContent(node: unknown, path: Path, fallbackOffset: number): TreeNode {
    if (isMap(node)) return this.#buildMap(node, path, fallbackOffset);
    if (isSeq(node)) return this.#buildList(node, path, fallbackOffset);
    if (isScalar(node)) return this.#buildScalar(node, path, fallbackOffset);
    return leaf(fallbackOffset, null);
  }

  #buildMap(map: YAMLMap, path: Path, fallbackOffset: number): TreeNode {
    const entries = new Map<string, TreeEntry>();
    const value: Record<string, unknown> = {};
    const offset = offsetOf(map, fallbackOffset);
    let size = 1;
    for (const pair of map.items) {
      const keyOffset = offsetOf(pair.key, offset);
      const key = this.#readKey(pair, path, keyOffset);
      const node = this.build(pair.value, key === null ? path : [...path, key], keyOffset);
      if (key === null) continue;
      const first = entries.get(key);
      if (first) {
        const { line } = this.#lines.linePos(first.keyOffset);
        const hint = `The first one is on line ${line}; rename or remove one of them.`;
        this.#fault(keyOffset, [...path, key], `duplicate key ${quoted(key)}`, hint);
        continue;
      }
      entries.set(key, { keyOffset, node });
      value[key] = node.value;
      size += node.size;
    }
    return { offset, value, entries, items: null, size, broken: false };
  }

  #buildList(list: YAMLSeq, path: Path, fallbackOffset: number): TreeNode {
    const offset = offsetOf(list, fallbackOffset);
    const items = list.items.map((item, index) => this.build(item, [...path, index], offset));
    const size = items.reduce((sum, item) => sum + item.size, 1);
    const value = items.map((item) => item.value);
    return { offset, value, entries: null, items, size, broken: false };
  }

  #buildScalar(scalar: Scalar, path: Path, fallbackOffset: number): TreeNode {
    const empty = scalar.value === null && !scalar.source;
    const offset = empty ? fallbackOffset : offsetOf(scalar, fallbackOffset);
    if (typeof scalar.value !== "string" || !hasReference(scalar.value)) {
      return leaf(offset, scalar.value);
    }
    const reading = substitute(scalar.value, this.#env);
    if (!reading.ok) return this.#broken(offset, path, reading.message, reading.hint);
    const plain = scalar.type === Scalar.PLAIN && scalar.tag === undefined;
    return leaf(offset, plain ? this.#retype(reading.value) : reading.value);
  }

  /** What YAML makes of a plain scalar with this text: a number, a boolean, null or the text. */
  #retype(text: string): unknown {
    for (const tag of this.#tags) {
      if (tag.collection || tag.default !== true || !tag.test?.test(text)) continue;
      const resolved = tag.resolve(text, () => undefined, {});
      return isScalar(resolved) ? resolved.value : resolved;
    }
    return text;
  }

  #followAlias(name: string, offset: number, path: Path): TreeNode {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      // HAProxy's way of writing a bind.
      const port = /^:\d+$/.exec(name)?.[0];
      if (port !== undefined) {
        const message = `YAML takes *${port} for an alias`;
        return this.#broken(offset, path, message, `Write ${quoted(port)} for all addresses.`);
      }
      const message = `the alias *${name} has no anchor before it`;
      return this.#broken(offset, path, message, `Write &${name} before the value that it means.`);
    }
    if (target === null) {
      const message = `the alias *${name} stands inside the value that it means`;
      return this.#broken(offset, path, message, "Write the value out instead.");
    }
    this.#aliasedValues += target.size;
    if (this.#aliasedValues > aliasedValuesMax) {
      const message = `aliases add more than ${aliasedValuesMax} values to the file`;
      return this.#broken(offset, path, message, "Write the values out, or use fewer aliases.");
    }
    return target;
  }

  #readKey(pair: Pair, path: Path, offset: number): string | null {
    const { key } = pair;
    if (!isScalar(key) || (key.value === null && !key.source)) {
      this.#fault(offset, path, "a key must be a word", "Write it as NAME: value.");
      return null;
    }
    // A key that looks like a number or a boolean keeps the spelling of the file.
    const text = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    if (text === "<<") {
      const hint = "Write the keys out; what many share can stand in defaults.";
      this.#fault(offset, [...path, text], "maps cannot be merged with <<", hint);
      return null;
    }
    // An object would take it for its prototype.
    if (text === "__proto__") {
      this.#fault(
        offset,
        [...path, text],
        `${quoted(text)} cannot be a name`,
        "Choose another one.",
      );
      return null;
    }
    return text;
  }

  #broken(offset: number, path: Path, message: string, hint: string): TreeNode {
    this.#fault(offset, path, message, hint);
    return { ...leaf(offset, undefined), broken: true };
  }

  #fault(offset: number, path: Path, message: string, hint: string): void {
    this.faults.push({ severity: "error", offset, path, message, hint });
  }
}

function leaf(offset: number, value: unknown): TreeNode {
  return { offset, value, entries: null, items: null, size: 1, broken: false };
}

/** Where a node begins in the text; nodes that are not written there have no range. */
function offsetOf(node: unknown, fallback: number): number {
  const ranged = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node);
  return (ranged ? node.range?.[0] : undefined) ?? fallback;
}
