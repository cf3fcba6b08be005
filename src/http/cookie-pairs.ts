// The pairs of a Cookie field (RFC 6265 section 4.2.1): `a=1; b=2`. A semicolon always separates, also
// between quotes, as browsers and most servers see it (section 5.2 of the same). Names are compared
// byte for byte. Persistence edits these pairs, keys and templates look for one.
import { known } from "./field-name.ts";
import type { Head } from "./head.ts";
import type { Span } from "./span.ts";

const semicolon = 0x3b;
const equals = 0x3d;
const space = 0x20;
const tab = 0x09;

/** One pair at a time of `bytes[start..end)`. */
export class CookiePairs {
  bytes: Uint8Array;
  end: number;
  /** Where the next pair begins. */
  next: number;
  /** The pair with the space around it, up to its semicolon or the end. */
  pairStart: number;
  pairEnd: number;
  nameStart: number;
  nameEnd: number;
  /** Both -1: the pair has no equals sign. */
  valueStart: number;
  valueEnd: number;

  constructor() {
    this.bytes = new Uint8Array(0);
    this.end = 0;
    this.next = 0;
    this.pairStart = 0;
    this.pairEnd = 0;
    this.nameStart = 0;
    this.nameEnd = 0;
    this.valueStart = -1;
    this.valueEnd = -1;
  }

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.end = end;
    this.next = start;
  }

  /** Goes to the next pair; false: there is none. */
  advance(): boolean {
    const { bytes, end } = this;
    if (this.next > end) return false;
    const start = this.next;
    let at = start;
    let sign = -1;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === semicolon) break;
      if (byte === equals && sign < 0) sign = at;
    }
    this.pairStart = start;
    this.pairEnd = at;
    // One behind the end says that the last pair was had; a semicolon at the end opens an empty one.
    this.next = at < end ? at + 1 : end + 1;
    this.nameStart = skipSpace(bytes, start, at);
    this.nameEnd = trimSpace(bytes, this.nameStart, sign < 0 ? at : sign);
    this.valueStart = sign < 0 ? -1 : skipSpace(bytes, sign + 1, at);
    this.valueEnd = sign < 0 ? -1 : trimSpace(bytes, this.valueStart, at);
    return true;
  }

  /** Whether the pair has this name, and a value. */
  isNamed(name: Uint8Array): boolean {
    if (this.valueStart < 0 || this.nameEnd - this.nameStart !== name.length) return false;
    for (let i = 0; i < name.length; i++) {
      if (this.bytes[this.nameStart + i] !== name[i]) return false;
    }
    return true;
  }
}

const pairs = new CookiePairs();

/** The value of the first cookie of that name in any Cookie field that is not dropped. */
export function findCookie(head: Head, name: Uint8Array, into: Span): boolean {
  for (let i = head.find(known.cookie); i >= 0; i = head.find(known.cookie, i + 1)) {
    pairs.begin(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
    while (pairs.advance()) {
      if (!pairs.isNamed(name)) continue;
      into.set(pairs.bytes, pairs.valueStart, pairs.valueEnd);
      return true;
    }
  }
  return false;
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++;
  return at;
}

function trimSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === space || bytes[at - 1] === tab)) at--;
  return at;
}
