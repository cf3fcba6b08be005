// Mistakes in what is written for http mode: which problem, where, with which advice.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

/** Line 3 is that of the frontend, behind ten characters; the backend `web` is on line 5. */
function edge(keys: string): string[] {
  return problemsOf(`defaults: { mode: http }
frontends:
  edge: { ${keys}, bind: ":80", backend: web }
backends:
  web: { servers: { a: ":1" } }
`);
}

/** The route is on line 5. */
function withRoute(keys: string): string[] {
  return problemsOf(`defaults: { mode: http }
frontends:
  edge: { bind: ":80", backend: web,
    routes: [
    { ${keys} } ] }
backends:
  web: { servers: { a: ":1" } }
`);
}

/** The same with something to do. */
function match(keys: string): string[] {
  return withRoute(`respond: 403, match: { ${keys} }`);
}

function request(keys: string): string[] {
  return withRoute(`backend: web, request: { ${keys} }`);
}

/** The backend is on line 3. */
function web(keys: string, servers = 'a: ":1"'): string[] {
  return problemsOf(`frontends: { edge: { mode: http, bind: ":80", backend: web } }
backends:
  web: { ${keys},
    servers: { ${servers} } }
`);
}

type Case = readonly [text: string, problem: string];

const matches: readonly Case[] = [
  [
    'host: "a:80"',
    '5:36: "a:80" is not a host (frontends.edge.routes[0].match.host). Every port matches; write "a".',
  ],
  ["host: '*'", "Leave host out, and every host matches."],
  ["host: a.*.b", "A * stands alone before the first dot."],
  ["host: 'http://a'", "Write a name such as example.com or *.example.com."],
  ["host: bücher.example", 'Write it as it is sent: "xn--bcher-kva.example".'],
  ["host: 5", 'Put it between quotes: "5".'],
  [
    "path: images",
    '5:36: "images" is not a path (frontends.edge.routes[0].match.path). Write "/images".',
  ],
  ["path: '*'", "Leave path out, and every path matches."],
  [
    "path: /a*",
    'A * stands behind the last slash: "/a/*". For others write ~ and a regular expression.',
  ],
  ["path: '/a?b=1'", "The query has a key of its own: query."],
  ["path: /a b", "Write other characters as %NN, a blank as %20."],
  ["path: '~['", '"[" is not a regular expression ('],
  ["path: '~'", "the expression is empty"],
  ["method: get", "Write GET."],
  [
    "header: { x: true }",
    'true is no value to compare with (frontends.edge.routes[0].match.header.x). Write "*" for any value',
  ],
  ["header: { x: 'a*b' }", "A * stands at the end."],
  ["header: { x: [a, false] }", "false is no value to compare with"],
  ["header: { 'a b': c }", '"a b" cannot be the name of a header'],
  ["cookie: { 'a;': c }", '"a;" cannot be the name of a cookie'],
  ["query: { '': c }", '"" cannot be the name of a parameter'],
  ["source: 10.0.0.1/8", '"10.0.0.1/8" has bits set beyond its /8'],
  ["source: example.com", "Write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32."],
  ["body: {}", "this says neither contains nor pointer"],
  ["body: { contain: a }", 'Did you mean "contains"?'],
  ["body: { contains: a, pointer: /b }", "contains and pointer stand here both"],
  ["body: { contains: a, value: b }", "value belongs to pointer, and this has contains"],
  ["body: { pointer: a.b }", 'Write "/a/b".'],
  ["body: { contains: '' }", "the text is empty"],
  ["body: { contains: a }, maxBody: 5", "5 has no unit"],
  ["body: { contains: a }, maxBody: 5KB", "Write 5KiB; 1KiB is 1024 bytes."],
  ["body: { contains: a }, maxBody: 1GiB", "out of range"],
  ["path: /a, maxBody: 5KiB", "warning: maxBody has no effect without body"],
  ["hots: a", 'unknown key "hots" (frontends.edge.routes[0].match.hots). Did you mean "host"?'],
];

const routes: readonly Case[] = [
  [
    "match: { path: /a }",
    "5:5: this route does nothing (frontends.edge.routes[0]). Add backend, redirect or respond.",
  ],
  [
    "backend: web, redirect: /a",
    "5:21: a route does one thing, and this one has backend and redirect (frontends.edge.routes[0].redirect). Remove one of them.",
  ],
  [
    "backend: wbe",
    '5:16: unknown backend "wbe" (frontends.edge.routes[0].backend). Did you mean "web"?',
  ],
  [
    "backend: { web: 1, wbe: 2 }",
    '5:26: unknown backend "wbe" (frontends.edge.routes[0].backend.wbe). Did you mean "web"?',
  ],
  [
    "backend: { web: 0 }",
    "5:16: all shares are 0 (frontends.edge.routes[0].backend). Give one of them a share of 1 or more.",
  ],
  ["backend: {}", "no backend is named here"],
  ["backend: { web: 257 }", "257 is out of range"],
  ["redirect: { to: /a, status: 304 }", "304 is not the status of a redirect"],
  ["redirect: new", "Write one such as https://{host}{uri}."],
  ["redirect: /a b", "a blank as %20"],
  ["redirect: '/{server}'", '"{server}" is not known here, before a server is chosen'],
  [
    "redirect: '/{clint.ip}'",
    'Did you mean "{client.ip}"? There are client.ip, client.port, client.address, bind.port, method, scheme, host, port, path, query, uri, request.id, frontend, tls.version, tls.cipher, tls.sni, tls.alpn, tls.resumed, tls.client.subject, header:NAME, query:NAME, cookie:NAME.',
  ],
  ["respond: 99", "99 is not the status of a response"],
  ["respond: { status: 204, body: a }", "a response with status 204 has no body"],
  ["respond: { headers: { content-length: 5 } }", '"content-length" is Ballast\'s own business'],
  ["respond: { headers: { content-type: a } }", "Write contentType."],
  ["respond: { contentType: html }", "Write one such as text/html."],
  ["respond: 403, request: { host: server }", "warning: request has no effect beside respond"],
  ["respond: 403, name: a b", '"a b" cannot be a name'],
  [
    "respond: 403 }, { backend: web",
    "warning: no request comes to route 2: route 1 before it takes all that it matches",
  ],
  [
    "name: a, match: { path: /a }, backend: web }, { name: a, respond: 403",
    '"a" is the name of route 1 already',
  ],
];

const requests: readonly Case[] = [
  [
    "headers: { set: { Content-Length: 5 } }",
    '5:50: "Content-Length" is Ballast\'s own business (frontends.edge.routes[0].request.headers.set.Content-Length). Remove it.',
  ],
  [
    "headers: { set: { Host: a } }",
    "the Host header has a key of its own (frontends.edge.routes[0].request.headers.set.Host). Write request.host.",
  ],
  ["headers: { add: { 'a b': a } }", '"a b" cannot be the name of a header'],
  ['headers: { set: { a: "b\\nc" } }', '"b\\nc" cannot stand in a header'],
  [
    "headers: { set: { a: '{status}' } }",
    '"{status}" is not known here, before there is a response',
  ],
  ["headers: { set: { a: '{remote_addr}' } }", 'Did you mean "{client.ip}"?'],
  ["headers: { set: { a: '{haeder:b}' } }", 'Did you mean "{header:b}"?'],
  ["headers: { set: { a: '{header:}' } }", '"{header:}" names nothing'],
  ["headers: { set: { a: '{client.ip' } }", '"{client.ip" has no closing brace'],
  [
    "headers: { set: { a: $remote_addr } }",
    'warning: "$remote_addr" is no variable here and is sent as it is',
  ],
  ["headers: { set: { a: '%[src]' } }", "Write {client.ip}."],
  ["headers: { remove: [Connection] }", '"Connection" is Ballast\'s own business'],
  ["headers: { remove: c* }", '"c*" would also remove "connection"'],
  ["headers: { remove: '*a' }", "a * may stand at its end"],
  ["path: { stripPrefix: /a, addPrefix: /b }", "an operation does one thing"],
  ["path: [{}]", "this operation is empty"],
  ["path: { stripPrefix: a }", 'Write "/a".'],
  ["path: { stripPrefix: '/a/*' }", 'Write "/a".'],
  [
    "path: { replacePrefix: { /a: /b, /c: /d } }",
    "replacePrefix has 2 pairs, and their order would matter",
  ],
  ["path: { replacePrefix: { a: /b } }", '"a" is not a path'],
  ["path: { replace: { '^/a': /b } }", '"^/a" is not ~ and a regular expression'],
  ["path: { replace: { '~(': /b } }", '"(" is not a regular expression ('],
  ["path: { replace: { '~^/(a)': /$2 } }", "$2 names a group that the expression does not have"],
  ["path: { set: a }", "Write one such as /{host}."],
  ["host: a b", "Write server, or a name such as example.com."],
];

const frontends: readonly Case[] = [
  ["forwardedFor: xff", "Write true for X-Forwarded-For, rfc7239 for Forwarded, or false."],
  ["trustedProxies: [10.0.0.0/33]", "is neither an IP address nor a network"],
  ["requestId: a b", '"a b" cannot be the name of a header'],
  ["requestId: connection", '"connection" is Ballast\'s own business'],
  [
    "errors: { 200: a }",
    '3:21: "200" is not the status of an error (frontends.edge.errors.200). Write one from 400 to 599.',
  ],
  ["errors: { 503: {} }", "this page has neither body nor file"],
  ["errors: { 503: { fiel: a } }", 'Did you mean "file"?'],
  ["errors: { 503: { body: a, file: b } }", "body and file stand here both"],
  [
    "errors: { 503: { file: no/such.html } }",
    '3:34: there is no file "no/such.html" (frontends.edge.errors.503.file). It was looked for as ',
  ],
  ["errors: { 503: { file: . } }", '"." is not a file'],
  [
    "limits: { headSize: 5 }",
    "5 has no unit (frontends.edge.limits.headSize). Write 5KiB, or 5B for bytes.",
  ],
  ["limits: { headSize: 2MiB }", "Write a size from 1KiB to 1MiB, such as 16KiB."],
  ["limits: { uriLength: 64KiB }", "warning: uriLength is more than headSize, which holds first"],
  ["logHeaders: { request: a b }", '"a b" cannot be the name of a header'],
  ["routes: {}", "a map stands where a list must be (frontends.edge.routes)"],
];

const backends: readonly Case[] = [
  [
    "cookie: { mode: insert }",
    '"name" is missing (backends.web.cookie.name). Add name: SRV to backends.web.cookie.',
  ],
  ["cookie: a b", '"a b" cannot be the name of a cookie'],
  ["cookie: { name: a, mode: inserted }", 'Did you mean "insert"?'],
  [
    "cookie: { name: a, mode: passive, indirect: true }",
    'warning: "indirect" has no effect in mode: passive',
  ],
  [
    "cookie: { name: a, sameSite: None }",
    "warning: browsers refuse a cookie with sameSite: None that is not secure",
  ],
  ["cookie: { name: a, sameSite: lax }", 'Did you mean "Lax"?'],
  ["cookie: { name: a, domain: 'a;b' }", "cannot stand in a cookie"],
  ["retry: { on: conFailure }", 'Did you mean "connFailure"?'],
  ["retry: { on: [conn-failure] }", 'Did you mean "connFailure"?'],
  ["retry: { on: [timeout] }", 'Did you mean "responseTimeout"?'],
  ["retry: { on: 200 }", "200 is not one of connFailure, emptyResponse,"],
  ["retry: { budget: 200% }", "out of range"],
  ["reuse: aggressive", 'Did you mean "always"?'],
  ["balance: uri", '3:19: "uri" is hashed (backends.web.balance). Write { hash: uri }.'],
  ["balance: 'header:a'", 'Write { hash: "header:a" }.'],
  ["balance: { hash: header }", "Write the name behind it, such as header:x-user."],
  ["balance: { hash: 'haeder:a' }", 'Did you mean "header:a"?'],
];

describe.each([
  ["match", match, matches],
  ["a route with", withRoute, routes],
  ["request", request, requests],
  ["a frontend with", edge, frontends],
  ["a backend with", web, backends],
] as const)("%s", (_title, problems, cases) => {
  test.each(cases)("%s", (text, problem) => {
    expect(problems(text)).toEqual([expect.stringContaining(problem)]);
  });
});

test("a server's cookie is its own, and the backend has one", () => {
  const twins = 'a: { address: ":1", cookie: s }, b: { address: ":2", cookie: s }';
  expect(web("cookie: SRV", twins)).toEqual([
    '4:77: "s" stands for server "a" already (backends.web.servers.b.cookie). Choose another value.',
  ]);
  expect(web("maxconn: 5", 'a: { address: ":1", cookie: s }')).toEqual([
    '4:36: warning: backend "web" has no cookie, so this has no effect ' +
      "(backends.web.servers.a.cookie). Add cookie: SRV to the backend, or remove it.",
  ]);
  expect(web("cookie: SRV", 'a: { address: ":1", cookie: "a;b" }')).toEqual([
    '4:44: "a;b" cannot stand in a cookie (backends.web.servers.a.cookie). ' +
      "Write letters, digits and . _ - only, such as s1.",
  ]);
});

test("a backend that no frontend and no route names is told", () => {
  const text = `
frontends: { edge: { mode: http, bind: ":80", routes: [{ match: { path: /a }, backend: web }] } }
backends: { web: { servers: { a: ":1" } } }
`;
  expect(problemsOf(text)).toEqual([]);
  expect(problemsOf(text.replace("backend: web", "respond: 403"))).toEqual([
    '3:13: warning: no frontend uses backend "web" (backends.web). ' +
      "Name it in a frontend or in a failover, or remove it.",
  ]);
});

test("a circle through a route is told", () => {
  const text = `
frontends:
  edge: { mode: http, bind: ":80", routes: [{ match: { path: /a }, backend: { web: 1 } }] }
backends: { web: { servers: { a: ":80" } } }
`;
  expect(problemsOf(text)).toEqual([
    expect.stringContaining('warning: ":80" is where frontend "edge" listens'),
  ]);
});
