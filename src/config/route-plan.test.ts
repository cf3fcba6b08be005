// Valid routes of http mode: what the plan says.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import type { MatchPlan, RoutePlan } from "./route-plan.ts";

function routesOf(routes: string): readonly RoutePlan[] {
  const text = `
frontends: { edge: { mode: http, bind: ":80", backend: { web: 1, api: 1 }, routes: [${routes}] } }
backends:
  web: { servers: { a: ":1" } }
  api: { servers: { a: ":1" } }
`;
  const { plan, problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  expect(problems).toEqual([]);
  return plan?.frontends[0]?.http?.routes ?? [];
}

function routeOf(route: string): RoutePlan {
  const [first] = routesOf(`{ ${route} }`);
  if (!first) throw new Error("no route");
  return first;
}

function matchOf(match: string): MatchPlan {
  return routeOf(`match: { ${match} }, backend: web`).match;
}

describe("a route", () => {
  test("without a match takes everything, and is named by its place", () => {
    const routes = routesOf("{ name: a, match: { path: /a }, backend: api }, { respond: 403 }");
    expect(routes.map(({ name }) => name)).toEqual(["a", "2"]);
    expect(routes[1]?.match).toEqual({
      host: [],
      path: [],
      method: [],
      header: [],
      query: [],
      cookie: [],
      source: [],
      sni: [],
      alpn: [],
      secure: null,
      body: [],
      bodyBytes: 65_536,
    });
  });

  test.each<[string, Partial<MatchPlan>]>([
    ["host: Example.COM.", { host: [{ kind: "exact", value: "example.com" }] }],
    [
      "host: ['*.Example.com', '[::1]']",
      {
        host: [
          { kind: "suffix", value: ".example.com" },
          { kind: "exact", value: "[::1]" },
        ],
      },
    ],
    [
      "path: [/a, /b/*, /*, '~^/x[0-9]+$']",
      {
        path: [
          { kind: "exact", value: "/a" },
          { kind: "prefix", value: "/b/" },
          { kind: "prefix", value: "/" },
          { kind: "regex", value: "^/x[0-9]+$" },
        ],
      },
    ],
    ["method: [GET, PURGE]", { method: ["GET", "PURGE"] }],
    [
      "header: { X-Beta: 1, x-b: ['a*', '~^b', '*'], x-c: false }",
      {
        header: [
          { name: "x-beta", absent: false, values: [{ kind: "exact", value: "1" }] },
          {
            name: "x-b",
            absent: false,
            values: [
              { kind: "prefix", value: "a" },
              { kind: "regex", value: "^b" },
              { kind: "any", value: "" },
            ],
          },
          { name: "x-c", absent: true, values: [] },
        ],
      },
    ],
    [
      "query: { V: '' }",
      { query: [{ name: "V", absent: false, values: [{ kind: "exact", value: "" }] }] },
    ],
    [
      "cookie: { Group: b }",
      { cookie: [{ name: "Group", absent: false, values: [{ kind: "exact", value: "b" }] }] },
    ],
    [
      "source: [10.0.0.0/8, '2001:db8::/32', 192.0.2.1]",
      { source: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"] },
    ],
    [
      "body: [{ contains: x }, { pointer: /a~1b/0, value: [true, 5, 'a*'] }, { pointer: '' }], maxBody: 1KiB",
      {
        body: [
          { kind: "contains", text: "x" },
          {
            kind: "pointer",
            pointer: "/a~1b/0",
            values: [
              { kind: "exact", value: "true" },
              { kind: "exact", value: "5" },
              { kind: "prefix", value: "a" },
            ],
          },
          { kind: "pointer", pointer: "", values: [{ kind: "any", value: "" }] },
        ],
        bodyBytes: 1024,
      },
    ],
  ])("matches %s", (match, plan) => {
    expect(matchOf(match)).toMatchObject(plan);
  });

  test.each<[string, RoutePlan["action"]]>([
    ["backend: web", { kind: "backend", choice: { backends: [{ name: "web", weight: 1 }] } }],
    [
      "backend: { web: 90, api: 10 }",
      {
        kind: "backend",
        choice: {
          backends: [
            { name: "web", weight: 90 },
            { name: "api", weight: 10 },
          ],
        },
      },
    ],
    ["redirect: /new", { kind: "redirect", to: [{ kind: "text", text: "/new" }], status: 302 }],
    [
      "redirect: { to: 'https://{host}{uri}', status: 308 }",
      {
        kind: "redirect",
        to: [
          { kind: "text", text: "https://" },
          { kind: "variable", variable: "host", argument: "" },
          { kind: "variable", variable: "uri", argument: "" },
        ],
        status: 308,
      },
    ],
    [
      "respond: 403",
      { kind: "respond", status: 403, headers: [], body: "", contentType: "text/plain" },
    ],
    [
      "respond: { status: 410, body: \"gone\\n\", headers: { X-A: '{header:User-Agent}' }, contentType: text/html }",
      {
        kind: "respond",
        status: 410,
        headers: [
          {
            name: "X-A",
            value: [{ kind: "variable", variable: "header", argument: "user-agent" }],
          },
        ],
        body: "gone\n",
        contentType: "text/html",
      },
    ],
  ])("does %s", (action, plan) => {
    expect(routeOf(action).action).toEqual(plan);
  });

  test("changes requests and responses", () => {
    const route = routeOf(`backend: web,
      request: {
        headers: { set: { X-Real-IP: "{client.ip}", n: 5 }, add: { via: [a, b] }, remove: [X-A, "x-int-*"] },
        path: [{ stripPrefix: /api/ }, { addPrefix: /v2 }, { replacePrefix: { /old/: /new } },
               { replace: { "~^/u/([0-9]+)": /user/$1 } }, { set: "/{host}" }],
        host: server },
      response: { headers: { set: { x-server: "{{{server}} {status}" } } }`);
    expect(route.request).toEqual({
      headers: {
        set: [
          { name: "X-Real-IP", value: [{ kind: "variable", variable: "client.ip", argument: "" }] },
          { name: "n", value: [{ kind: "text", text: "5" }] },
        ],
        add: [
          { name: "via", value: [{ kind: "text", text: "a" }] },
          { name: "via", value: [{ kind: "text", text: "b" }] },
        ],
        remove: ["x-a", "x-int-*"],
      },
      path: [
        { kind: "stripPrefix", prefix: "/api" },
        { kind: "addPrefix", prefix: "/v2" },
        { kind: "replacePrefix", prefix: "/old", with: "/new" },
        { kind: "replace", pattern: "^/u/([0-9]+)", with: "/user/$1" },
        {
          kind: "set",
          to: [
            { kind: "text", text: "/" },
            { kind: "variable", variable: "host", argument: "" },
          ],
        },
      ],
      host: "server",
    });
    expect(route.response.headers.set).toEqual([
      {
        name: "x-server",
        value: [
          { kind: "text", text: "{" },
          { kind: "variable", variable: "server", argument: "" },
          { kind: "text", text: "} " },
          { kind: "variable", variable: "status", argument: "" },
        ],
      },
    ]);
  });
});
