// The dates in a persistence cookie: `value|LLLLL|FFFFF`, when it was last and when it was first given.
// Each is a 30-bit count of four seconds since the epoch in five base64 digits, the highest first: the
// form that HAProxy writes, so that clients keep their servers when one replaces the other. Whoever
// has the cookie can change its dates; it only makes them come later to another server.
import type { ByteBuilder } from "../../../http/byte-builder.ts";

export const dateSign = 0x7c;
const dateDigits = 5;
const secondsPerStep = 4;
/** Clocks of two balancers may differ so much; a date later than that is none of ours. */
const aheadMaxS = 86_400;

const digits = Buffer.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  "latin1",
);
const values: Uint8Array = new Uint8Array(256).fill(255);
for (const [value, digit] of digits.entries()) values[digit] = value;

/** Rounded up, so that a cookie is not refreshed by every response of the same four seconds. */
export function appendDate(out: ByteBuilder, second: number): void {
  const steps = Math.ceil(second / secondsPerStep);
  out.byte(dateSign);
  for (let shift = 6 * (dateDigits - 1); shift >= 0; shift -= 6) {
    out.byte(digits[(steps >>> shift) & 63] as number);
  }
}

/** Seconds since the epoch; -1: that is no date. */
export function readDate(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== dateDigits) return -1;
  let steps = 0;
  for (let at = start; at < end; at++) {
    const value = values[bytes[at] as number] as number;
    if (value === 255) return -1;
    steps = steps * 64 + value;
  }
  return steps * secondsPerStep;
}

/** Whether a date is longer ago than `maxS`, or so far ahead that it is wrong. */
export function isPast(dateS: number, maxS: number, nowS: number): boolean {
  return nowS - dateS > maxS || dateS - nowS > aheadMaxS;
}
