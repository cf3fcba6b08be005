// A pattern as instructions for a machine that is in many places at once (Thompson 1968; Cox,
// "Regular Expression Matching: the Virtual Machine Approach", 2009). Where a choice is, `first` is
// preferred. Made from the tree once; the automaton and the machine run it.
import { type Assertion, type ByteSet, mayBeEmpty, type PatternNode } from "./tree.ts";

/**
 * Instructions at most. Time is linear in text times instructions: 8 KiB of path against a thousand
 * of them, in the worst of patterns, is eight million steps.
 */
const instructionsMax = 1000;

export const Op = {
  /** Takes a byte of set `first`. */
  byte: 0,
  /** Goes on at `first` and at `second`. */
  split: 1,
  /** Goes on at `first`. */
  jump: 2,
  /** Notes the place in slot `first`. */
  save: 3,
  /** Goes on if the Assertion `first` holds. */
  assertion: 4,
  match: 5,
} as const;

export class Program {
  ops: Uint8Array;
  first: Int32Array;
  second: Int32Array;
  readonly sets: ByteSet[];
  /** Two of each group: where it begins and where it ends; the first two are the whole match's. */
  readonly slots: number;
  length: number;

  constructor(tree: PatternNode, groups: number) {
    this.ops = new Uint8Array(instructionsMax);
    this.first = new Int32Array(instructionsMax);
    this.second = new Int32Array(instructionsMax);
    this.sets = [];
    this.slots = (groups + 1) * 2;
    this.length = 0;
    this.#write({ kind: "group", group: 0, node: tree });
    this.#add(Op.match, 0);
    this.ops = this.ops.slice(0, this.length);
    this.first = this.first.slice(0, this.length);
    this.second = this.second.slice(0, this.length);
  }

  #add(op: number, first: number, second = 0): number {
    if (this.length === instructionsMax) {
      throw new SyntaxError(`too large: more than ${instructionsMax} steps`);
    }
    this.ops[this.length] = op;
    this.first[this.length] = first;
    this.second[this.length] = second;
    return this.length++;
  }

  #write(node: PatternNode): void {
    switch (node.kind) {
      case "byte":
        this.#add(Op.byte, this.#setIndex(node.set));
        break;
      case "assertion":
        this.#add(Op.assertion, node.assertion satisfies Assertion);
        break;
      case "sequence":
        for (const each of node.nodes) this.#write(each);
        break;
      case "choice":
        this.#writeChoice(node.nodes);
        break;
      case "group":
        this.#add(Op.save, node.group * 2);
        this.#write(node.node);
        this.#add(Op.save, node.group * 2 + 1);
        break;
      default:
        this.#writeRepeat(node.node, node.least, node.most, node.greedy);
        break;
    }
  }

  #writeChoice(nodes: readonly PatternNode[]): void {
    const ends: number[] = [];
    for (const [i, node] of nodes.entries()) {
      if (i === nodes.length - 1) {
        this.#write(node);
        break;
      }
      const split = this.#add(Op.split, this.length + 1);
      this.#write(node);
      ends.push(this.#add(Op.jump, 0));
      this.second[split] = this.length;
    }
    for (const end of ends) this.first[end] = this.length;
  }

  #writeRepeat(node: PatternNode, least: number, most: number, greedy: boolean): void {
    const endless = most === Infinity;
    // A body that may be empty is written once more, so that its first turn may be an empty one.
    const copies = endless && least > 0 && !mayBeEmpty(node) ? least - 1 : least;
    for (let i = 0; i < copies; i++) this.#write(node);
    if (endless && copies < least) {
      const body = this.length;
      this.#write(node);
      this.#split(body, this.length + 1, greedy);
      return;
    }
    if (endless) {
      const split = this.#split(this.length + 1, 0, greedy);
      this.#write(node);
      this.#add(Op.jump, split);
      this.#leave(split, greedy);
      return;
    }
    const splits: number[] = [];
    for (let i = least; i < most; i++) {
      splits.push(this.#split(this.length + 1, 0, greedy));
      this.#write(node);
    }
    for (const split of splits) this.#leave(split, greedy);
  }

  #split(body: number, out: number, greedy: boolean): number {
    return greedy ? this.#add(Op.split, body, out) : this.#add(Op.split, out, body);
  }

  /** A split leaves its loop to what is written next. */
  #leave(split: number, greedy: boolean): void {
    (greedy ? this.second : this.first)[split] = this.length;
  }

  #setIndex(set: ByteSet): number {
    const known = this.sets.findIndex((other) => other.every((cell, i) => cell === set[i]));
    return known < 0 ? this.sets.push(set) - 1 : known;
  }
}
