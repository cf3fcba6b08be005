// Which route a client is led to, and how few routes are asked about it. What the hello says is tested
// in src/tls; real connections are in test/traffic/passthrough.test.ts.
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { seededRandom } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { TcpRoutePlan } from "../../config/tcp-route-plan.ts";
import type { Backend } from "../dispatch/backend.ts";
import { TcpRoute } from "./tcp-route.ts";
import { TcpRouter } from "./tcp-router.ts";

type Wanted = Partial<Omit<TcpRoutePlan, "backend">> & { readonly to?: string };

/** `to`: `b1` or `b1=90 b2=10`; `b` and its place by default, as its name is. */
function plan({ to, ...wanted }: Wanted, place: number): TcpRoutePlan {
  const shares = (to ?? `b${place}`).split(" ").map((share) => {
    const [name = "", weight = "1"] = share.split("=");
    return { name, weight: Number(weight) };
  });
  const nothing = { name: String(place), sni: [], alpn: [], source: [] };
  return { ...nothing, ...wanted, backend: { backends: shares } };
}

/** All backends exist; `byName`: those that are picked by the server name. */
function router(
  routes: readonly Wanted[],
  backend = "",
  byName: readonly string[] = [],
): TcpRouter {
  const tcpRoutes = routes.map((wanted, i) => plan(wanted, i + 1));
  const names = tcpRoutes.flatMap((route) => route.backend.backends.map(({ name }) => name));
  const backends = new Map(
    [...names, backend].map((name) => {
      return [name, { wantsSni: byName.includes(name) } as unknown as Backend] as const;
    }),
  );
  return new TcpRouter({ tcpRoutes, backend }, backends, seededRandom(1));
}

const client: SocketAddress = { family: "ipv4", host: "192.0.2.1", port: 40_000 };

interface Client {
  readonly alpn?: readonly string[];
  readonly from?: SocketAddress;
}

/** Where a client is led to; empty: nowhere. */
function led(to: TcpRouter, sni: string, { alpn = [], from = client }: Client = {}): string {
  return to.backendOf(to.find(sni, alpn, from));
}

describe("by server name", () => {
  test("a name is that name alone, whatever stands around it", () => {
    const one = router([{ sni: ["app.example"] }], "rest");
    expect(led(one, "app.example")).toBe("b1");
    for (const other of ["www.app.example", "app.example.org", "xapp.example", "example", ""]) {
      expect(led(one, other)).toBe("rest");
    }
  });

  test("a wildcard is all names below, at any depth, and not the name itself", () => {
    const one = router([{ sni: ["*.app.example"] }], "rest");
    for (const below of ["a.app.example", "a.b.app.example", `${"a.".repeat(100)}app.example`]) {
      expect(led(one, below)).toBe("b1");
    }
    for (const other of ["app.example", "aapp.example", "app.example.a", ".app.example", ""]) {
      expect(led(one, other)).toBe("rest");
    }
  });

  test("a route may have several, and none is for every client", () => {
    const several = router([{ sni: ["a.example", "*.b.example"] }, {}]);
    expect(led(several, "a.example")).toBe("b1");
    expect(led(several, "x.b.example")).toBe("b1");
    expect(led(several, "c.example")).toBe("b2");
    expect(led(several, "")).toBe("b2");
  });
});

describe("the first in order wins", () => {
  const near = ["192.0.2.0/24"];

  test.each<[string, readonly Wanted[], string]>([
    ["a wildcard before the name", [{ sni: ["*.example"] }, { sni: ["a.b.example"] }], "b1"],
    ["the name before a wildcard", [{ sni: ["a.b.example"] }, { sni: ["*.example"] }], "b1"],
    [
      "a short wildcard before a long one",
      [{ sni: ["*.example"] }, { sni: ["*.b.example"] }],
      "b1",
    ],
    [
      "a long wildcard before a short one",
      [{ sni: ["*.b.example"] }, { sni: ["*.example"] }],
      "b1",
    ],
    ["protocols before the name", [{ alpn: ["h2"] }, { sni: ["a.b.example"] }], "b1"],
    ["an address before the name", [{ source: near }, { sni: ["a.b.example"] }], "b1"],
    ["everything before the name", [{}, { sni: ["a.b.example"] }], "b1"],
    ["the same name twice", [{ sni: ["a.b.example"] }, { sni: ["a.b.example"] }], "b1"],
    ["the name, of another client", [{ sni: ["a.b.example"], source: ["::1"] }, {}], "b2"],
    ["the name, by another protocol", [{ sni: ["a.b.example"], alpn: ["h3"] }, {}], "b2"],
  ])("%s", (_, routes, to) => {
    expect(led(router(routes, "rest"), "a.b.example", { alpn: ["h2"] })).toBe(to);
  });
});

test("of protocols one that is offered will do", () => {
  const one = router([{ alpn: ["h2", "acme-tls/1"] }], "rest");
  expect(led(one, "a.example", { alpn: ["\u006a\u006a", "h2", "http/1.1"] })).toBe("b1");
  expect(led(one, "", { alpn: ["acme-tls/1"] })).toBe("b1");
  expect(led(one, "a.example", { alpn: ["http/1.1"] })).toBe("rest");
  expect(led(one, "a.example")).toBe("rest");
});

test("addresses count one by one and by network, IPv4 also inside IPv6", () => {
  const one = router([{ source: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"] }], "rest");
  const from = (host: string): string => {
    const family = host.includes(":") ? "ipv6" : "ipv4";
    return led(one, "", { from: { family, host, port: 1 } });
  };
  expect(["10.200.0.1", "2001:db8::9", "192.0.2.7", "::ffff:10.0.0.1"].map(from)).toEqual(
    Array.from({ length: 4 }, () => "b1"),
  );
  expect(["11.0.0.1", "2001:db9::", "192.0.2.8"].map(from)).toEqual(["rest", "rest", "rest"]);
  expect(led(one, "", { from: { family: "unix", path: "" } })).toBe("rest");
});

test("whom no route takes goes to the frontend's backend, or nowhere", () => {
  expect(led(router([{ sni: ["a.example"] }], "rest"), "b.example")).toBe("rest");
  expect(led(router([{ sni: ["a.example"] }]), "b.example")).toBe("");
  expect(led(router([], "rest"), "")).toBe("rest");
});

test("several backends of a route share its clients by their weights", () => {
  const split = router([{ sni: ["a.example"], to: "blue=90 green=10 dark=0" }]);
  const counts = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const name = led(split, "a.example");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(Math.abs((counts.get("blue") ?? 0) - 9000)).toBeLessThan(200);
  expect((counts.get("blue") ?? 0) + (counts.get("green") ?? 0)).toBe(10_000);
  expect([...split.backends]).toEqual(["blue", "green", "dark"]);
});

test("the hello is wanted by a route that asks for a name or a protocol, or by a backend", () => {
  expect(router([{ sni: ["a.example"] }]).wantsHello).toBe(true);
  expect(router([{ source: ["::1"] }, { alpn: ["h2"] }]).wantsHello).toBe(true);
  expect(router([{ source: ["::1"] }], "rest").wantsHello).toBe(false);
  expect(router([{ source: ["::1"] }], "rest", ["rest"]).wantsHello).toBe(true);
  expect(router([{ source: ["::1"], to: "a=1 b=0" }], "rest", ["b"]).wantsHello).toBe(true);
  expect(router([], "rest").wantsHello).toBe(false);
});

test("of a thousand routes for names a client's name asks one or two", () => {
  const names = Array.from({ length: 500 }, (_, i) => `host${i}.example`);
  const many = router([
    ...names.map((name) => ({ sni: [name] })),
    ...names.map((name) => ({ sni: [`*.${name}`] })),
    { sni: ["*.example"] },
  ]);
  const asked = vi.spyOn(TcpRoute.prototype, "holds");
  try {
    for (const [i, name] of names.entries()) {
      expect(led(many, name)).toBe(`b${i + 1}`);
      expect(led(many, `a.b.${name}`)).toBe(`b${i + 501}`);
    }
    expect(led(many, "other.example")).toBe("b1001");
    expect(led(many, "other.test")).toBe("");
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2 * (2 * names.length + 1));
  } finally {
    asked.mockRestore();
  }
});

/** What the documentation says, without any index. */
function readInOrder(routes: readonly Wanted[], sni: string, alpn: readonly string[]): string {
  const place = routes.findIndex((route) => {
    const byName = (route.sni ?? []).some((name) =>
      name.startsWith("*") ? sni.endsWith(name.slice(1)) : sni === name,
    );
    const byAlpn = (route.alpn ?? []).some((name) => alpn.includes(name));
    return (byName || !route.sni?.length) && (byAlpn || !route.alpn?.length);
  });
  return place < 0 ? "rest" : `b${place + 1}`;
}

test("any routes lead any client where reading them in order does", () => {
  const label = fc.constantFrom("a", "b", "cc");
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const wanted = fc.oneof(
    name,
    name.map((below) => `*.${below}`),
  );
  const alpn = fc.uniqueArray(fc.constantFrom("h2", "h3", "http/1.1"), { maxLength: 2 });
  const route = fc.record({ sni: fc.array(wanted, { maxLength: 3 }), alpn });
  fc.assert(
    fc.property(
      fc.array(route, { maxLength: 12 }),
      fc.oneof(name, fc.constant("")),
      alpn,
      (routes, sni, offered) => {
        expect(led(router(routes, "rest"), sni, { alpn: offered })).toBe(
          readInOrder(routes, sni, offered),
        );
      },
    ),
    { numRuns: 500 },
  );
});
