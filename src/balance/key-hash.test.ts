import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBytes, hashIpv4, hashIpv6, nameHash } from "./key-hash.ts";
import { seededRandom } from "./random.ts";

function hashOf(bytes: readonly number[], seed = 0): number {
  return hashBytes(Uint8Array.from(bytes), 0, bytes.length, seed);
}

describe("MurmurHash3_x86_32", () => {
  // The vectors that implementations share; they catch signs, byte order and tails.
  it.each([
    [[], 0, 0],
    [[], 1, 0x514e28b7],
    [[], 0xffff_ffff, 0x81f16f39],
    [[0xff, 0xff, 0xff, 0xff], 0, 0x76293b50],
    [[0x21, 0x43, 0x65, 0x87], 0, 0xf55b516b],
    [[0x21, 0x43, 0x65, 0x87], 0x5082edee, 0x2362f9de],
    [[0x21, 0x43, 0x65], 0, 0x7e4a8634],
    [[0x21, 0x43], 0, 0xa0f7b07a],
    [[0x21], 0, 0x72661cf4],
    [[0, 0, 0, 0], 0, 0x2362f9de],
    [[0, 0, 0], 0, 0x85f0b427],
    [[0, 0], 0, 0x30f4c306],
    [[0], 0, 0x514e28b7],
  ])("of %j with seed %i", (bytes, seed, expected) => {
    expect(hashOf(bytes, seed)).toBe(expected);
  });

  it.each([
    ["abc", 0, 0xb3dd93fa],
    ["hello", 0, 0x248bfa47],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ["a".repeat(256), 0x9747b28c, 0x37405bdc],
  ])("of the name %s with seed %i", (text, seed, expected) => {
    expect(nameHash(text, seed)).toBe(expected);
  });

  it("looks at the given part of the bytes only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(9), fc.nat(9), (part, before, after) => {
        const all = new Uint8Array(before + part.length + after).fill(0xa5);
        all.set(part, before);
        expect(hashBytes(all, before, before + part.length)).toBe(hashBytes(part, 0, part.length));
      }),
    );
  });
});

describe("addresses", () => {
  it("an IPv4 number has the hash of its four bytes", () => {
    for (const bytes of [
      [127, 0, 0, 1],
      [10, 1, 2, 3],
      [255, 255, 255, 255],
      [0, 0, 0, 0],
      [192, 168, 200, 129],
    ]) {
      const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
      expect(hashIpv4(number)).toBe(hashOf(bytes));
    }
  });

  it("an IPv4-mapped IPv6 address has the hash of the IPv4 one, others that of 16 bytes", () => {
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3];
    expect(hashIpv6(Uint8Array.from([9, ...mapped]), 1)).toBe(hashIpv4(0x0a010203));
    const plain = [0x20, 1, 0xd, 0xb8, ...mapped.slice(4)];
    expect(hashIpv6(Uint8Array.from(plain), 0)).toBe(hashOf(plain));
    const loopback = [...Array<number>(15).fill(0), 1];
    expect(hashIpv6(Uint8Array.from(loopback), 0)).toBe(hashOf(loopback));
  });

  it("one changed bit of an address changes half the bits of its hash, whichever bit it is", () => {
    const random = seededRandom(4);
    const addresses = Array.from({ length: 2000 }, () => random.next());
    for (let bit = 0; bit < 32; bit++) {
      const changed = addresses.map((each) => bits(hashIpv4(each) ^ hashIpv4(each ^ (1 << bit))));
      const mean = changed.reduce((sum, each) => sum + each, 0) / changed.length;
      // A fair coin for each of 32 bits: the mean of 2,000 is within 0.4 of 16 at six deviations.
      expect(Math.abs(mean - 16)).toBeLessThan(0.4);
    }
  });

  it("neighbouring addresses spread over few buckets evenly", () => {
    const counts = new Uint32Array(16);
    for (let host = 0; host < 65_536; host++) {
      const bucket = hashIpv4(0x0a000000 + host) % 16;
      counts[bucket] = (counts[bucket] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 4096)).toBeLessThan(6 * 62);
  });
});

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
