import { describe, expect, it } from "vitest";
import type { Agreed } from "../../tls/agreed.ts";
import { encodeProxyHeader } from "./encode.ts";
import { parseProxyHeader } from "./parse.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { appendValues, commonNameOf, encodeTlsValues } from "./tls-values.ts";

function agreed(parts: Partial<Agreed> = {}): Agreed {
  return { version: "TLSv1.3", cipher: "TLS_X", resumed: false, subject: "", ...parts };
}

const known = { sni: "a.example", alpn: "h2", agreed: agreed() };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const text = (words: string): string => Buffer.from(words).toString("hex");

describe("values of TLS", () => {
  it("are those that are wanted", () => {
    expect(hex(encodeTlsValues(["alpn"], known))).toBe(`010002${text("h2")}`);
    expect(hex(encodeTlsValues(["sni"], known))).toBe(`020009${text("a.example")}`);
    expect(encodeTlsValues([], known)).toHaveLength(0);
  });

  it("are left out where nothing is known", () => {
    const nothing = { sni: "", alpn: "", agreed: null };
    expect(encodeTlsValues(["sni", "alpn", "ssl"], nothing)).toHaveLength(0);
  });

  it("tell the version and the cipher of a handshake", () => {
    const version = `210007${text("TLSv1.3")}`;
    const cipher = `230005${text("TLS_X")}`;
    const inner = `0100000000${version}${cipher}`;
    const length = (inner.length / 2).toString(16).padStart(4, "0");
    expect(hex(encodeTlsValues(["ssl"], known))).toBe(`20${length}${inner}`);
  });

  it.each([
    [false, "07"],
    [true, "05"],
  ])("tell a client's certificate by its common name, resumed: %s", (resumed, bits) => {
    const values = { ...known, agreed: agreed({ subject: "CN=me,O=us", resumed }) };
    const encoded = hex(encodeTlsValues(["ssl"], values));
    expect(encoded.slice(6, 8)).toBe(bits);
    expect(encoded.endsWith(`220002${text("me")}`)).toBe(true);
  });

  it("stand behind the addresses, and their length is counted", () => {
    const address = { family: "ipv4", host: "192.0.2.1", port: 80 } as const;
    const plain = encodeProxyHeader(2, address, address);
    const whole = appendValues(plain, encodeTlsValues(["sni", "alpn", "ssl"], known));
    const header = new ProxyHeader();
    expect(parseProxyHeader(whole, 0, whole.length, header)).toBe(whole.length);
    expect(header.source).toEqual(address);
  });
});

describe("commonNameOf", () => {
  it.each([
    ["CN=a.example", "a.example"],
    ["O=us,CN=me", "me"],
    ["CN=one,CN=two", "one"],
    ["CN=a\\,b\\+c", "a,b+c"],
    ["O=CN\\=x", ""],
    ["", ""],
  ])("of %s is %s", (subject, name) => {
    expect(commonNameOf(subject)).toBe(name);
  });
});
