import { isIPv4, isIPv6 } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatIpv6, newIpGroups } from "./ip-groups.ts";
import { incomplete, invalid, scanIpv4, scanIpv6, scanPort } from "./ip-scan.ts";

const groups = newIpGroups();

/** True when the scanner takes the whole text, with a space behind it to end it. */
function takes(scan: typeof scanIpv4, text: string): boolean {
  const bytes = Buffer.from(`${text} `, "latin1");
  return scan(bytes, 0, bytes.length, groups) === bytes.length - 1 && text !== "";
}

/** Texts near the border between addresses and other words. */
function nearly(alphabet: string, addresses: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...alphabet.split(""));
  const edited = fc
    .tuple(addresses, fc.nat(45), fc.nat(2), fc.string({ unit, maxLength: 2 }))
    .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
  return fc.oneof(addresses, edited, fc.string({ unit, maxLength: 20 }));
}

const ipv6Text = fc.oneof(
  fc.ipV6(),
  fc
    .array(fc.constantFrom("0", "0", "0", "1", "ab", "FFFF", "00fe"), {
      minLength: 7,
      maxLength: 8,
    })
    .chain((parts) => fc.constantFrom(parts.join(":"), parts.join(":").replace(/(0:)+0?/u, ":"))),
  fc
    .tuple(fc.constantFrom("::", "::ffff:", "1:2:3:4:5:6:", "1::5:6:"), fc.ipV4())
    .map((pair) => pair.join("")),
);

describe("IPv4 text", () => {
  it("is taken exactly when the system's own parser takes it", () => {
    fc.assert(
      fc.property(nearly("0123456789.", fc.ipV4()), (text) => {
        expect(takes(scanIpv4, text)).toBe(isIPv4(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(takes(scanIpv4, text)).toBe(true);
        expect(formatIpv4(groups)).toBe(text);
        expect(formatIpv6(groups)).toBe(`::ffff:${text}`);
      }),
    );
  });

  it.each([
    "01.2.3.4",
    "1.2.3.04",
    "1.2.3.256",
    "1.2.3",
    "1.2.3.4.5",
    "1..2.3",
    "+1.2.3.4",
    "0x1.2.3.4",
  ])("refuses %s", (text) => {
    expect(takes(scanIpv4, text)).toBe(false);
  });
});

describe("IPv6 text", () => {
  it("is taken exactly when the system's own parser takes it", () => {
    fc.assert(
      fc.property(nearly("0123456789abcdefABCDEF:.::::", ipv6Text), (text) => {
        expect(takes(scanIpv6, text)).toBe(isIPv6(text));
      }),
      { numRuns: 5000 },
    );
  });

  it("comes back in the form of RFC 5952, as a URL's host does", () => {
    fc.assert(
      fc.property(ipv6Text, (text) => {
        fc.pre(isIPv6(text));
        expect(takes(scanIpv6, text)).toBe(true);
        // URLs write a mapped address in hexadecimal; so does this test, to compare.
        const written = formatIpv6(groups).replace(/^::ffff:\d+\.[\d.]+$/u, "");
        const oracle = new URL(`http://[${text}]`).hostname.slice(1, -1);
        expect(written).toBe(/^::ffff:[\da-f]+:[\da-f]+$/u.test(oracle) ? "" : oracle);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1::", "1::"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::FFFF:c000:201", "::ffff:192.0.2.1"],
    ["0:0:0:0:0:0:FFFF:0", "::ffff:0"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("writes %s as %s", (text, canonical) => {
    expect(takes(scanIpv6, text)).toBe(true);
    expect(formatIpv6(groups)).toBe(canonical);
  });

  it("cannot become valid any more once it is refused, and only then", () => {
    // Whatever prefix is called incomplete must have an ending that makes it an address.
    const endings = [
      "",
      ":",
      "::",
      "0",
      ":0",
      "0.0.0.0",
      ".0",
      ".0.0",
      ".0.0.0",
      "0.0.0",
      "0.0",
      "::0",
    ];
    for (let i = 1; i <= 7; i++) endings.push(":0".repeat(i), `${"0:".repeat(i)}0`);
    fc.assert(
      fc.property(nearly("0123456789abcdef:.::::", ipv6Text), (text) => {
        const bytes = Buffer.from(text);
        const answer = scanIpv6(bytes, 0, bytes.length, groups);
        const completes = endings.some((ending) => isIPv6(text + ending));
        // A word that stands complete before its end mark says nothing of longer ones.
        const expected = answer === incomplete || (answer !== invalid && completes);
        expect(completes).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a port", () => {
  it.each([
    ["0 ", 1],
    ["65535 ", 5],
    ["80\r", 2],
    ["8", incomplete],
    ["", incomplete],
    ["65536", invalid],
    ["00", invalid],
    ["080", invalid],
    ["-1", invalid],
    ["+1", invalid],
    [" 1", invalid],
  ])("%j gives %i", (text, answer) => {
    expect(scanPort(Buffer.from(text), 0, text.length)).toBe(answer);
  });
});
