import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import { crc32c } from "./crc32c.ts";
import { encodeProxyHeader } from "./encode.ts";
import { formatIpv6 } from "../../config/ip-groups.ts";
import { parseProxyHeader } from "./parse.ts";
import { incomplete, invalid, ProxyHeader, proxyHeaderBytesMax } from "./proxy-header.ts";

const version = fc.constantFrom<1 | 2>(1, 2);
const port = fc.nat(65_535);
const ipv4: fc.Arbitrary<SocketAddress> = fc.record({
  family: fc.constant("ipv4" as const),
  host: fc.ipV4(),
  port,
});
const ipv6Host = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => formatIpv6(Uint16Array.from(groups)))
  .filter((host) => !host.startsWith("::ffff:"));
const ipv6: fc.Arbitrary<SocketAddress> = fc.record({
  family: fc.constant("ipv6" as const),
  host: ipv6Host,
  port,
});
const tcp = fc.oneof(ipv4, ipv6);
const path = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => Buffer.byteLength(text) <= 108 && !text.includes("\0"));
const tail = fc.uint8Array({ maxLength: 20 });

/** Any valid header: as encoded, or with TLVs and perhaps their checksum behind the addresses. */
const validHeader: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.tuple(version, tcp, tcp).map(([v, from, to]) => encodeProxyHeader(v, from, to)),
  fc.tuple(path, path).map(([from, to]) => unixHeader(from, to)),
  fc
    .tuple(tcp, tcp, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), fc.boolean())
    .map(([from, to, values, checked]) => withTlvs(from, to, values, checked)),
);

/** What others may send of unix sockets; we do not. */
function unixHeader(from: string, to: string): Uint8Array {
  const header = Buffer.alloc(16 + 2 * 108);
  Buffer.from("\r\n\r\n\0\r\nQUIT\n").copy(header);
  header.set([0x21, 0x31, 0, 2 * 108], 12);
  header.write(from, 16);
  header.write(to, 16 + 108);
  return header;
}

function withTlvs(
  from: SocketAddress,
  to: SocketAddress,
  values: Uint8Array[],
  checked: boolean,
): Buffer {
  const parts: Uint8Array[] = [encodeProxyHeader(2, from, to)];
  for (const value of values) parts.push(Uint8Array.of(0xe0, 0, value.length), value);
  if (checked) parts.push(Uint8Array.of(3, 0, 4, 0, 0, 0, 0));
  const bytes = Buffer.concat(parts);
  bytes.writeUInt16BE(bytes.length - 16, 14);
  if (checked) {
    const checksum = crc32c(bytes, 0, bytes.length, -1);
    bytes.writeUInt32BE(checksum, bytes.length - 4);
  }
  return bytes;
}

describe("what is encoded is parsed", () => {
  it("to the same addresses, whatever stands before and behind it", () => {
    fc.assert(
      fc.property(
        fc.tuple(version, tcp, tcp),
        tail,
        tail,
        ([v, source, destination], before, behind) => {
          const encoded = encodeProxyHeader(v, source, destination);
          const bytes = Buffer.concat([before, encoded, behind]);
          const copy = Buffer.from(bytes);
          const header = new ProxyHeader();
          const end = bytes.length;
          expect(parseProxyHeader(bytes, before.length, end, header)).toBe(encoded.length);
          expect(header).toEqual({ version: v, local: false, source, destination, problem: "" });
          expect(bytes.equals(copy)).toBe(true);
        },
      ),
    );
  });

  it("to the paths of unix sockets that others name", () => {
    fc.assert(
      fc.property(path, path, (from, to) => {
        const header = new ProxyHeader();
        const bytes = unixHeader(from, to);
        expect(parseProxyHeader(bytes, 0, bytes.length, header)).toBe(bytes.length);
        expect(header.source).toEqual({ family: "unix", path: from });
        expect(header.destination).toEqual({ family: "unix", path: to });
      }),
    );
  });
});

describe("a header in pieces", () => {
  it("is incomplete at every strict prefix and complete at its last byte", () => {
    const header = new ProxyHeader();
    fc.assert(
      fc.property(validHeader, tail, (encoded, behind) => {
        // The data behind lies in the same memory from the start: it must not be looked at.
        const bytes = Buffer.concat([encoded, behind]);
        for (let end = 0; end < encoded.length; end++) {
          expect(parseProxyHeader(bytes, 0, end, header)).toBe(incomplete);
          expect(header).toMatchObject({ source: null, destination: null, problem: "" });
        }
        for (let end = encoded.length; end <= bytes.length; end++) {
          expect(parseProxyHeader(bytes, 0, end, header)).toBe(encoded.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/**
 * The last of the answers at every length. They must never go back, neither from a refusal nor
 * from a length; a refusal alone has a problem to tell.
 */
function answerOf(bytes: Uint8Array): number {
  const header = new ProxyHeader();
  let final = incomplete;
  for (let end = 0; end <= bytes.length; end++) {
    const answer = parseProxyHeader(bytes, 0, end, header);
    expect(answer).toBe(final === incomplete ? answer : final);
    expect(answer).toBeLessThanOrEqual(Math.min(end, proxyHeaderBytesMax));
    expect(header.problem !== "").toBe(answer === invalid);
    final = answer;
  }
  return final;
}

function parse(bytes: Uint8Array): number {
  return parseProxyHeader(bytes, 0, bytes.length, new ProxyHeader());
}

describe("damage", () => {
  it("of one byte anywhere is survived", () => {
    fc.assert(
      fc.property(validHeader, fc.nat(255), fc.nat(), (encoded, byte, position) => {
        const bytes = Buffer.concat([encoded, Buffer.alloc(150)]);
        bytes[position % encoded.length] = byte;
        expect(answerOf(bytes)).toBe(parse(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it("of the signature is refused at that byte", () => {
    const address: SocketAddress = { family: "ipv4", host: "192.0.2.1", port: 1024 };
    for (const [v, signatureBytes] of [
      [1, 6],
      [2, 12],
    ] as const) {
      const encoded = encodeProxyHeader(v, address, address);
      for (let at = 0; at < signatureBytes; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const bytes = Uint8Array.from(encoded.subarray(0, at + 1));
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          expect(parse(bytes)).toBe(invalid);
          expect(parse(encoded.subarray(0, at + 1))).toBe(incomplete);
        }
      }
    }
  });

  it("of any fixed byte, to any value, never moves where the data begins", () => {
    const address: SocketAddress = { family: "ipv4", host: "192.0.2.1", port: 1024 };
    for (const v of [1, 2] as const) {
      const encoded = encodeProxyHeader(v, address, address);
      for (let at = 0; at < 14; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = Uint8Array.from(encoded);
          bytes[at] = byte;
          expect([encoded.length, invalid]).toContain(parse(bytes));
        }
      }
    }
  });

  it("of a length is waited for at most, and beyond the limit refused", () => {
    const address: SocketAddress = { family: "ipv4", host: "192.0.2.1", port: 1024 };
    const bytes = Buffer.from(encodeProxyHeader(2, address, address));
    for (let length = 0; length < 65_536; length++) {
      bytes.writeUInt16BE(length, 14);
      const possible = length === 12 || (length >= 15 && length <= proxyHeaderBytesMax - 16);
      const answer = length === 12 ? bytes.length : incomplete;
      expect(parse(bytes)).toBe(possible ? answer : invalid);
    }
  });

  it("that a checksum covers is always found", () => {
    fc.assert(
      fc.property(tcp, tcp, fc.nat(), fc.nat(7), (from, to, position, bit) => {
        const bytes = withTlvs(from, to, [Buffer.from("padding")], true);
        // Neither the type nor the length of a TLV: changed ones can make another valid header.
        const padding = bytes.length - 14;
        const at = 16 + (position % (bytes.length - 16));
        fc.pre(at < padding - 3 || at >= bytes.length - 4 || (at >= padding && at < padding + 7));
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect(parse(bytes)).toBe(invalid);
      }),
    );
  });

  it("of everything is refused: garbage is never waited for beyond the limit", () => {
    const signatures = ["", "P", "PROXY ", "PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN"];
    const begin = fc.constantFrom(...signatures, "\r\n\r\n\0\r\nQUIT\n", "\r\n\r\n\0\r\nQUIT\n!");
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 200 }), (text, rest) => {
        const bytes = Buffer.concat([Buffer.from(text), rest]);
        expect(answerOf(bytes)).toBe(parse(bytes));
        expect(parse(Buffer.concat([bytes, Buffer.alloc(proxyHeaderBytesMax)]))).not.toBe(
          incomplete,
        );
      }),
      { numRuns: 500 },
    );
  });
});
