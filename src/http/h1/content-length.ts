// The number in a Content-Length field: digits and nothing else (RFC 9110 section 8.6). Framing calls
// it; what it makes of a bad one is a fault.

/** -1: it is none. Beyond 2^53 - 1 some number beyond that. */
export function contentLengthIn(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}
