// What assertions look at: the kinds of the bytes before and behind a place.
import { Assertion } from "./tree.ts";
import { wordBytes } from "./byte-sets.ts";

/** What stands beside a place. */
export const Beside = {
  /** The text begins or ends there. */
  nothing: 0,
  word: 1,
  other: 2,
} as const;

export function besideOf(byte: number): number {
  return wordBytes[byte] === 1 ? Beside.word : Beside.other;
}

export function assertionHolds(assertion: number, before: number, behind: number): boolean {
  if (assertion === Assertion.begin) return before === Beside.nothing;
  if (assertion === Assertion.end) return behind === Beside.nothing;
  const isEdge = (before === Beside.word) !== (behind === Beside.word);
  return isEdge === (assertion === Assertion.wordEdge);
}
