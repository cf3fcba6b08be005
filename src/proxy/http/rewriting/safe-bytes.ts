// What keeps values that clients choose from being more than values. A template appends what it was
// given, then one of these goes over those bytes, according to where they are to stand.
import type { ByteBuilder } from "../../../http/byte-builder.ts";
import { inFieldValue } from "../../../http/characters.ts";

/** Where bytes are to stand in a URI. Bits of one table. */
export const UriPart = {
  /** Our own text: any character of RFC 3986, delimiters included. */
  text: 1,
  /** From a target, in its encoding already: the same without `#`. */
  encoded: 2,
  /** The same without `?`: a path, or one parameter of a query. */
  encodedPath: 4,
  /** Any text, one segment or value: what encodeURIComponent leaves as it is. */
  component: 8,
  /** A host with or without port. */
  host: 16,
} as const;
export type UriPart = (typeof UriPart)[keyof typeof UriPart];

const digits = Buffer.from("0123456789ABCDEF", "latin1");

const parts: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  const uri = /[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/.test(char);
  return (
    (uri ? UriPart.text : 0) |
    (uri && char !== "#" ? UriPart.encoded : 0) |
    (uri && char !== "#" && char !== "?" ? UriPart.encodedPath : 0) |
    (/[A-Za-z0-9\-._~!'()*]/.test(char) ? UriPart.component : 0) |
    (/[A-Za-z0-9\-._~:[\]!$&'()*+,;=%]/.test(char) ? UriPart.host : 0)
  );
});

/**
 * Drops from `start` on what may not stand in a field's value: control characters, CR, LF and NUL
 * among them. Dropped and not replaced, because no server means anything by them; a codec has
 * refused such fields long before, so this is the second lock on that door.
 */
export function keepFieldBytes(out: ByteBuilder, start: number): void {
  const { bytes, length } = out;
  let to = start;
  for (let at = start; at < length; at++) {
    const byte = bytes[at] as number;
    if (inFieldValue[byte] === 1) bytes[to++] = byte;
  }
  out.length = to;
}

/** Percent-encodes from `start` on what may not stand in that part of a URI (RFC 3986 section 2.1). */
export function encodeUriBytes(out: ByteBuilder, start: number, part: UriPart): void {
  const end = out.length;
  let wrong = 0;
  for (let at = start; at < end; at++) {
    if (((parts[out.bytes[at] as number] as number) & part) === 0) wrong++;
  }
  if (wrong === 0) return;
  out.reserve(wrong * 2);
  const { bytes } = out;
  out.length = end + wrong * 2;
  // From the end, so that no byte is overwritten before it was read.
  for (let at = end - 1, to = out.length - 1; to > at; at--) {
    const byte = bytes[at] as number;
    if (((parts[byte] as number) & part) !== 0) {
      bytes[to--] = byte;
      continue;
    }
    bytes[to--] = digits[byte & 15] as number;
    bytes[to--] = digits[byte >> 4] as number;
    bytes[to--] = 0x25;
  }
}

/** Drops from `start` on what may not stand in a Host field. */
export function keepHostBytes(out: ByteBuilder, start: number): void {
  const { bytes, length } = out;
  let to = start;
  for (let at = start; at < length; at++) {
    const byte = bytes[at] as number;
    if (((parts[byte] as number) & UriPart.host) !== 0) bytes[to++] = byte;
  }
  out.length = to;
}
