// The elements of a field's list: what stands between commas, white space around it left away (RFC
// 9110 section 5.6.1). Framing reads Connection, Transfer-Encoding, TE and Upgrade with it. Quoted
// strings are not understood: no element of these may hold one.
import { lowerCase, tokenLower } from "../characters.ts";
import { type FieldName, sameName } from "../field-name.ts";

const comma = 0x2c;

export class ListCursor {
  #bytes: Uint8Array;
  #at: number;
  #end: number;
  /** The element found: bytes[start..stop). Both the same: an empty one. */
  start: number;
  stop: number;
  /** Of the element in lower case, if it is a token; see field-name.ts. */
  hash: number;
  /** The element is a token, and nothing else. */
  isToken: boolean;

  constructor() {
    this.#bytes = new Uint8Array(0);
    this.#at = 0;
    this.#end = -1;
    this.start = 0;
    this.stop = 0;
    this.hash = 0;
    this.isToken = false;
  }

  /** To the beginning of the list `bytes[start..end)`. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** To the next element; false: there is none. */
  next(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    if (at > end) return false;
    while (at < end && isSpace(bytes[at] as number)) at++;
    this.start = at;
    let hash = 0;
    for (; at < end; at++) {
      const lower = tokenLower[bytes[at] as number] as number;
      if (lower === 0) break;
      hash = (Math.imul(hash, 31) + lower) | 0;
    }
    this.hash = hash;
    this.stop = at;
    while (at < end && isSpace(bytes[at] as number)) at++;
    this.isToken = this.stop > this.start && (at === end || bytes[at] === comma);
    while (at < end && bytes[at] !== comma) {
      if (!isSpace(bytes[at] as number)) this.stop = at + 1;
      at++;
    }
    this.#at = at + 1;
    return true;
  }

  /** Whether the element is this name, in any case. */
  is(name: FieldName): boolean {
    return (
      this.isToken && this.hash === name.hash && sameName(name, this.#bytes, this.start, this.stop)
    );
  }

  /** Whether the same bytes hold the element at `start` once more, in any case. */
  isAt(start: number, end: number): boolean {
    const bytes = this.#bytes;
    const length = this.stop - this.start;
    if (end - start !== length) return false;
    for (let i = 0; i < length; i++) {
      if (lowerCase[bytes[start + i] as number] !== lowerCase[bytes[this.start + i] as number]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the element begins with `prefix`, which is in lower case. */
  beginsWith(prefix: Uint8Array): boolean {
    if (this.stop - this.start < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) {
      if (lowerCase[this.#bytes[this.start + i] as number] !== prefix[i]) return false;
    }
    return true;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
