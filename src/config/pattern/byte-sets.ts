// The sets of bytes that classes of a pattern stand for.
import type { ByteSet } from "./tree.ts";

export function setOf(holds: (code: number) => boolean): ByteSet {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a && code < 0x80;
}

/** `\w`, and what `\b` stands beside. */
export const wordBytes: ByteSet = setOf((code) => isDigit(code) || isLetter(code) || code === 0x5f);

/** `.`: all but line ends. */
export const anyBytes: ByteSet = setOf((code) => code !== 0x0a && code !== 0x0d);

export function inverse(set: ByteSet): ByteSet {
  return set.map((cell) => 1 - cell);
}

const digits = setOf(isDigit);
const blanks = setOf((code) => code === 0x20 || (code >= 0x09 && code <= 0x0d));

/** By the letter behind the backslash. */
export const classes: ReadonlyMap<string, ByteSet> = new Map([
  ["d", digits],
  ["D", inverse(digits)],
  ["w", wordBytes],
  ["W", inverse(wordBytes)],
  ["s", blanks],
  ["S", inverse(blanks)],
]);

/** The set with both cases of each letter in it. */
export function foldCase(set: ByteSet): ByteSet {
  return setOf((code) => set[code] === 1 || (isLetter(code) && set[code ^ 0x20] === 1));
}
