// Whether a client behind trusted proxies speaks TLS, as they say; what nobody else can say.
import { describe, expect, it } from "vitest";
import { type Field, requestHead } from "../../../../test/support/heads.ts";
import type { SocketAddress } from "../../../config/address.ts";
import { trustedClient } from "./trusted-client.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

const proxies = new TrustedProxies(["192.0.2.0/24", "10.0.0.9"]);
const proxy: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 4711 };
const stranger: SocketAddress = { family: "ipv4", host: "203.0.113.5", port: 1 };

function secure(
  mode: "off" | "x-forwarded" | "rfc7239",
  fields: readonly Field[],
  from: SocketAddress = proxy,
): boolean | null {
  return trustedClient(requestHead("GET /", fields), from, proxies, mode).secure;
}

function proto(...values: string[]): boolean | null {
  return secure("x-forwarded", [
    ["X-Forwarded-For", "198.51.100.4, 10.0.0.9"],
    ...values.map((value): Field => ["X-Forwarded-Proto", value]),
  ]);
}

function forwarded(...values: string[]): boolean | null {
  return secure(
    "rfc7239",
    values.map((value): Field => ["Forwarded", value]),
  );
}

describe("X-Forwarded-Proto", () => {
  it.each([
    ["https", true],
    ["HTTPS", true],
    ["wss", true],
    ["http", false],
    ["ws", false],
    [" https ", true],
    ["", null],
    ["on", null],
    ["httpsx", null],
  ])("%j says %s", (value, expected) => {
    expect(proto(value)).toBe(expected);
  });

  it("counts by its last value, which a proxy has written", () => {
    expect(proto("https, http")).toBe(false);
    expect(proto("http", "https")).toBe(true);
    expect(proto("https", "")).toBe(true);
    expect(proto("https, rubbish")).toBeNull();
    expect(proto()).toBeNull();
  });

  it("counts without an address, too", () => {
    expect(secure("x-forwarded", [["x-forwarded-proto", "https"]])).toBe(true);
    expect(secure("off", [["x-forwarded-proto", "https"]])).toBe(true);
  });

  it("is nobody's word but a trusted proxy's, and not where proxies write Forwarded", () => {
    expect(secure("x-forwarded", [["X-Forwarded-Proto", "https"]], stranger)).toBeNull();
    expect(secure("rfc7239", [["X-Forwarded-Proto", "https"]])).toBeNull();
  });
});

describe("Forwarded", () => {
  it("says it in the element of the client", () => {
    expect(forwarded("for=198.51.100.4;proto=https")).toBe(true);
    expect(forwarded('proto="HTTP";for=198.51.100.4')).toBe(false);
    expect(forwarded("for=198.51.100.4;proto=https, for=10.0.0.9;proto=http")).toBe(true);
    expect(forwarded("for=1.1.1.1;proto=https, for=198.51.100.4;proto=http")).toBe(false);
    expect(forwarded("for=198.51.100.4", "for=10.0.0.9;proto=https")).toBeNull();
  });

  it("says it of who is behind trusted proxies alone, or hides", () => {
    expect(forwarded("for=192.0.2.3;proto=https, for=192.0.2.4;proto=http")).toBe(true);
    expect(forwarded("for=1.1.1.1;proto=http, for=unknown;proto=https")).toBe(true);
    expect(forwarded("for=_hidden;proto=https, for=192.0.2.8;proto=http")).toBe(true);
    expect(forwarded("proto=https")).toBe(true);
    expect(forwarded()).toBeNull();
  });

  it("is nobody's word but a trusted proxy's, and not where proxies write X-Forwarded", () => {
    expect(secure("rfc7239", [["Forwarded", "proto=https"]], stranger)).toBeNull();
    expect(secure("x-forwarded", [["Forwarded", "for=1.1.1.1;proto=https"]])).toBeNull();
  });
});
