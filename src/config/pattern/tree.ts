// What a pattern says, as a tree: the reader makes it, the program is made of it.

export type PatternNode =
  /** One byte of a set. */
  | { readonly kind: "byte"; readonly set: ByteSet }
  /** No byte: something must hold where we stand. */
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly nodes: readonly PatternNode[] }
  /** The first that leads to a match. */
  | { readonly kind: "choice"; readonly nodes: readonly PatternNode[] }
  /** `group`: from 1. */
  | { readonly kind: "group"; readonly group: number; readonly node: PatternNode }
  /** `most`: Infinity for `*` and `+`. */
  | {
      readonly kind: "repeat";
      readonly node: PatternNode;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
    };

/** Bytes: 256 cells, 1: it is in the set. */
export type ByteSet = Uint8Array;

export const Assertion = {
  /** `^` */
  begin: 0,
  /** `$` */
  end: 1,
  /** `\b` */
  wordEdge: 2,
  /** `\B` */
  noWordEdge: 3,
} as const;
export type Assertion = (typeof Assertion)[keyof typeof Assertion];

/** Whether the node holds for no bytes at all. */
export function mayBeEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case "byte":
      return false;
    case "assertion":
      return true;
    case "sequence":
      return node.nodes.every(mayBeEmpty);
    case "choice":
      return node.nodes.some(mayBeEmpty);
    case "group":
      return mayBeEmpty(node.node);
    default:
      return node.least === 0 || mayBeEmpty(node.node);
  }
}
