import { describe, expect, it } from "vitest";
import { KeyedHash } from "./keyed-hash.ts";

/** The seed of the reference vectors: bytes 0 to 7. */
const seed = { low: 0x0302_0100, high: 0x0706_0504 };

function sumHex(length: number): string {
  const hash = new KeyedHash(seed);
  hash.sum(
    Uint8Array.from({ length: length + 1 }, (_, i) => i),
    length,
  );
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(hash.low, 0);
  bytes.writeInt32LE(hash.high, 4);
  return bytes.toString("hex");
}

describe("the keyed hash", () => {
  it.each([
    [0, "218d1f59b9b83cc8"],
    [1, "be552412f8387315"],
    [2, "064f39ef7c50eb57"],
    [3, "ce0f1a45f7060679"],
    [4, "d5e78a175be52ea1"],
    [5, "cb9d7c3f2f3db580"],
    [62, "f90b3ab572d46693"],
    [63, "2ea63c71bf326087"],
  ])("gives the reference implementation's vector for %i bytes", (length, expected) => {
    expect(sumHex(length)).toBe(expected);
  });

  it("gives other sums with another seed", () => {
    const one = new KeyedHash({ low: 1, high: 0 });
    const other = new KeyedHash({ low: 0, high: 1 });
    one.sum(Buffer.from("example.org"), 11);
    other.sum(Buffer.from("example.org"), 11);
    expect([one.low, one.high]).not.toEqual([other.low, other.high]);
  });
});
