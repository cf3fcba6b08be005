import { describe, expect, it } from "vitest";
import type { SocketAddress } from "../../../config/address.ts";
import type { FieldMatch, MatchPlan, PathMatch, ValueMatch } from "../../../config/route-plan.ts";
import { type RequestShape, requestHead } from "../../../../test/support/request-head.ts";
import { route } from "../../../../test/support/routes.ts";
import { Router } from "./router.ts";
import { Routing } from "./routing.ts";

const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 1024 };

/** Whether a route with this match takes the request. */
function takes(match: Partial<MatchPlan>, request: RequestShape, from = client): boolean {
  const answer = new Router([route("one", match)]).match(requestHead(request), from);
  expect([0, Routing.none]).toContain(answer);
  return answer === 0;
}

function path(text: string): PathMatch {
  if (text.startsWith("~")) return { kind: "regex", value: text.slice(1) };
  return text.endsWith("/*")
    ? { kind: "prefix", value: text.slice(0, -1) }
    : { kind: "exact", value: text };
}

function value(text: string): ValueMatch {
  if (text === "*") return { kind: "any", value: "" };
  if (text.startsWith("~")) return { kind: "regex", value: text.slice(1) };
  return text.endsWith("*")
    ? { kind: "prefix", value: text.slice(0, -1) }
    : { kind: "exact", value: text };
}

/** Without values: it must be absent. */
function field(name: string, ...values: string[]): FieldMatch {
  return { name, absent: values.length === 0, values: values.map(value) };
}

describe("a host", () => {
  it.each([
    ["example.com", "example.com", true],
    ["example.com", "EXAMPLE.com:8080", true],
    ["example.com", "example.com.", true],
    ["example.com", "www.example.com", false],
    ["example.com", "example.co", false],
    ["example.com", "", false],
    ["*.example.com", "www.example.com", true],
    ["*.example.com", "a.b.Example.com.:80", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", ".example.com", false],
    ["*.example.com", "wwwexample.com", false],
    ["[::1]", "[::1]:80", true],
  ])("%s, asked for %s: %s", (host, asked, expected) => {
    const kind = host.startsWith("*") ? "suffix" : "exact";
    const wanted = { kind, value: host.replace("*", "") } as const;
    expect(takes({ host: [wanted] }, { host: asked })).toBe(expected);
  });

  it("longer than any name has no route of its own", () => {
    const router = new Router([route("a", { host: [{ kind: "suffix", value: ".a.b" }] })]);
    expect(router.match(requestHead({ host: `${"x".repeat(9000)}.a.b` }), client)).toBe(-1);
  });
});

describe("a path", () => {
  it.each([
    ["/a", "/a", true],
    ["/a", "/a?x=/b", true],
    ["/a", "/a/", false],
    ["/a", "/A", false],
    ["/a/*", "/a", true],
    ["/a/*", "/a/", true],
    ["/a/*", "/a/b/c", true],
    ["/a/*", "/ab", false],
    ["/a/*", "/", false],
    ["/*", "/", true],
    ["/*", "/x", true],
    ["/*", "*", false],
    ["~^/u/[0-9]+$", "/u/12", true],
    ["~^/u/[0-9]+$", "/u/x", false],
    ["~\\.png$", "/a/b.png?x", true],
    ["~(?i)LOGO", "/a/logo.svg", true],
    ["/~user/*", "/%7Euser/x", true],
    ["/%7euser/*", "/~user/x", true],
    ["/caf%c3%a9", "/caf%C3%A9", true],
    ["/caf%C3%A9", "/café", true],
    ["/.well-known/*", "/.well-known/acme", true],
    ["/100%", "/100%", true],
    ["/a%2fb", "/a%2Fb", true],
    ["/a//b", "/a//b", true],
    ["/a;v=1/*", "/a;v=1/b", true],
  ])("%s, asked for %s: %s", (wanted, target, expected) => {
    expect(takes({ path: [path(wanted)] }, { target })).toBe(expected);
  });

  it("that is missing in an absolute form is the root, and CONNECT has none", () => {
    const router = new Router([route("all", { path: [path("/*")] })]);
    const head = requestHead({ target: "http://example.com" });
    head.pathStart = head.pathEnd;
    expect(router.match(head, client)).toBe(0);
    expect(router.match(requestHead({ method: "CONNECT", target: "a:1" }), client)).toBe(-1);
  });

  it("matches by any of its list", () => {
    const list = { path: [path("/a"), path("~^/b[0-9]"), path("/c/*")] };
    for (const target of ["/a", "/b7", "/c", "/c/d"]) expect(takes(list, { target })).toBe(true);
    for (const target of ["/a/", "/b", "/cd"]) expect(takes(list, { target })).toBe(false);
  });
});

describe("a rule for a path holds however the path is written", () => {
  const router = new Router([
    route("no", { path: [path("/admin/*")] }),
    route("public", { path: [path("/public/*")] }),
    route("rest", {}),
  ]);
  const asked = (target: string): number => router.match(requestHead({ target }), client);

  it.each(["/admin", "/%61dmin/x", "/adm%69n", "/admin/%2F", "/admin//x", "/admin/;x"])(
    "%s is the route's",
    (target) => {
      expect(asked(target)).toBe(0);
    },
  );

  it.each([
    "//admin",
    "/%2Fadmin",
    "/%2fadmin/x",
    "\\admin",
    "/\\admin",
    "/%5cadmin",
    "/;x/admin",
    "/admin;x=1/users",
    "/admin%3Bx/users",
    "/admin%2fusers",
    "/a/../admin",
    "/a/./b",
    "/a/%2e%2E/admin",
    "/a/.%2e/admin",
    "/a/..;x=y/admin",
    "/a/..%3bx/admin",
    "/a%2f..%2fadmin",
    "/a\\..\\admin",
    "/a/..",
    "/.",
    "/..",
    "/../admin",
    "/pub/../admin//../pub/x",
    "/public/../admin",
    "/public/..%2fadmin",
    "/admin%00",
    "/public/%00",
  ])("%s is refused", (target) => {
    expect(asked(target)).toBe(Routing.refused);
  });

  it.each([
    ["/x/a%2Fb", 2],
    ["/x//y", 2],
    ["/x;jsessionid=1", 2],
    ["/public/a%2Fb//c;d", 1],
    ["/public/..a/.b/...", 1],
    ["/public/%zz%4", 1],
    ["/x?u=/../admin", 2],
    ["/%2561dmin", 2],
  ])("%s means the same to all servers here", (target, answer) => {
    expect(asked(target)).toBe(answer);
  });

  it("is of no interest where no route asks for one", () => {
    const free = new Router([route("all", {})]);
    expect(free.match(requestHead({ target: "/a/../b" }), client)).toBe(0);
  });
});

describe("a method", () => {
  it.each([
    [["GET", "HEAD"], "HEAD", true],
    [["GET", "HEAD"], "POST", false],
    [["PURGE"], "PURGE", true],
    [["PURGE"], "PURG", false],
    [["PURGE"], "purge", false],
    [[], "BREW", true],
  ])("of %j, asked with %s: %s", (method, asked, expected) => {
    expect(takes({ method }, { method: asked })).toBe(expected);
  });
});

describe("a header", () => {
  const fields = [
    ["X-Beta", "1"],
    ["Accept", "text/html, text/plain"],
    ["x-beta", "two"],
  ] as const;
  it.each([
    [field("x-beta", "1"), true],
    [field("x-beta", "0", "two"), true],
    [field("x-beta", "Two"), false],
    [field("x-beta", "tw*"), true],
    [field("x-beta", "~^[0-9]$"), true],
    [field("x-beta", "~^[a-c]+$"), false],
    [field("x-beta", "*"), true],
    [field("x-beta"), false],
    [field("x-other"), true],
    [field("x-other", "*"), false],
    [field("accept", "text/html"), false],
    [field("accept", "text/html*"), true],
  ])("%j: %s", (header, expected) => {
    expect(takes({ header: [header] }, { fields })).toBe(expected);
  });

  it("of each name must hold", () => {
    const both = [field("x-beta", "1"), field("x-none", "*")];
    expect(takes({ header: both }, { fields })).toBe(false);
  });

  it("that was dropped is not there", () => {
    const head = requestHead({ fields: [["X-Internal", "1"]] });
    head.drop(1);
    const router = new Router([route("a", { header: [field("x-internal", "1")] })]);
    expect(router.match(head, client)).toBe(-1);
  });
});

describe("a query parameter", () => {
  it.each([
    [field("v", "2"), "/?v=2", true],
    [field("v", "2"), "/?v=1&w=3&v=2", true],
    [field("v", "2"), "/?vv=2&v=22", false],
    [field("a b", "c d"), "/?a+b=c%20d", true],
    [field("a", "1=2"), "/?a=1=2", true],
    [field("é", "ü"), "/?%C3%A9=%c3%bc", true],
    [field("v", ""), "/?v", true],
    [field("v", ""), "/?v=", true],
    [field("v", "*"), "/?v&x", true],
    [field("v"), "/?w&&x", true],
    [field("v"), "/?%76", false],
    [field("v"), "/", true],
    [field("v", "100%"), "/?v=100%", true],
    [field("v", "~^x+$"), "/?v=%78x", true],
    [field("v", "ab*"), "/?v=abc", true],
  ])("%j in %s: %s", (query, target, expected) => {
    expect(takes({ query: [query] }, { target })).toBe(expected);
  });
});

describe("a cookie", () => {
  it.each([
    [field("group", "b"), "group=b", true],
    [field("group", "b"), "x=1; group=a; group=b", true],
    [field("group", "b"), 'group="b"', true],
    [field("group", "b"), "Group=b", false],
    [field("group", "b"), "mygroup=b; group=bb", false],
    [field("group", "b"), "x=;group = b ", true],
    [field("group", ""), "group=", true],
    [field("group", "a=b"), "group=a=b", true],
    [field("group", "*"), "group", false],
    [field("group"), "a=group; b", true],
    [field("group"), "group=", false],
    [field("group", "~^[ab]$"), "group=a", true],
  ])("%j in %s: %s", (cookie, sent, expected) => {
    expect(takes({ cookie: [cookie] }, { fields: [["Cookie", sent]] })).toBe(expected);
  });

  it("may stand in any Cookie field", () => {
    const fields = [
      ["Cookie", "a=1"],
      ["cookie", "group=b"],
    ] as const;
    expect(takes({ cookie: [field("group", "b")] }, { fields })).toBe(true);
    expect(takes({ cookie: [field("group")] }, { fields })).toBe(false);
  });
});

describe("a source", () => {
  const networks = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "192.0.2.7",
    "2001:db8::/33",
    "::ffff:198.51.100.0/120",
  ];
  it.each([
    ["ipv4", "10.255.0.1", true],
    ["ipv4", "11.0.0.0", false],
    ["ipv4", "9.255.255.255", false],
    ["ipv4", "192.0.2.7", true],
    ["ipv4", "192.0.2.8", false],
    ["ipv4", "198.51.100.255", true],
    ["ipv6", "::ffff:10.2.3.4", true],
    ["ipv6", "2001:db8:7fff::1", true],
    ["ipv6", "2001:db8:8000::", false],
    ["ipv6", "::1", false],
  ] as const)("in some networks, from %s %s: %s", (family, host, expected) => {
    expect(takes({ source: networks }, {}, { family, host, port: 1 })).toBe(expected);
  });

  it("is nowhere for a unix socket", () => {
    expect(takes({ source: ["0.0.0.0/0", "::/0"] }, {}, { family: "unix", path: "/x" })).toBe(
      false,
    );
  });
});

describe("the first route in order", () => {
  it("wins, through hundreds and over the borders of words", () => {
    const routes = Array.from({ length: 300 }, (_, i) =>
      route(`${i}`, { path: [path(`/r${i}/*`)] }),
    );
    const router = new Router([...routes, route("all", {})]);
    for (const i of [0, 31, 32, 63, 64, 255, 299]) {
      expect(router.match(requestHead({ target: `/r${i}/x` }), client)).toBe(i);
    }
    expect(router.match(requestHead({ target: "/other" }), client)).toBe(300);
  });

  it("wins where many are told apart by one header", () => {
    const routes = Array.from({ length: 100 }, (_, i) =>
      route(`${i}`, { header: [field("x-tenant", `t${i}`, `u${i}`)] }),
    );
    const router = new Router([
      ...routes,
      route("some", { header: [field("x-tenant", "t*")] }),
      route("none", { header: [field("x-tenant")] }),
    ]);
    const asked = (...tenants: string[]): number =>
      router.match(requestHead({ fields: tenants.map((each) => ["X-Tenant", each]) }), client);
    expect([asked("t0"), asked("u99"), asked("t100"), asked("x"), asked()]).toEqual([
      0,
      99,
      100,
      Routing.none,
      101,
    ]);
    expect([asked("x", "t70"), asked("t70", "u30"), asked("x", "y")]).toEqual([
      70,
      30,
      Routing.none,
    ]);
  });

  it("is none without routes", () => {
    expect(new Router([]).match(requestHead({}), client)).toBe(Routing.none);
  });
});

it("explains which condition failed first", () => {
  const router = new Router([
    route("host", { host: [{ kind: "exact", value: "a" }] }),
    route("path", { path: [path("/b")] }),
    route("method", { method: ["PUT"] }),
    route("beta", { header: [field("x-beta", "1")], query: [field("v", "1")] }),
    route("body", { body: [{ kind: "contains", text: "x" }], bodyBytes: 9 }),
    route("all", {}),
  ]);
  const verdicts = router.explain(requestHead({ bodyLength: 1 }), client, Buffer.from("y"));
  expect(verdicts.map(({ name, failed }) => `${name}: ${failed}`)).toEqual([
    "host: host",
    "path: path",
    "method: method",
    "beta: header x-beta",
    "body: body",
    "all: null",
  ]);
});
