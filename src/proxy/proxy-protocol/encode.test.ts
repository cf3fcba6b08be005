import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import { encodeLocalProxyHeader, encodeProxyHeader } from "./encode.ts";
import { parseProxyHeader } from "./parse.ts";
import { ProxyHeader } from "./proxy-header.ts";

const signature = "0d0a0d0a000d0a515549540a";
const client: SocketAddress = { family: "ipv4", host: "192.168.0.1", port: 56_324 };
const bind: SocketAddress = { family: "ipv4", host: "192.168.0.11", port: 443 };
const client6: SocketAddress = { family: "ipv6", host: "2001:db8::1", port: 56_324 };
const bind6: SocketAddress = { family: "ipv6", host: "::1", port: 443 };
const unix: SocketAddress = { family: "unix", path: "/run/a.sock" };

function text(source: SocketAddress, destination: SocketAddress): string {
  return Buffer.from(encodeProxyHeader(1, source, destination)).toString("latin1");
}

function hex(source: SocketAddress, destination: SocketAddress): string {
  const bytes = Buffer.from(encodeProxyHeader(2, source, destination)).toString("hex");
  expect(bytes.startsWith(signature)).toBe(true);
  return bytes.slice(signature.length);
}

describe("version 1", () => {
  it("writes the specification's example", () => {
    expect(text(client, bind)).toBe("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  });

  it("writes IPv6", () => {
    expect(text(client6, bind6)).toBe("PROXY TCP6 2001:db8::1 ::1 56324 443\r\n");
  });

  it("maps the IPv4 one of two families", () => {
    expect(text(client, bind6)).toBe("PROXY TCP6 ::ffff:192.168.0.1 ::1 56324 443\r\n");
    expect(text(client6, bind)).toBe("PROXY TCP6 2001:db8::1 ::ffff:192.168.0.11 56324 443\r\n");
  });

  it("leaves out the zone of a link-local address, which means nothing elsewhere", () => {
    const zoned: SocketAddress = { family: "ipv6", host: "fe80::1%eth0", port: 1 };
    expect(text(zoned, bind6)).toBe("PROXY TCP6 fe80::1 ::1 1 443\r\n");
  });

  it.each<[SocketAddress, SocketAddress]>([
    [unix, unix],
    [unix, bind],
    [client, unix],
    [{ family: "ipv4", host: "localhost", port: 1 }, bind],
    [{ family: "ipv4", host: "1.2.3.4 5.6.7.8 1 1\r\n", port: 1 }, bind],
    [client6, { family: "ipv6", host: "::1::", port: 1 }],
    [client6, { family: "ipv6", host: "", port: 1 }],
    [{ family: "ipv4", host: "\u0131.2.3.4", port: 1 }, bind],
  ])("says UNKNOWN of %j and %j", (source, destination) => {
    expect(text(source, destination)).toBe("PROXY UNKNOWN\r\n");
  });
});

describe("version 2", () => {
  it("writes TCP over IPv4", () => {
    expect(hex(client, bind)).toBe("2111000cc0a80001c0a8000bdc0401bb");
  });

  it("writes TCP over IPv6, and maps the IPv4 one of two families", () => {
    const one = "20010db8000000000000000000000001";
    const loopback = "00000000000000000000000000000001";
    const mapped = "00000000000000000000ffffc0a8000b";
    expect(hex(client6, bind6)).toBe(`21210024${one}${loopback}dc0401bb`);
    expect(hex(client6, bind)).toBe(`21210024${one}${mapped}dc0401bb`);
  });

  it("is LOCAL when a unix socket is at either end, or at both", () => {
    expect(hex(unix, unix)).toBe("20000000");
    expect(hex(unix, bind)).toBe("20000000");
    expect(hex(client, unix)).toBe("20000000");
  });
});

describe("the header of a connection of our own", () => {
  it.each<1 | 2>([1, 2])("is taken as local in version %i", (version) => {
    const bytes = encodeLocalProxyHeader(version);
    const header = new ProxyHeader();
    expect(parseProxyHeader(bytes, 0, bytes.length, header)).toBe(bytes.length);
    expect(header).toMatchObject({ version, local: true, source: null, destination: null });
  });

  it("is a new one each time, so that nobody can change another's", () => {
    encodeLocalProxyHeader(2).fill(0);
    expect(encodeLocalProxyHeader(2)[0]).toBe(0x0d);
  });
});
