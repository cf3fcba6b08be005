// A condition on a cookie of the request (RFC 6265 section 4.2.1): of cookies of the same name any may
// hold, in one Cookie field or several, which HTTP/2 allows (RFC 9113 section 8.2.3). Quotes around a
// value are not part of it. Names are compared with regard to case.
import type { FieldMatch } from "../../../config/route-plan.ts";
import { CookiePairs } from "../../../http/cookie-pairs.ts";
import { known } from "../../../http/field-name.ts";
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";
import { ValueMatcher } from "./value-matcher.ts";

const quote = 0x22;

const pairs = new CookiePairs();

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

  /** Of an absent one: whether none is there at all. */
  holds({ head }: RequestView): boolean {
    for (let i = head.find(known.cookie); i >= 0; i = head.find(known.cookie, i + 1)) {
      pairs.begin(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
      while (pairs.advance()) {
        if (pairs.isNamed(this.#name) && (this.#absent || this.#fits())) return !this.#absent;
      }
    }
    return this.#absent;
  }

  /** Whether the value of the pair at hand is one of those wanted. */
  #fits(): boolean {
    const { bytes } = pairs;
    let { valueStart: start, valueEnd: end } = pairs;
    if (end - start >= 2 && bytes[start] === quote && bytes[end - 1] === quote) {
      start++;
      end--;
    }
    return this.#values.test(bytes, start, end);
  }
}
