// What can be said of a program without a text: what makes running it, or asking it at all, cheaper.
import { wordBytes } from "./byte-sets.ts";
import { Op, type Program } from "./program.ts";
import { Assertion } from "./tree.ts";

/** A match can only begin where the text begins. */
export function isAnchored({ ops, first, second }: Program): boolean {
  const seen = new Set<number>();
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const op = ops[at];
    if (op === Op.byte || op === Op.match) return false;
    if (op === Op.assertion && first[at] === Assertion.begin) continue;
    if (op === Op.split) open.push(second[at] as number);
    open.push(op === Op.split || op === Op.jump ? (first[at] as number) : at + 1);
  }
  return true;
}

/** Its answer depends on what stands beside a place. */
export function looksBeside({ ops, first }: Program): boolean {
  return ops.some(
    (op, i) => op === Op.assertion && first[i] !== Assertion.begin && first[i] !== Assertion.end,
  );
}

/** By byte: a number, the same for bytes that no set of the program tells apart. */
export function classesOf(program: Program): Uint8Array {
  const sets = looksBeside(program) ? [...program.sets, wordBytes] : program.sets;
  let classOf = new Uint8Array(256);
  for (const set of sets) {
    const numbers = new Map<number, number>();
    classOf = classOf.map((kind, byte) => {
      const key = kind * 2 + (set[byte] as number);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  }
  return classOf;
}

/**
 * What every text in which it is found begins with: `/users/` of `^/users/[0-9]+`. ASCII; empty when
 * nothing is sure.
 */
export function literalPrefix({ ops, first, sets }: Program): string {
  let prefix = "";
  let isAtBegin = false;
  for (let at = 0; ; at++) {
    const op = ops[at];
    if (op === Op.save) continue;
    if (op === Op.assertion && first[at] === Assertion.begin && prefix === "") {
      isAtBegin = true;
      continue;
    }
    if (op !== Op.byte || !isAtBegin) return prefix;
    const set = sets[first[at] as number] as Uint8Array;
    const byte = set.indexOf(1);
    if (byte < 0 || byte > 0x7f || set.lastIndexOf(1) !== byte) return prefix;
    prefix += String.fromCharCode(byte);
  }
}
