import { describe, expect, it } from "vitest";
import { type Field, fieldLines, requestHead } from "../../../../test/support/heads.ts";
import { overTls, rewriteContext } from "../../../../test/support/rewriting.ts";
import { formatAddress, type SocketAddress } from "../../../config/address.ts";
import { compileForwarding } from "./forwarding.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { parseNode, trustedClient } from "./trusted-client.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

type Mode = "off" | "x-forwarded" | "rfc7239";

const host: Field = ["Host", "Shop.example:81"];
const forged: readonly Field[] = [
  ["X-Forwarded-For", "10.0.0.1"],
  ["x-forwarded-for", "10.0.0.2, 10.0.0.3"],
  ["X-FORWARDED-PROTO", "https"],
  ["X-Forwarded-Host", "admin.example"],
  ["X-Forwarded-Port", "443"],
  ["Forwarded", "for=10.0.0.1;proto=https"],
];

/** The fields that the server sees, Host aside. */
function forward(
  mode: Mode,
  fields: readonly Field[],
  changes: Partial<RewriteContext> = {},
): string[] {
  const request = requestHead("GET /", [host, ...fields]);
  compileForwarding(mode)?.apply(request, rewriteContext({ request, ...changes }));
  return fieldLines(request).filter((line) => !line.startsWith("Host"));
}

function peer(address: SocketAddress): { peer: SocketAddress; client: SocketAddress } {
  return { peer: address, client: address };
}

const own = [
  "x-forwarded-for: 192.0.2.7",
  "x-forwarded-proto: http",
  "x-forwarded-host: Shop.example:81",
  "x-forwarded-port: 8080",
];

describe("X-Forwarded-*", () => {
  it("tells the server of the client, and drops all that an untrusted one says", () => {
    expect(forward("x-forwarded", [])).toEqual(own);
    expect(forward("x-forwarded", forged)).toEqual(own);
  });

  it("drops their disguises with underscores, and nothing else that looks alike", () => {
    const disguised: readonly Field[] = [
      ["X_Forwarded_For", "10.0.0.1"],
      ["x-forwarded_proto", "https"],
      ["X_FORWARDED-HOST", "admin.example"],
      ["x_forwarded_port", "443"],
    ];
    const others: readonly Field[] = [
      ["X_Forwarded_Fox", "1"],
      ["X_Forwarded_From", "2"],
      ["xx_forwarded_for", "3"],
      ["X_Forwarded_Path", "4"],
    ];
    const kept = others.map(([name, value]) => `${name}: ${value}`);
    expect(forward("x-forwarded", [...disguised, ...others])).toEqual([...kept, ...own]);
    expect(forward("rfc7239", disguised)).toEqual([
      'forwarded: for=192.0.2.7;host="Shop.example:81";proto=http',
    ]);
    expect(forward("off", disguised)).toHaveLength(disguised.length);
  });

  it("of a trusted proxy is kept, and the proxy's own address stands behind it", () => {
    expect(forward("x-forwarded", forged, { peerTrusted: true })).toEqual([
      "X-Forwarded-For: 10.0.0.1, 10.0.0.2, 10.0.0.3, 192.0.2.7",
      "X-FORWARDED-PROTO: https",
      "X-Forwarded-Host: admin.example",
      "X-Forwarded-Port: 443",
      "Forwarded: for=10.0.0.1;proto=https",
    ]);
    expect(forward("x-forwarded", [], { peerTrusted: true })).toEqual(own);
    expect(forward("x-forwarded", [["X-Forwarded-For", ""]], { peerTrusted: true })[0]).toBe(
      "X-Forwarded-For: 192.0.2.7",
    );
  });

  it("says https of TLS, an IPv6 address plainly, and nothing of what is not there", () => {
    const six = peer({ family: "ipv6", host: "2001:db8::1", port: 1 });
    expect(forward("x-forwarded", [], { ...six, tls: overTls, bindPort: 8443 })).toEqual([
      "x-forwarded-for: 2001:db8::1",
      "x-forwarded-proto: https",
      "x-forwarded-host: Shop.example:81",
      "x-forwarded-port: 8443",
    ]);
    const unix = peer({ family: "unix", path: "/run/x" });
    expect(forward("x-forwarded", forged, { ...unix, bindPort: 0 })).toEqual([
      "x-forwarded-proto: http",
      "x-forwarded-host: Shop.example:81",
    ]);
  });

  it("is left alone when that is off", () => {
    expect(forward("off", forged)).toHaveLength(forged.length);
  });

  it("has no host when the client has named none", () => {
    const request = requestHead("GET /");
    compileForwarding("x-forwarded")?.apply(request, rewriteContext({ request }));
    expect(fieldLines(request).filter((line) => line.includes("host"))).toEqual([]);
  });
});

describe("Forwarded", () => {
  it("has one element of ours, which quotes what is no token", () => {
    expect(forward("rfc7239", forged)).toEqual([
      'forwarded: for=192.0.2.7;host="Shop.example:81";proto=http',
    ]);
    const six = peer({ family: "ipv6", host: "2001:db8::1", port: 1 });
    const request = requestHead("GET /", [["Host", "shop.example"]]);
    compileForwarding("rfc7239")?.apply(request, rewriteContext({ request, ...six, tls: overTls }));
    expect(fieldLines(request)[1]).toBe(
      'forwarded: for="[2001:db8::1]";host=shop.example;proto=https',
    );
    const unix = peer({ family: "unix", path: "" });
    expect(forward("rfc7239", [], unix)[0]).toMatch(/^forwarded: for=unknown;/);
  });

  it("of a trusted proxy gets ours behind its own", () => {
    const sent: Field[] = [["Forwarded", "for=10.0.0.1;proto=https"]];
    expect(forward("rfc7239", sent, { peerTrusted: true })).toEqual([
      'Forwarded: for=10.0.0.1;proto=https, for=192.0.2.7;host="Shop.example:81";proto=http',
    ]);
    // Its client speaks TLS, and the proxy none with us: the element is about the proxy.
    expect(forward("rfc7239", sent, { peerTrusted: true, secure: true })).toEqual([
      'Forwarded: for=10.0.0.1;proto=https, for=192.0.2.7;host="Shop.example:81";proto=http',
    ]);
  });
});

describe("the client behind trusted proxies", () => {
  const proxies = new TrustedProxies(["192.0.2.0/24", "2001:db8::/32", "10.0.0.9"]);
  const proxy: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 4711 };
  const find = (
    mode: Mode,
    fields: readonly Field[],
    from: SocketAddress = proxy,
  ): string | null => {
    const { address } = trustedClient(requestHead("GET /", fields), from, proxies, mode);
    return address === null ? null : formatAddress(address);
  };
  const xff = (...values: string[]): string | null =>
    find(
      "x-forwarded",
      values.map((value): Field => ["X-Forwarded-For", value]),
    );
  const forwarded = (...values: string[]): string | null =>
    find(
      "rfc7239",
      values.map((value): Field => ["Forwarded", value]),
    );

  it("is the right-most address that is not trusted itself", () => {
    expect(xff("1.1.1.1, 198.51.100.4, 10.0.0.9,192.0.2.8")).toBe("198.51.100.4:0");
    expect(xff("1.1.1.1", "198.51.100.4", "", "10.0.0.9")).toBe("198.51.100.4:0");
    expect(xff("192.0.2.3, 192.0.2.4")).toBe("192.0.2.3:0");
    expect(xff("2001:db9::1, 2001:db8::5")).toBe("[2001:db9::1]:0");
    expect(xff("198.51.100.4:99, [2001:db8::5]:1")).toBe("198.51.100.4:99");
  });

  it("is nobody's word but that of the proxies right of rubbish", () => {
    expect(xff("1.1.1.1, unknown, 192.0.2.8")).toBe("192.0.2.8:0");
    expect(xff("1.1.1.1, 1.1.1.300")).toBeNull();
    expect(xff()).toBeNull();
    expect(xff(" , ,")).toBeNull();
  });

  it("is who connects, when that is no trusted proxy", () => {
    const stranger: SocketAddress = { family: "ipv4", host: "203.0.113.5", port: 1 };
    expect(find("x-forwarded", [["X-Forwarded-For", "1.1.1.1"]], stranger)).toBeNull();
    const unix: SocketAddress = { family: "unix", path: "/run/x" };
    expect(find("x-forwarded", [["X-Forwarded-For", "1.1.1.1"]], unix)).toBeNull();
    expect(new TrustedProxies(["unix"]).trusts(unix)).toBe(true);
  });

  it("is read from the field that the proxies write, and from no other", () => {
    expect(forwarded('for=1.1.1.1, For="198.51.100.4:99";proto=https')).toBe("198.51.100.4:99");
    expect(forwarded('proto=http;for="[2001:db9::1]", for="[2001:db8::1]:_x"')).toBe(
      "[2001:db9::1]:0",
    );
    expect(forwarded('for=1.1.1.1;host="a,for=2.2.2.2", for=192.0.2.8')).toBe("1.1.1.1:0");
    expect(forwarded("for=1.1.1.1, for=_hidden, for=192.0.2.8")).toBe("192.0.2.8:0");
    expect(forwarded("proto=http", "for=192.0.2.8")).toBe("192.0.2.8:0");
    expect(find("rfc7239", [["X-Forwarded-For", "1.1.1.1"]])).toBeNull();
    expect(find("x-forwarded", [["Forwarded", "for=1.1.1.1"]])).toBeNull();
  });

  it.each(["", "a", "[::1", "[1.1.1.1]", "[::1]x", "::1%eth0", "1.1.1", "1.1.1.1 ", "::1::"])(
    "is not %j",
    (node) => {
      expect(parseNode(node)).toBeNull();
    },
  );
});
