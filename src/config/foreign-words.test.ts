import { describe, expect, test } from "vitest";
import { keyMeantBy, valueMeantBy } from "./foreign-words.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(edge: string, web: string): string[] {
  const text = `frontends:
  edge: { mode: tcp, ${edge} }
backends:
  web: { ${web} }
`;
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:\d+:\d+: /, ""));
}

describe("a key of another load balancer", () => {
  test.each([
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
  ])("is the only problem of %s / %s", (edge, web, meant) => {
    expect(problemsOf(edge, web)).toEqual([
      expect.stringMatching(new RegExp(`^unknown key .*Did you mean "${meant}"\\?$`)),
    ]);
  });

  test("that belongs elsewhere says how it is called there", () => {
    const servers = "servers: { a: ':1' }";
    expect(problemsOf("bind: ':80', backend: web, accept-proxy: true", servers)).toEqual([
      'unknown key "accept-proxy" (frontends.edge.accept-proxy). ' +
        'It is called "acceptProxy" here and belongs in frontends.NAME.bind.',
    ]);
    expect(problemsOf("bind: ':80', backend: web", `${servers}, maxconns: 5`)).toEqual([
      'unknown key "maxconns" (backends.web.maxconns). ' +
        'It is called "maxconn" here and belongs in frontends.NAME.',
    ]);
  });

  test("option: each is a key of its own", () => {
    expect(problemsOf("bind: ':80', backend: web, option: tcplog", "servers: { a: ':1' }")).toEqual(
      [
        'unknown key "option" (frontends.edge.option). What HAProxy calls an option is a key of ' +
          "its own. Known here: mode, bind, maxconn, backend, tcpKeepalive, timeout.",
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
  ])("balance: %s", (word, meant) => {
    const [problem] = problemsOf(
      "bind: ':80', backend: web",
      `servers: { a: ':1' }, balance: ${word}`,
    );
    expect(problem).toContain(`Did you mean "${meant}"?`);
  });
});

test("words that name members of objects stand for nothing", () => {
  for (const word of ["constructor", "toString", "__proto__", "", "zebra"]) {
    expect(keyMeantBy(word, ["backend"])).toBeNull();
    expect(valueMeantBy(word, ["tcp"])).toBeNull();
  }
});
