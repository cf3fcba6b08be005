// Words of http mode in tcp mode, and what a frontend must say in each.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

function edge(keys: string): string[] {
  return problemsOf(`frontends:
  edge: { mode: tcp, bind: ":80", backend: web, ${keys} }
backends: { web: { servers: { a: ":1" } } }
`);
}

function web(keys: string): string[] {
  return problemsOf(`frontends:
  edge: { mode: tcp, bind: ":80", backend: first }
  site: { mode: http, bind: ":81", backend: web }
backends:
  web: { servers: { a: ":1" }, ${keys} }
  first: { servers: { a: ":1" }, failover: web }
`);
}

describe("a frontend in tcp mode", () => {
  test.each([
    ["hsts: true", "hsts"],
    ["forwardedFor: true", "forwardedFor"],
    ["trustedProxies: 10.0.0.1", "trustedProxies"],
    ["requestId: true", "requestId"],
    ["errors: { 503: a }", "errors"],
    ["limits: { headerCount: 5 }", "limits"],
    ["abortOnClose: true", "abortOnClose"],
    ["logHeaders: { request: a }", "logHeaders"],
    ["request: { host: server }", "request"],
    ["response: { headers: { remove: a } }", "response"],
  ])("does not know %s", (keys, word) => {
    expect(edge(keys)).toEqual([
      `2:49: "${word}" needs mode: http, and this frontend has mode: tcp (frontends.edge.${word}). ` +
        "Remove it, or write mode: http.",
    ]);
  });

  test("has no use for the times of requests", () => {
    expect(edge("timeout: { httpRequest: 1s }")).toEqual([
      '2:60: warning: "httpRequest" has no effect in mode: tcp (frontends.edge.timeout.httpRequest). Remove it.',
    ]);
  });

  test("has one backend", () => {
    const text = `defaults: { mode: tcp, forwardedFor: true }
frontends: { edge: { bind: ":80", backend: { web: 1, api: 1 } } }
backends: { web: { servers: { a: ":1" } }, api: { servers: { a: ":1" } } }
`;
    expect(problemsOf(text)).toEqual([
      "2:44: shares of several backends need mode: http, and this frontend has mode: tcp " +
        "(frontends.edge.backend). Name one backend.",
    ]);
  });
});

test.each([
  ["mode: http", "Add backend: web, or routes to frontends.edge."],
  ["mode: http, routes: []", "Add backend: web, or routes to frontends.edge."],
  ["mode: tcp", "Add backend: web, or routes to frontends.edge."],
  ["mode: tcp, routes: []", "Add backend: web, or routes to frontends.edge."],
])("a frontend with %s alone leads nowhere", (keys, hint) => {
  expect(
    problemsOf(`frontends: { edge: { bind: ":80", ${keys} } }
backends: { web: { servers: { a: ":1" } } }
`),
  ).toEqual([`1:14: "backend" is missing (frontends.edge.backend). ${hint}`]);
});

describe("a backend of a tcp frontend", () => {
  const because = 'frontend "edge", which may use backend "web", has mode: tcp';
  const hint = "Remove it, or give that frontend another backend.";

  test.each([
    ["cookie: SRV", "5:32", '"cookie"', "cookie"],
    ["request: { host: server }", "5:32", '"request"', "request"],
    ["response: { headers: { remove: a } }", "5:32", '"response"', "response"],
    ["balance: { hash: uri }", "5:49", '"uri"', "balance.hash"],
    ["stick: { on: 'header:a' }", "5:45", '"header:a"', "stick.on"],
    ["retry: { on: [connFailure, 503] }", "5:59", '"503"', "retry.on[1]"],
    ["retry: { on: emptyResponse }", "5:45", '"emptyResponse"', "retry.on"],
  ])("does not know %s", (keys, place, word, path) => {
    expect(web(keys)).toEqual([
      `${place}: ${word} needs mode: http, and ${because} (backends.web.${path}). ${hint}`,
    ]);
  });

  test("may serve http frontends too, and say what tcp mode does not ask for", () => {
    expect(web("retry: { on: connFailure, attempts: 2 }, reuse: never")).toEqual([]);
  });
});
