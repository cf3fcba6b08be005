// A configuration's values with their places in the text. The builder makes it; diagnosis and the
// semantic checks look things up in it. It imports nothing but types.
import type { Path } from "./problem.ts";

/** One value. Exactly one of `entries`, `items` and neither is set: a map, a list, a scalar. */
export interface TreeNode {
  /** Where the value begins in the text. */
  readonly offset: number;
  /** The same as plain data; undefined when broken. */
  readonly value: unknown;
  /** In the order of the file, which plain objects do not keep for names that are numbers. */
  readonly entries: ReadonlyMap<string, TreeEntry> | null;
  readonly items: readonly TreeNode[] | null;
  /** How many values it holds, itself included. */
  readonly size: number;
  /** A fault was told about it already, so nothing more should be said. */
  readonly broken: boolean;
}

export interface TreeEntry {
  /** Where the key begins in the text. */
  readonly keyOffset: number;
  readonly node: TreeNode;
}

/** The value at `path` below `root`, or null. */
export function findNode(root: TreeNode, path: Path): TreeNode | null {
  let node: TreeNode | null = root;
  for (const step of path) {
    node = childOf(node, step);
    if (!node) return null;
  }
  return node;
}

/** Where the key at `path` begins; for a list's item, its value; for what is missing, the parent. */
export function keyOffset(root: TreeNode, path: Path): number {
  let node: TreeNode = root;
  let offset = root.offset;
  for (const step of path) {
    const child = childOf(node, step);
    if (!child) return offset;
    offset = node.entries?.get(String(step))?.keyOffset ?? child.offset;
    node = child;
  }
  return offset;
}

/** The map at `path`, or an empty one: for checks that take what is there. */
export function entriesAt(root: TreeNode, path: Path): ReadonlyMap<string, TreeEntry> {
  return findNode(root, path)?.entries ?? noEntries;
}

const noEntries: ReadonlyMap<string, TreeEntry> = new Map();

function childOf(node: TreeNode, step: string | number): TreeNode | null {
  if (typeof step === "number") return node.items?.[step] ?? null;
  return node.entries?.get(step)?.node ?? null;
}
