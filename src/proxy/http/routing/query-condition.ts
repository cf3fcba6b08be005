// A condition on a query parameter, read as forms are written (WHATWG URL, section 5.1): `&` between
// parameters, percent-encoded names and values, `+` for a space. Of parameters of the same name any
// may hold; one without `=` has the empty value. What is no valid encoding stands for itself.
import type { FieldMatch } from "../../../config/route-plan.ts";
import { hexValue } from "../../../http/characters.ts";
import { equalBytes } from "./byte-table.ts";
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";
import { ValueMatcher } from "./value-matcher.ts";

const ampersand = 0x26;
const equals = 0x3d;
const percent = 0x25;
const plus = 0x2b;

let decoded = new Uint8Array(1024);

/** Decodes `bytes[start..end)` into `decoded` and gives its length. */
function decode(bytes: Uint8Array, start: number, end: number): number {
  if (decoded.length < end - start) decoded = new Uint8Array((end - start) * 2);
  let length = 0;
  for (let i = start; i < end; i++) {
    let byte = bytes[i] as number;
    if (byte === plus) {
      byte = 0x20;
    } else if (byte === percent && i + 2 < end) {
      const high = hexValue[bytes[i + 1] as number] as number;
      const low = hexValue[bytes[i + 2] as number] as number;
      if ((high | low) !== 255) {
        byte = (high << 4) | low;
        i += 2;
      }
    }
    decoded[length++] = byte;
  }
  return length;
}

export class QueryCondition implements Condition {
  readonly what: string;
  readonly #name: Uint8Array;
  readonly #absent: boolean;
  readonly #values: ValueMatcher;

  constructor({ name, absent, values }: FieldMatch) {
    this.what = `query ${name}`;
    this.#name = Uint8Array.from(Buffer.from(name));
    this.#absent = absent;
    this.#values = new ValueMatcher(values);
  }

  holds({ head: { bytes, queryStart, queryEnd } }: RequestView): boolean {
    let start = queryStart;
    while (start < queryEnd) {
      let mark = -1;
      let end = start;
      for (; end < queryEnd && bytes[end] !== ampersand; end++) {
        if (bytes[end] === equals && mark < 0) mark = end;
      }
      if (mark < 0) mark = end;
      // An empty piece, as in `a&&b`, is no parameter.
      if (end > start && equalBytes(this.#name, decoded, 0, decode(bytes, start, mark))) {
        if (this.#absent) return false;
        const length = mark < end ? decode(bytes, mark + 1, end) : 0;
        if (this.#values.test(decoded, 0, length)) return true;
      }
      start = end + 1;
    }
    return this.#absent;
  }
}
