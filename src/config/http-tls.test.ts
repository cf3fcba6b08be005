// What http mode says of TLS: HSTS, redirects to https, and what routes ask of a client's TLS.
import { describe, expect, test } from "vitest";
import { planOf, problemsBesideFiles } from "../../test/support/resolved.ts";
import type { RoutePlan } from "./route-plan.ts";

const both = '[":80", { address: ":443", tls: { certificates: a.pem } }]';
const secure = '{ address: ":443", tls: { certificates: a.pem } }';
const unsafe = '":80"';

/** What is written of the frontend is on line 3, behind four blanks. */
function textOf(keys: string, bind = both): string {
  return `frontends:
  edge: { mode: http, bind: ${bind}, backend: web,
    ${keys} }
backends: { web: { servers: { a: ":1" } }, api: { servers: { a: ":1" }, failover: web } }
`;
}

function problems(keys: string, bind = both): string[] {
  const unused = 'no frontend uses backend "api"';
  return problemsBesideFiles(textOf(keys, bind)).filter((problem) => !problem.includes(unused));
}

function routeOf(route: string): RoutePlan {
  const { http } = planOf(textOf(`routes: [{ ${route} }]`), "/etc/b.yaml").frontends[0] ?? {};
  const [first] = http?.routes ?? [];
  if (!first) throw new Error("no route");
  return first;
}

describe("hsts", () => {
  test.each([
    ["requestId: off", ""],
    ["hsts: false", ""],
    ["hsts: off", ""],
    ["hsts: true", "max-age=31536000"],
    ["hsts: {}", "max-age=31536000"],
    ["hsts: { maxAge: 0 }", "max-age=0"],
    ["hsts: { maxAge: 3650d, includeSubdomains: true }", "max-age=315360000; includeSubDomains"],
    [
      "hsts: { includeSubdomains: true, preload: true }",
      "max-age=31536000; includeSubDomains; preload",
    ],
  ])("%s", (keys, header) => {
    expect(planOf(textOf(keys), "/etc/b.yaml").frontends[0]?.http?.hsts).toBe(header);
    expect(problems(keys)).toEqual([]);
  });

  test.each([
    [
      "hsts: yes",
      '3:11: "yes" is no setting of HSTS (frontends.edge.hsts). Write true, off, or { maxAge: 365d }.',
    ],
    ["hsts: { maxAge: 500ms }", '3:21: "500ms" is no whole number of seconds'],
    ["hsts: { maxAge: 1y }", '"1y" has an unknown unit'],
    [
      "hsts: { maxAge: 3651d }",
      '"3651d" is too long (frontends.edge.hsts.maxAge). The longest is 3650d.',
    ],
    ["hsts: { includeSubDomain: true }", 'Did you mean "includeSubdomains"?'],
    [
      "hsts: { preload: true }",
      "3:13: the lists for preloading take no host without includeSubdomains (frontends.edge.hsts.preload). Add includeSubdomains: true.",
    ],
    [
      "hsts: { preload: true, includeSubdomains: true, maxAge: 364d }",
      "3:13: the lists for preloading take no maxAge below 365d (frontends.edge.hsts.preload). Write maxAge: 365d.",
    ],
  ])("%s is told", (keys, problem) => {
    expect(problems(keys)).toEqual([expect.stringContaining(problem)]);
  });

  test("without TLS nobody is told", () => {
    expect(problems("hsts: true", unsafe)).toEqual([
      "3:5: warning: no bind of this frontend has tls, so no browser is told (frontends.edge.hsts). " +
        "Add tls to a bind, or remove it.",
    ]);
    expect(problems("hsts: true, trustedProxies: 10.0.0.0/8", unsafe)).toEqual([]);
    expect(problems("hsts: off", unsafe)).toEqual([]);
  });
});

describe("a redirect to https", () => {
  const host = { kind: "variable", variable: "host", argument: "" };
  const uri = { kind: "variable", variable: "uri", argument: "" };
  const scheme = { kind: "text", text: "https://" };

  test.each([
    ["redirect: { scheme: https }", [scheme, host, uri], 308],
    ["redirect: { scheme: https, port: 443, status: 301 }", [scheme, host, uri], 301],
    [
      "redirect: { scheme: https, port: 8443 }",
      [scheme, host, { kind: "text", text: ":8443" }, uri],
      308,
    ],
  ])("%s keeps host, path and query", (route, to, status) => {
    const { action, match } = routeOf(route);
    expect(action).toEqual({ kind: "redirect", to, status });
    expect(match.secure).toBe(false);
    expect(problems(`routes: [{ ${route} }, { match: { path: /a }, backend: api }]`)).toEqual([]);
  });

  test("another redirect is for all requests", () => {
    expect(routeOf("redirect: { to: /a }")).toMatchObject({
      match: { secure: null },
      action: { status: 302 },
    });
  });

  test.each([
    [
      "redirect: {}",
      "3:26: this redirect has neither to nor scheme (frontends.edge.routes[0].redirect). Write one of them.",
    ],
    [
      "redirect: { to: /a, scheme: https }",
      "3:36: to and scheme stand here both (frontends.edge.routes[0].redirect.scheme). Write one of them; scheme keeps host, path and query.",
    ],
    [
      "redirect: { to: /a, port: 443 }",
      "3:36: port belongs to scheme, and there is none here (frontends.edge.routes[0].redirect.port). Write it in to, or remove it.",
    ],
    [
      "redirect: { scheme: http }",
      '3:36: "http" is not https (frontends.edge.routes[0].redirect.scheme). Did you mean "https"?',
    ],
    ["redirect: { scheme: https, port: 0 }", "0 is out of range"],
    ["redirect: { schem: https }", 'Did you mean "scheme"?'],
  ])("%s is told", (route, problem) => {
    expect(problems(`routes: [{ ${route} }]`)).toEqual([expect.stringContaining(problem)]);
  });

  test("needs requests without TLS", () => {
    const route = "routes: [{ redirect: { scheme: https } }]";
    expect(problems(route, secure)).toEqual([
      "3:28: warning: every bind of this frontend has tls, so no request matches this route " +
        "(frontends.edge.routes[0].redirect.scheme). Move it to the frontend that listens without TLS, or remove it.",
    ]);
    expect(problems(`trustedProxies: 10.0.0.1, ${route}`, secure)).toEqual([]);
    expect(problems(route, unsafe)).toEqual([]);
  });

  test("takes what another one takes, not the other way round", () => {
    const other = "{ redirect: { scheme: https, port: 8443 } }";
    expect(problems(`routes: [{ redirect: { scheme: https } }, ${other}]`)).toEqual([
      expect.stringContaining("warning: no request comes to route 2: route 1 before it"),
    ]);
    expect(problems(`routes: [{ respond: 403 }, ${other}]`)).toEqual([
      expect.stringContaining("warning: no request comes to route 2: route 1 before it"),
    ]);
  });
});

describe("a match of the client's TLS", () => {
  test("stands in the plan", () => {
    const { match } = routeOf(
      "match: { sni: [A.example., '*.B.example'], alpn: http/1.1 }, backend: api",
    );
    expect(match).toMatchObject({
      sni: ["a.example", "*.b.example"],
      alpn: ["http/1.1"],
      secure: null,
    });
  });

  test("needs TLS on a bind", () => {
    const route = "routes: [{ match: { sni: a, alpn: b }, backend: api }]";
    expect(problems(route)).toEqual([]);
    expect(problems(route, unsafe)).toEqual([
      '3:25: warning: no bind of this frontend has tls, so no request has "sni" ' +
        "(frontends.edge.routes[0].match.sni). Add tls to a bind, or remove it.",
      expect.stringContaining('so no request has "alpn"'),
    ]);
  });
});
