import { describe, expect, test } from "vitest";
import { keyMeantBy, valueMeantBy } from "./foreign-words.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(edge: string, web: string, mode = "tcp"): string[] {
  const text = `frontends:
  edge: { mode: ${mode}, ${edge} }
backends:
  web: { ${web} }
`;
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:\d+:\d+: /, ""));
}

describe("a key of another load balancer", () => {
  test.each<[string, string, string]>([
    ["listen: ':80', backend: web", "servers: { a: ':1' }", "bind"],
    ["bind: ':80', default_backend: web", "servers: { a: ':1' }", "backend"],
    ["bind: ':80', use_backend: web", "servers: { a: ':1' }", "backend"],
    ["bind: { addr: ':80' }, backend: web", "servers: { a: ':1' }", "address"],
    [
      "bind: { address: ':80', accept-proxy: true }, backend: web",
      "servers: { a: ':1' }",
      "acceptProxy",
    ],
    ["bind: ':80', backend: web, maxconns: 5", "servers: { a: ':1' }", "maxconn"],
    ["bind: ':80', backend: web, timeout: { client-fin: 5s }", "servers: { a: ':1' }", "clientFin"],
    ["bind: ':80', backend: web", "servers: { a: { addr: ':1' } }", "address"],
    ["bind: ':80', backend: web", "servers: { a: { address: ':1', send-proxy: v1 } }", "sendProxy"],
    ["bind: ':80', backend: web", "servers: { a: ':1' }, send-proxy-v2: v2", "sendProxy"],
    ...[
      ["check: { inter: 2s }", "interval"],
      ["check: { fastinter: 2s }", "fastInterval"],
      ["check: { downinter: 2s }", "downInterval"],
      ["check: { healthy_threshold: 2 }", "rise"],
      ["check: { http: { uri: / } }", "path"],
      ["check: { tcp: { send-binary: 00 } }", "sendHex"],
      ['"option httpchk": GET', "check"],
      ['"option tcp-check": x', "check"],
      ["health_check: {}", "check"],
      ["observe: layer4", "outlier"],
      ["outlier_detection: {}", "outlier"],
      ["outlier: { consecutive_5xx: 5 }", "consecutiveErrors"],
      ["outlier: { base_ejection_time: 5s }", "ejectFor"],
      ["outlier: { fail_timeout: 5s }", "ejectFor"],
      ["outlier: { max_fails: 5 }", "consecutiveErrors"],
      ["stick-table: x", "stick"],
      ["lb_policy: RANDOM", "balance"],
      ["hash-type: consistent", "balance"],
      ["balance: { hash: source, hash-type: ring }", "method"],
      ["balance: { hash: source, hash-balance-factor: 150 }", "boundedLoad"],
      ["max_connections: 5", "maxconn"],
      ["slow_start: 5s", "slowstart"],
      ["on-marked-down: keep", "onMarkedDown"],
    ].map(([web = "", meant = ""]): [string, string, string] => {
      return ["bind: ':80', backend: web", `servers: { a: ':1' }, ${web}`, meant];
    }),
    ["bind: ':80', backend: web", "servers: { a: { address: ':1', max_conns: 5 } }", "maxconn"],
    ["bind: ':80', backend: web", "servers: { a: { address: ':1', slow-start: 5s } }", "slowstart"],
  ])("is the only problem of %s / %s", (edge, web, meant) => {
    expect(problemsOf(edge, web)).toEqual([
      expect.stringMatching(new RegExp(`^unknown key .*Did you mean "${meant}"\\?$`)),
    ]);
  });

  const route = "match: { path: /a }, backend: web";
  const servers = "servers: { a: ':1' }";
  test.each([
    ["bind: ':80', backend: web, option forwardfor: true", servers, "forwardedFor"],
    ["bind: ':80', backend: web, errorfile: {}", servers, "errors"],
    ["bind: ':80', backend: web, acl: {}", servers, "routes"],
    ["bind: ':80', backend: web, http-request: {}", servers, "request"],
    ["bind: ':80', backend: web, location: {}", servers, "routes"],
    ["bind: ':80', backend: web, server_name: a", servers, "routes"],
    ["bind: ':80', backend: web, unique-id-header: a", servers, "requestId"],
    ["bind: ':80', backend: web, timeout: { http-request: 5s }", servers, "httpRequest"],
    ["bind: ':80', backend: web, timeout: { keepalive_timeout: 5s }", servers, "httpKeepAlive"],
    ["bind: ':80', backend: web, limits: { client_max_body_size: 1MiB }", servers, "bodySize"],
    ["bind: ':80', routes: [{ match: { path: /a }, proxy_pass: web }]", servers, "backend"],
    ["bind: ':80', routes: [{ rule: { path: /a }, backend: web }]", servers, "match"],
    ["bind: ':80', routes: [{ match: { server_name: a }, backend: web }]", servers, "host"],
    [`bind: ':80', routes: [{ ${route}, rewrite: { } }]`, servers, "request"],
    [
      `bind: ':80', routes: [{ ${route}, request: { path: { strip_prefix: /a } } }]`,
      servers,
      "stripPrefix",
    ],
    ["bind: ':80', backend: web", `${servers}, http-reuse: safe`, "reuse"],
    ["bind: ':80', backend: web", `${servers}, retry-on: conn-failure`, "retry"],
    ["bind: ':80', backend: web", `${servers}, retry: { num_retries: 3 }`, "attempts"],
    ["bind: ':80', backend: web", `${servers}, proxy_set_header: {}`, "request"],
  ])("of http mode is the only problem of %s / %s", (edge, web, meant) => {
    expect(problemsOf(edge, web, "http")).toEqual([
      expect.stringMatching(new RegExp(`^unknown key .*Did you mean "${meant}"\\?$`)),
    ]);
  });

  test("that belongs elsewhere says how it is called there", () => {
    expect(problemsOf("bind: ':80', backend: web, accept-proxy: true", servers)).toEqual([
      'unknown key "accept-proxy" (frontends.edge.accept-proxy). ' +
        'It is called "acceptProxy" here and belongs in frontends.NAME.bind.',
    ]);
    expect(problemsOf("bind: ':80', backend: web", `${servers}, fastinter: 1s`)).toEqual([
      'unknown key "fastinter" (backends.web.fastinter). It is called "fastInterval" here and ' +
        "belongs in backends.NAME.check or backends.NAME.servers.NAME.check.",
    ]);
  });

  test("option: each is a key of its own", () => {
    expect(problemsOf("bind: ':80', backend: web, option: tcplog", "servers: { a: ':1' }")).toEqual(
      [
        'unknown key "option" (frontends.edge.option). What HAProxy calls an option is a key of ' +
          "its own. Known here: mode, bind, maxconn, backend, tcpKeepalive, timeout, routes, request, " +
          "response, hsts, forwardedFor, trustedProxies, requestId, errors, limits, abortOnClose, logHeaders.",
      ],
    );
  });

  test("that holds a blank, as in timeout client, is written as a map", () => {
    expect(
      problemsOf("bind: ':80', backend: web, timeout client: 5s", "servers: { a: ':1' }"),
    ).toEqual([
      'unknown key "timeout client" (frontends.edge."timeout client"). Write timeout: { client: ... }.',
    ]);
  });
});

describe("a value of another load balancer", () => {
  test.each(["TCP", "stream"])("mode: %s", (word) => {
    const text = `frontends: { e: { mode: ${word}, bind: ":80", backend: b } }
backends: { b: { servers: { s: ":1" } } }
`;
    const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
    expect(problems.map(({ hint }) => hint)).toEqual(['Did you mean "tcp"?']);
  });

  test.each([
    ["round-robin", "roundrobin"],
    ["rr", "roundrobin"],
    ["static-rr", "roundrobin"],
    ["least_conn", "leastconn"],
    ["least_time", "leasttime"],
    ["peak_ewma", "leasttime"],
    ["power_of_two_choices", "p2c"],
    ["ip_hash", "source"],
    ["src", "source"],
  ])("balance: %s", (word, meant) => {
    const [problem] = problemsOf(
      "bind: ':80', backend: web",
      `servers: { a: ':1' }, balance: ${word}`,
    );
    expect(problem).toContain(`Did you mean "${meant}"?`);
  });
});

test.each([
  ["maglev", "Write { hash: source, method: maglev }."],
  ["ring_hash", "Write { hash: source, method: ring }."],
  ["sni", "Write { hash: sni }."],
  ["{ hash: src }", 'Did you mean "source"?'],
  ["{ hash: ssl_fc_sni }", 'Did you mean "sni"?'],
  ["{ hash: source, method: consistent }", 'Did you mean "ring"?'],
  ["{ hash: source, method: map-based }", 'Did you mean "modulo"?'],
])("balance: %s, a hash as others write it", (balance, hint) => {
  const [problem] = problemsOf(
    "bind: ':80', backend: web",
    `servers: { a: ':1' }, balance: ${balance}`,
  );
  expect(problem?.endsWith(hint)).toBe(true);
});

test("words that name members of objects stand for nothing", () => {
  for (const word of ["constructor", "toString", "__proto__", "", "zebra"]) {
    expect(keyMeantBy(word, ["backend"])).toBeNull();
    expect(valueMeantBy(word, ["tcp"])).toBeNull();
  }
});
