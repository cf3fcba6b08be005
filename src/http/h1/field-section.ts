// The lines behind the first one, up to the empty line: header fields of requests and responses. Reads
// them in one pass into a head. Strict (RFC 9112 section 5): CR LF ends a line, nothing is folded, no
// white space stands in or behind a name, no control byte in a value.
import { tokenLower } from "../characters.ts";
import type { Head } from "../head.ts";
import { Fault, Parsed } from "./fault.ts";
import type { Framing } from "./framing.ts";
import { ValueScan } from "./value-scan.ts";

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;

export class FieldSection {
  /** Where the first line begins that was not read to its end; when done, what follows the head. */
  at: number;
  readonly #framing: Framing;
  readonly #values: ValueScan;

  constructor(framing: Framing) {
    this.at = 0;
    this.#framing = framing;
    this.#values = new ValueScan();
  }

  /**
   * Reads lines from `start` on into `head`, at most `countMax` fields. Gives `Parsed.done` behind the
   * empty line, `Parsed.needMore` if there is none before `limit`, or a fault.
   */
  read(head: Head, start: number, limit: number, countMax: number): number {
    const { bytes } = head;
    let at = start;
    for (;;) {
      this.at = at;
      const nameStart = at;
      let hash = 0;
      for (; at < limit; at++) {
        const lower = tokenLower[bytes[at] as number] as number;
        if (lower === 0) break;
        hash = (Math.imul(hash, 31) + lower) | 0;
      }
      if (at === limit) return Parsed.needMore;
      if (bytes[at] !== colon || at === nameStart) return this.#noName(bytes, at, limit);
      const nameEnd = at;
      at++;
      while (at < limit && (bytes[at] === space || bytes[at] === tab)) at++;
      const valueStart = at;
      at = this.#values.end(bytes, at, limit);
      if (at === limit) return Parsed.needMore;
      if (bytes[at] !== carriageReturn) return badValue(bytes[at] as number);
      if (at + 1 === limit) return Parsed.needMore;
      if (bytes[at + 1] !== lineFeed) return Fault.lineEnd;
      let valueEnd = at;
      while (valueEnd > valueStart && isSpace(bytes[valueEnd - 1] as number)) valueEnd--;
      if (head.count === countMax) return Fault.tooManyFields;
      const i = head.push(nameStart, nameEnd, valueStart, valueEnd, hash);
      if (head.ids[i] !== 0) {
        const verdict = this.#framing.notice(head, i);
        if (verdict !== Parsed.done) return verdict;
      }
      at += 2;
    }
  }

  /** A line with no name and colon: the empty one, or a fault. */
  #noName(bytes: Uint8Array, at: number, limit: number): number {
    const byte = bytes[at] as number;
    const empty = at === this.at;
    if (empty && byte === carriageReturn) {
      if (at + 1 === limit) return Parsed.needMore;
      if (bytes[at + 1] !== lineFeed) return Fault.lineEnd;
      this.at = at + 2;
      return Parsed.done;
    }
    if (byte === lineFeed || byte === carriageReturn) return Fault.lineEnd;
    if (isSpace(byte)) return empty ? Fault.fold : Fault.spaceInName;
    return Fault.fieldName;
  }
}

function badValue(byte: number): Fault {
  return byte === lineFeed ? Fault.lineEnd : Fault.fieldValue;
}

function isSpace(byte: number): boolean {
  return byte === space || byte === tab;
}
