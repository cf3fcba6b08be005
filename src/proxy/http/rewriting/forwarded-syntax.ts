// The syntax of RFC 7239: reading a parameter of one element of Forwarded, and writing a value as a
// token or in quotes.
import type { ByteBuilder } from "../../../http/byte-builder.ts";
import { tokenLower } from "../../../http/characters.ts";

const quote = 0x22;
const backslash = 0x5c;

/** The value of `for` in `for=192.0.2.1;proto=http`, say, without quotes; empty: there is none. */
export function forwardedParameter(element: string, wanted: "for" | "proto"): string {
  let at = 0;
  while (at < element.length) {
    const sign = element.indexOf("=", at);
    if (sign < 0) return "";
    const name = element.slice(at, sign).trim().toLowerCase();
    let value = "";
    at = sign + 1;
    if (element.charAt(at) === '"') {
      for (at++; at < element.length && element.charAt(at) !== '"'; at++) {
        if (element.charAt(at) === "\\") at++;
        value += element.charAt(at);
      }
      at = element.indexOf(";", at);
    } else {
      const from = at;
      at = element.indexOf(";", from);
      value = element.slice(from, at < 0 ? element.length : at).trim();
    }
    if (name === wanted) return value;
    if (at < 0) return "";
    at++;
  }
  return "";
}

/** `example.com` as it is, `example.com:8080` in quotes, because a colon is in no token. */
export function appendValue(out: ByteBuilder, from: Uint8Array, start: number, end: number): void {
  let isToken = end > start;
  for (let at = start; at < end && isToken; at++) {
    isToken = tokenLower[from[at] as number] !== 0;
  }
  if (isToken) {
    out.append(from, start, end);
    return;
  }
  out.byte(quote);
  for (let at = start; at < end; at++) {
    const byte = from[at] as number;
    if (byte === quote || byte === backslash) out.byte(backslash);
    out.byte(byte);
  }
  out.byte(quote);
}
