// The parameters of a query: `a=1&b=2`. Names and values are taken as they were sent, nothing is
// decoded, so that what a key or a header is made of cannot hold what a target cannot.
import type { Span } from "./span.ts";

const ampersand = 0x26;
const equals = 0x3d;

/** The value of the first parameter of that name in `bytes[start..end)`; without `=` it is empty. */
export function findParameter(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: Uint8Array,
  into: Span,
): boolean {
  for (let at = start; at < end; at++) {
    let i = 0;
    while (i < name.length && at < end && bytes[at] === name[i]) {
      i++;
      at++;
    }
    if (i === name.length && (at === end || bytes[at] === equals || bytes[at] === ampersand)) {
      const valueStart = at < end && bytes[at] === equals ? at + 1 : at;
      let valueEnd = valueStart;
      while (valueEnd < end && bytes[valueEnd] !== ampersand) valueEnd++;
      into.set(bytes, valueStart, valueEnd);
      return true;
    }
    while (at < end && bytes[at] !== ampersand) at++;
  }
  return false;
}
