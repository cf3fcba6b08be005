// Routes of frontends in tcp mode: what the plan says of them, and which mistakes are told.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";
import type { FrontendPlan } from "./plan.ts";

/** The routes are on line 3, behind five blanks. */
function load(routes: string, keys = ""): ReturnType<typeof parseConfig> {
  const text = `frontends:
  edge: { mode: tcp, bind: ":80", ${keys} routes: [
    ${routes} ] }
  other: { mode: http, bind: ":81", backend: { web: 1, api: 1 } }
backends: { web: { servers: { a: ":1" } }, api: { servers: { a: ":1" } } }
`;
  return parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
}

function frontendOf(routes: string, keys = ""): FrontendPlan {
  const { plan, problems } = load(routes, keys);
  expect(problems).toEqual([]);
  const [frontend] = plan?.frontends ?? [];
  if (!frontend) throw new Error("no plan");
  return frontend;
}

function problemsOf(routes: string): string[] {
  return load(routes).problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

describe("the plan", () => {
  test("has routes in their order, and the backend of the others", () => {
    const routes = `{ match: { sni: [A.example, "*.B.Example."], source: 10.0.0.0/8 }, backend: api },
      { name: mail, match: { alpn: [imap, h2] }, backend: { web: 90, api: 10 } }, { backend: web }`;
    const frontend = frontendOf(routes, "backend: web,");
    expect(frontend.backend).toBe("web");
    expect(frontend.http).toBeNull();
    expect(frontend.tcpRoutes).toEqual([
      {
        name: "1",
        sni: ["a.example", "*.b.example"],
        alpn: [],
        source: ["10.0.0.0/8"],
        backend: { backends: [{ name: "api", weight: 1 }] },
      },
      {
        name: "mail",
        sni: [],
        alpn: ["imap", "h2"],
        source: [],
        backend: {
          backends: [
            { name: "web", weight: 90 },
            { name: "api", weight: 10 },
          ],
        },
      },
      {
        name: "3",
        sni: [],
        alpn: [],
        source: [],
        backend: { backends: [{ name: "web", weight: 1 }] },
      },
    ]);
  });

  test("may have no backend for the others", () => {
    expect(frontendOf("{ match: { sni: a }, backend: web }").backend).toBe("");
  });

  test("has none of them in http mode", () => {
    const { plan } = load("{ backend: web }");
    expect(plan?.frontends[1]?.tcpRoutes).toEqual([]);
  });
});

describe("words of http mode", () => {
  test.each(["redirect: /a", "respond: 403"])("%s", (action) => {
    const [word = ""] = action.split(":");
    expect(problemsOf(`{ match: { sni: a }, ${action} }`)).toEqual([
      `3:26: "${word}" needs mode: http, and this frontend has mode: tcp (frontends.edge.routes[0].${word}). ` +
        "A route here has match and backend.",
    ]);
  });

  test.each(["request: { host: server }", "response: { headers: { remove: a } }"])(
    "%s",
    (rewrite) => {
      expect(problemsOf(`{ backend: web, ${rewrite} }`)).toEqual([
        expect.stringContaining("needs mode: http, and this frontend has mode: tcp"),
      ]);
    },
  );

  test.each([
    ["host: a", "host"],
    ["path: /a", "path"],
    ["method: GET", "method"],
    ["header: { a: b }", "header"],
    ["query: { a: b }", "query"],
    ["cookie: { a: b }", "cookie"],
    ["body: { contains: a }", "body"],
  ])("match: %s", (match, word) => {
    expect(problemsOf(`{ match: { ${match} }, backend: web }`)).toEqual([
      `3:16: "${word}" needs mode: http, and this frontend has mode: tcp (frontends.edge.routes[0].match.${word}). ` +
        "A match here has sni, alpn and source.",
    ]);
  });
});

test.each([
  [
    "{ match: { sni: a } }",
    "3:5: this route does nothing (frontends.edge.routes[0]). Add backend.",
  ],
  ["{ match: { sni: '*' }, backend: web }", "Leave sni out, and every name matches."],
  ["{ match: { sni: 'a.*.b' }, backend: web }", "A * stands alone before the first dot."],
  ["{ match: { sni: '~a' }, backend: web }", "Write a name, *.example.com, or a list."],
  ["{ match: { sni: 10.0.0.1 }, backend: web }", "TLS sends no address; write source, or a name."],
  ["{ match: { sni: 'a:443' }, backend: web }", 'Write "a", without a port.'],
  ["{ match: { sni: 5 }, backend: web }", 'Put it between quotes: "5".'],
  ["{ match: { sni: '' }, backend: web }", "Write a name such as app.example.com."],
  ["{ match: { alpn: http2 }, backend: web }", "Write h2."],
  ["{ match: { snii: a }, backend: web }", 'Did you mean "sni"?'],
  ["{ match: { port: 5 }, backend: web }", 'this version of Ballast does not have "port" yet'],
  [
    "{ match: { sni: a }, backend: wbe }",
    'unknown backend "wbe" (frontends.edge.routes[0].backend). Did you mean "web"?',
  ],
  ["{ match: { sni: a }, backend: { web: 0 } }", "all shares are 0"],
  [
    "{ match: { sni: '*.a.example' }, backend: web }, { match: { sni: B.A.example }, backend: api }",
    "3:56: warning: no session comes to route 2: route 1 before it takes all that it matches " +
      "(frontends.edge.routes[1]). Put it before that one, or remove it.",
  ],
  [
    "{ match: { alpn: [a, b] }, backend: web }, { match: { alpn: b }, backend: api }",
    "no session comes to route 2",
  ],
])("%s", (routes, problem) => {
  expect(problemsOf(routes)).toEqual([expect.stringContaining(problem)]);
});

test("routes that only seem to take each other's sessions are not told", () => {
  const routes = `{ match: { sni: "*.a.example" }, backend: web }, { match: { sni: a.example }, backend: api },
    { match: { sni: [a.example, b.example], alpn: h2 }, backend: web }, { match: { alpn: h2 }, backend: api }`;
  expect(problemsOf(routes)).toEqual([]);
});

test("a backend of a route in tcp mode says nothing of requests", () => {
  const text = `frontends: { e: { mode: tcp, bind: ":80", routes: [{ match: { sni: a }, backend: web }] } }
backends: { web: { servers: { a: ":1" }, cookie: SRV } }
`;
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  expect(problems.map(({ message }) => message)).toEqual([
    '"cookie" needs mode: http, and frontend "e", which may use backend "web", has mode: tcp',
  ]);
});
