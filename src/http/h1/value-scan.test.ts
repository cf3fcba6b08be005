// Four bytes at a time it must find what one at a time would.
import { expect, it } from "vitest";
import { seeded } from "../../../test/support/seeded.ts";
import { inFieldValue } from "../characters.ts";
import { ValueScan } from "./value-scan.ts";

function endOf(bytes: Uint8Array, at: number, limit: number): number {
  let place = at;
  while (place < limit && inFieldValue[bytes[place] as number] === 1) place++;
  return place;
}

it("stops at each byte that no value has, wherever it stands, and at no other", () => {
  const scan = new ValueScan();
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 12; place++) {
      const bytes = new Uint8Array(20).fill(0x61);
      bytes[place] = byte;
      for (const at of [0, 1, 2, 3])
        expect([byte, place, at, scan.end(bytes, at, 16)]).toEqual([
          byte,
          place,
          at,
          endOf(bytes, at, 16),
        ]);
    }
  }
});

it("reads no further than its limit, in arrays that begin anywhere", () => {
  const chance = seeded(4);
  const memory = new Uint8Array(4096);
  const odd = [0x09, 0x0d, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff];
  const scan = new ValueScan();
  for (let i = 0; i < 3000; i++) {
    const offset = Math.floor(chance() * 100);
    const bytes = memory.subarray(offset, offset + 200);
    for (let j = 0; j < 200; j++)
      bytes[j] = chance() < 0.02 ? (odd[Math.floor(chance() * 8)] as number) : 0x21 + (j % 90);
    const at = Math.floor(chance() * 100);
    const limit = at + Math.floor(chance() * 100);
    expect(scan.end(bytes, at, limit)).toBe(endOf(bytes, at, limit));
  }
  // And to the very end of an array.
  const whole = new Uint8Array(37).fill(0x61);
  for (let at = 0; at <= 37; at++) expect(scan.end(whole, at, 37)).toBe(37);
});
