// A condition on a cookie of the request (RFC 6265 section 4.2.1): of cookies of the same name any may
// hold, in one Cookie field or several, which HTTP/2 allows (RFC 9113 section 8.2.3). Quotes around a
// value are not part of it. Names are compared with regard to case.
import type { FieldMatch } from "../../../config/route-plan.ts";
import { known } from "../../../http/field-name.ts";
import { equalBytes } from "./byte-table.ts";
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";
import { ValueMatcher } from "./value-matcher.ts";

const semicolon = 0x3b;
const equals = 0x3d;
const quote = 0x22;

export class CookieCondition implements Condition {
  readonly what: string;
  readonly #name: Uint8Array;
  readonly #absent: boolean;
  readonly #values: ValueMatcher;

  constructor({ name, absent, values }: FieldMatch) {
    this.what = `cookie ${name}`;
    this.#name = Uint8Array.from(Buffer.from(name));
    this.#absent = absent;
    this.#values = new ValueMatcher(values);
  }

  holds({ head }: RequestView): boolean {
    for (let i = head.find(known.cookie); i >= 0; i = head.find(known.cookie, i + 1)) {
      if (this.#isIn(head.bytesOf(i), head.valueStart(i), head.valueEnd(i))) return !this.#absent;
    }
    return this.#absent;
  }

  /** Whether a cookie is there that holds; of an absent one: that is there at all. */
  #isIn(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      while (at < end && isBlank(bytes[at] as number)) at++;
      const nameStart = at;
      while (at < end && bytes[at] !== equals && bytes[at] !== semicolon) at++;
      const nameEnd = trimmed(bytes, nameStart, at);
      // Without `=` it is a value without a name (RFC 6265bis section 5.6).
      const hasName = at < end && bytes[at] === equals;
      let valueStart = hasName ? at + 1 : at;
      while (at < end && bytes[at] !== semicolon) at++;
      if (hasName && equalBytes(this.#name, bytes, nameStart, nameEnd)) {
        while (valueStart < at && isBlank(bytes[valueStart] as number)) valueStart++;
        let valueEnd = trimmed(bytes, valueStart, at);
        const quoted = valueEnd - valueStart >= 2 && bytes[valueStart] === quote;
        if (quoted && bytes[valueEnd - 1] === quote) {
          valueStart++;
          valueEnd--;
        }
        if (this.#absent || this.#values.test(bytes, valueStart, valueEnd)) return true;
      }
      at++;
    }
    return false;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Where `bytes[start..end)` ends without white space. */
function trimmed(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && isBlank(bytes[end - 1] as number)) end--;
  return end;
}
