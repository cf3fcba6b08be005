import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress } from "./address.ts";
import { parseBindAddress, parseServerAddress } from "./address-syntax.ts";

const ports = fc.integer({ min: 1, max: 65_535 });
const path = fc
  .array(fc.constantFrom(..."abcXYZ019-_. /@:é".split("")), { maxLength: 50 })
  .map((characters) => `/${characters.join("")}`);
const ipAddress = fc.oneof(
  fc.record({ family: fc.constant("ipv4" as const), host: fc.ipV4(), port: ports }),
  // One spelling only: zero groups would be shortened.
  fc.record({
    family: fc.constant("ipv6" as const),
    host: fc
      .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((group) => group.toString(16)).join(":")),
    port: ports,
  }),
  fc.record({ family: fc.constant("unix" as const), path }),
);

describe("addresses", () => {
  test("survive being formatted and parsed, as binds and as servers", () => {
    fc.assert(
      fc.property(ipAddress, (address) => {
        const text = formatAddress(address);
        expect(parseBindAddress(text)).toEqual({ ok: true, value: address });
        expect(parseServerAddress(text)).toEqual({ ok: true, value: address });
      }),
    );
  });

  test("of servers may be domain names", () => {
    fc.assert(
      fc.property(fc.domain(), ports, (host, port) => {
        const value = { family: "name", host, port };
        expect(parseServerAddress(`${host}:${port}`)).toEqual({ ok: true, value });
      }),
    );
  });

  test("never throw, whatever the value", () => {
    const inputs = fc.oneof(fc.anything(), fc.string(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(inputs, (input) => {
        expect(typeof parseBindAddress(input).ok).toBe("boolean");
        expect(typeof parseServerAddress(input).ok).toBe("boolean");
      }),
    );
  });

  test("that spell the same IPv6 address differently become the same", () => {
    for (const text of ["[::1]:80", "[0:0:0:0:0:0:0:1]:80", "[0::0001]:80"]) {
      const value = { family: "ipv6", host: "::1", port: 80 };
      expect(parseBindAddress(text)).toEqual({ ok: true, value });
    }
  });
});

describe("a bind", () => {
  test.each([
    [":80", { family: "any", port: 80 }],
    [":0", { family: "any", port: 0 }],
    ["127.0.0.1:0", { family: "ipv4", host: "127.0.0.1", port: 0 }],
    ["localhost:80", { family: "ipv4", host: "127.0.0.1", port: 80 }],
    ["LocalHost:80", { family: "ipv4", host: "127.0.0.1", port: 80 }],
    ["[::]:443", { family: "ipv6", host: "::", port: 443 }],
    ["unix:/run/app.sock", { family: "unix", path: "/run/app.sock" }],
  ])("reads %s", (text, value) => {
    expect(parseBindAddress(text)).toEqual({ ok: true, value });
  });

  test("is no name of another machine", () => {
    const reading = parseBindAddress("example.com:80");
    expect(reading).toMatchObject({ ok: false, hint: expect.stringContaining(":80") as unknown });
  });
});

describe("a server", () => {
  test.each([
    [":80", { family: "ipv4", host: "127.0.0.1", port: 80 }],
    ["localhost:80", { family: "name", host: "localhost", port: 80 }],
    ["my_app-1.svc.:8080", { family: "name", host: "my_app-1.svc.", port: 8080 }],
    ["unix:/run/app.sock", { family: "unix", path: "/run/app.sock" }],
  ])("reads %s", (text, value) => {
    expect(parseServerAddress(text)).toEqual({ ok: true, value });
  });

  test.each([
    ["127.0.0.1:0", "has port 0", "that the server listens on"],
    [":0", "has port 0", "that the server listens on"],
    ["127.0.0.1", "has no port", "127.0.0.1:80"],
    ["[::1]", "has no port", "[::1]:80"],
    ["example.com", "has no port", "example.com:80"],
    ["8080", "is only a port", '":8080"'],
    [8080, "8080 is not an address", '":8080"'],
    ["127.0.0.1:", "has no valid port", "1 to 65535"],
    ["127.0.0.1:http", "has no valid port", "1 to 65535"],
    ["127.0.0.1:65536", "has no valid port", "1 to 65535"],
    ["127.0.0.1:-1", "has no valid port", "1 to 65535"],
    ["127.0.0.1:80 ", "has no valid port", "1 to 65535"],
    ["127.0.0.256:80", "is not a valid IPv4 address", "four numbers"],
    ["127.1:80", "is not a valid IPv4 address", "four numbers"],
    ["01.2.3.4:80", "is not a valid IPv4 address", "four numbers"],
    ["::1:80", "IPv6 address without brackets", '"[::1]:80"'],
    ["::1:8000", "IPv6 address without brackets", '"[::1]:8000"'],
    [":::80", "IPv6 address without brackets", '"[::]:80"'],
    ["::1", "IPv6 address without brackets", '"[::1]:PORT"'],
    ["2001:db8::beef", "IPv6 address without brackets", '"[2001:db8::beef]:PORT"'],
    ["address:127.0.0.1:80", "is not an address", 'Put a space after "address:".'],
    ["fe80::1:2:3:4:5:6:7:80", "IPv6 address without brackets", "[fe80::1:2:3:4:5:6:7]:80"],
    ["[::g]:80", "is not a valid IPv6 address", "[::1]:80"],
    ["[127.0.0.1]:80", "is not a valid IPv6 address", "[::1]:80"],
    ["[fe80::1%eth0]:80", "names a network interface", "zone"],
    ["*:80", "is not an address", '":80"'],
    ["http://example.com:80/x", "is a URL", '"example.com:80"'],
    ["exa mple.com:80", "is not an address", "127.0.0.1:80"],
    ["-a.com:80", "is not an address", "127.0.0.1:80"],
    ["a..b:80", "is not an address", "127.0.0.1:80"],
    [`${"a".repeat(64)}.com:80`, "is not an address", "127.0.0.1:80"],
    ["", "has no port", ":80"],
    ["/run/app.sock", "is not an address", "unix:/PATH"],
    ["unix:run/app.sock", "is not an absolute path", "unix:/run/app.sock"],
    ["unix:", "is not an absolute path", "unix:/run/app.sock"],
    ["unix:/a\0b", "NUL", "another path"],
    [`unix:/${"a".repeat(107)}`, "has 108 bytes", "107 at most"],
    [`unix:/${"é".repeat(54)}`, "has 109 bytes", "107 at most"],
    [true, "true is not an address", "127.0.0.1:80"],
    [null, "nothing is not an address", "127.0.0.1:80"],
    [{}, "a map is not an address", "127.0.0.1:80"],
  ])("is not %j", (input, message, hint) => {
    expect(parseServerAddress(input)).toMatchObject({
      ok: false,
      message: expect.stringContaining(message) as unknown,
      hint: expect.stringContaining(hint) as unknown,
    });
  });

  test("may have a unix path of exactly 107 bytes", () => {
    expect(parseServerAddress(`unix:/${"a".repeat(106)}`).ok).toBe(true);
  });
});
