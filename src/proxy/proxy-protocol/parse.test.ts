import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../config/address.ts";
import { parseProxyHeader } from "./parse.ts";
import { incomplete, invalid, ProxyHeader, proxyHeaderBytesMax } from "./proxy-header.ts";

const header = new ProxyHeader();
const hello = Buffer.from("hello");

function parse(bytes: Uint8Array): number {
  return parseProxyHeader(bytes, 0, bytes.length, header);
}

function line(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A version 2 header: signature, then hexadecimal; spaces are for the eye. */
function binary(hex: string): Buffer {
  return Buffer.from(`0d0a0d0a000d0a515549540a${hex.replaceAll(" ", "")}`, "hex");
}

function tcp(family: "ipv4" | "ipv6", host: string, port: number): SocketAddress {
  return { family, host, port };
}

describe("version 1", () => {
  it("takes the specification's example and stops where the data begins", () => {
    const text = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n";
    expect(parse(line(`${text}GET / HTTP/1.1\r\n`))).toBe(text.length);
    expect(header).toEqual({
      version: 1,
      local: false,
      source: tcp("ipv4", "192.168.0.1", 56_324),
      destination: tcp("ipv4", "192.168.0.11", 443),
      problem: "",
    });
  });

  it("takes IPv6 in any form and tells it in the canonical one", () => {
    const text = "PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 1 65535\r\n";
    expect(parse(line(text))).toBe(text.length);
    expect(header.source).toEqual(tcp("ipv6", "2001:db8::1", 1));
    expect(header.destination).toEqual(tcp("ipv6", "::1", 65_535));
  });

  it("tells an IPv4-mapped address as the IPv4 address it means", () => {
    parse(line("PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n"));
    expect(header.source).toEqual(tcp("ipv4", "192.0.2.1", 1));
    expect(header.destination).toEqual(tcp("ipv6", "2001:db8::1", 2));
  });

  it.each([
    "PROXY UNKNOWN\r\n",
    `PROXY UNKNOWN ${"f".repeat(91)}\r\n`,
    "PROXY UNKNOWN \0 \xff\r\n",
  ])("takes %j as local", (text) => {
    expect(parse(line(text))).toBe(text.length);
    expect(header).toMatchObject({ local: true, source: null, destination: null });
  });

  it("takes the longest line, and none that is longer", () => {
    const full = "ffff:".repeat(7) + "ffff";
    const longest = `PROXY UNKNOWN ${full} ${full} 65535 65535\r\n`;
    expect(longest).toHaveLength(107);
    expect(parse(line(longest))).toBe(107);
    expect(parse(line(longest.replace("UNKNOWN", "UNKNOWN ")))).toBe(invalid);
    expect(parse(line(`PROXY UNKNOWN ${"f".repeat(200)}`))).toBe(invalid);
    expect(header.problem).toBe("no CR LF within 107 bytes");
  });

  it("refuses a line of valid words that is too long", () => {
    const mixed = "0000:0000:0000:0000:0000:ffff:255.255.255.255";
    expect(parse(line(`PROXY TCP6 ${mixed} ${mixed} 65535 65535\r\n`))).toBe(invalid);
    expect(header.problem).toBe("no CR LF within 107 bytes");
  });

  it.each([
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", "line does not end with CR LF"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n", "line does not end with CR LF"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", "line does not end with CR LF"],
    ["PROXY UNKNOWN\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY UNKNOWN a\nb\r\n", "line does not end with CR LF"],
    ["PROXY UNKNOWN a\rb\r\n", "line does not end with CR LF"],
    ["PROXY UNKNOWNS\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
    ["PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n", "not a PROXY protocol header"],
    ["PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", "bad source address"],
    ["PROXY TCP4 ::1 5.6.7.8 1 2\r\n", "bad source address"],
    ["PROXY TCP6 1.2.3.4 ::1 1 2\r\n", "bad source address"],
    ["PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", "bad source address"],
    ["PROXY TCP4 1.2.3.4\t5.6.7.8 1 2\r\n", "bad source address"],
    ["PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", "bad destination address"],
    ["PROXY TCP6 ::1 ::1%lo 1 2\r\n", "bad destination address"],
    ["PROXY TCP6 ::1 1:2 1 2\r\n", "bad destination address"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", "bad source port"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n", "bad source port"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", "bad source port"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "bad source port"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\r\n", "bad destination port"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n", "bad destination port"],
    ["PROXY TCP4\r\n", "protocol is not TCP4, TCP6 or UNKNOWN"],
  ])("refuses %j: %s", (text, problem) => {
    expect(parse(line(text))).toBe(invalid);
    expect(header).toMatchObject({ source: null, destination: null, problem });
  });
});

describe("version 2", () => {
  it("takes TCP over IPv4 as HAProxy sends it", () => {
    const bytes = binary("21 11 000c 7f000001 7f000002 b48e 3cf7");
    expect(parse(Buffer.concat([bytes, hello]))).toBe(bytes.length);
    expect(header).toEqual({
      version: 2,
      local: false,
      source: tcp("ipv4", "127.0.0.1", 46_222),
      destination: tcp("ipv4", "127.0.0.2", 15_607),
      problem: "",
    });
  });

  it("takes TCP over IPv6", () => {
    const one = "20010db8000000000000000000000001";
    const mapped = "00000000000000000000ffffc0000201";
    expect(parse(binary(`21 21 0024 ${one} ${mapped} 0050 01bb`))).toBe(52);
    expect(header.source).toEqual(tcp("ipv6", "2001:db8::1", 80));
    expect(header.destination).toEqual(tcp("ipv4", "192.0.2.1", 443));
  });

  it("takes unix sockets, unnamed ones too", () => {
    const path = Buffer.from("/run/é.sock");
    const block = Buffer.alloc(216);
    path.copy(block, 108);
    expect(parse(binary(`21 31 00d8 ${block.toString("hex")}`))).toBe(232);
    expect(header).toMatchObject({ local: false, source: null });
    expect(header.destination).toEqual({ family: "unix", path: "/run/é.sock" });
  });

  it("takes a path that fills its 108 bytes", () => {
    parse(binary(`21 31 00d8 ${"61".repeat(216)}`));
    expect(header.source).toEqual({ family: "unix", path: "a".repeat(108) });
  });

  it.each([
    ["LOCAL without a block", "20 00 0000"],
    ["LOCAL with the block of a family, which is skipped", "20 11 000c ffffffffffffffffffffffff"],
    ["LOCAL with a block that is no TLVs", "20 11 0002 ffff"],
    ["LOCAL of a family that nobody knows", "20 f7 0001 00"],
    ["PROXY with an unspecified family", "21 00 0000"],
    ["LOCAL with HAProxy's checksum and an empty unique id", "20 00 000a 030004826374b8 050000"],
  ])("takes %s as local", (_, hex) => {
    const bytes = binary(hex);
    expect(parse(Buffer.concat([bytes, hello]))).toBe(bytes.length);
    expect(header).toEqual({
      version: 2,
      local: true,
      source: null,
      destination: null,
      problem: "",
    });
  });

  it("takes TLVs behind the addresses, and HAProxy's checksum", () => {
    const withChecksum = "21 11 0016 7f000001 7f000001 9bec 3cf8 030004 96f976e7 050000";
    expect(parse(binary(withChecksum))).toBe(38);
    expect(header.source).toEqual(tcp("ipv4", "127.0.0.1", 39_916));
    expect(parse(binary(withChecksum.replace("9bec", "9bed")))).toBe(invalid);
    expect(header).toMatchObject({ source: null, problem: "checksum is wrong" });
  });

  it("takes a header as long as the limit, and refuses a longer one by its length alone", () => {
    const noop = Buffer.alloc(4096);
    noop.writeUInt8(0x04, 0);
    noop.writeUInt16BE(4096 - 3, 1);
    expect(parse(binary(`20 00 1000 ${noop.toString("hex")}`))).toBe(proxyHeaderBytesMax);
    expect(parse(binary("20 00 1001"))).toBe(invalid);
    expect(parse(binary("20 00 11"))).toBe(invalid);
    expect(parse(binary("20 00 10"))).toBe(incomplete);
  });

  it.each([
    ["11 11 000c", "version is not 2"],
    ["31", "version is not 2"],
    ["22 11 000c", "command is not LOCAL or PROXY"],
    ["2f", "command is not LOCAL or PROXY"],
    ["21 12", "datagram protocol on a stream"],
    ["21 22", "datagram protocol on a stream"],
    ["21 32", "datagram protocol on a stream"],
    ["21 13", "unknown family or protocol"],
    ["21 10", "unknown family or protocol"],
    ["21 01", "unknown family or protocol"],
    ["21 41", "unknown family or protocol"],
    ["21 11 000b", "header is too short for its addresses"],
    ["21 21 0023", "header is too short for its addresses"],
    ["21 31 00d7", "header is too short for its addresses"],
    ["21 11 ffff", "header is too long"],
    ["20 00 0001 04", "TLV lengths do not add up"],
    ["20 00 0002 0400", "TLV lengths do not add up"],
    ["20 00 0003 040001", "TLV lengths do not add up"],
    ["20 00 0005 040000 0400", "TLV lengths do not add up"],
    ["20 00 0100 04ffff", "TLV lengths do not add up"],
    ["20 00 0006 030003 000000", "bad checksum TLV"],
    ["20 00 000e 030004 00000000 030004 00000000", "bad checksum TLV"],
    ["20 00 0007 030004 00000000", "checksum is wrong"],
    ["21 11 000e 7f000001 7f000001 0001 0002 0400", "TLV lengths do not add up"],
  ])("refuses %s: %s", (hex, problem) => {
    expect(parse(binary(hex))).toBe(invalid);
    expect(header).toMatchObject({ source: null, destination: null, problem });
  });
});

describe("anything else", () => {
  it("is refused at the first wrong byte", () => {
    expect(parse(line("G"))).toBe(invalid);
    expect(header.problem).toBe("not a PROXY protocol header");
    expect(parse(line("PROXZ"))).toBe(invalid);
    expect(parse(line("POST / HTTP/1.1"))).toBe(invalid);
    expect(parse(line("\r\n\r\n\0\r\nQUIT\r"))).toBe(invalid);
    expect(parse(Buffer.from("160301", "hex"))).toBe(invalid);
  });

  it("of nothing is incomplete, and leaves nothing of the header before", () => {
    parse(line("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"));
    expect(parse(new Uint8Array(0))).toBe(incomplete);
    expect(header).toEqual(new ProxyHeader());
  });
});
