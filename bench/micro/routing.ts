// `node .tools/bench/micro/routing.js`: what it costs to find the route of one request, in nanoseconds,
// with 1, 20, 200 and 2,000 routes. Heads are parsed once, by the parser that serves clients, and
// routed again and again; a test of routes one after the other, on strings, is measured beside it.
import process from "node:process";
import type { SocketAddress } from "../../src/config/address.ts";
import type { MatchPlan, RoutePlan } from "../../src/config/route-plan.ts";
import { Parsed } from "../../src/http/h1/fault.ts";
import { RequestParser } from "../../src/http/h1/request-parser.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import { Router } from "../../src/proxy/http/routing/router.ts";
import { median } from "../statistics.ts";
import { measure } from "./cpu-cost.ts";

const sizes = [1, 20, 200, 2000];
const rounds = 7;
const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 40_000 };

const nothing: MatchPlan = {
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
  bodyBytes: 0,
};
const noHeaders = { set: [], add: [], remove: [] };

interface Case {
  readonly label: string;
  /** Of route `i` of `count`. */
  readonly match: (i: number, count: number) => Partial<MatchPlan>;
  /** Of a request for the last of them. */
  readonly target: (last: number) => string;
  readonly host: (last: number) => string;
  readonly field: string;
}

const plain = {
  target: (last: number): string => `/service${last}/items/12345?page=2`,
  host: (): string => "www.example.com",
  field: "Accept-Encoding: gzip",
};
const prefix = (i: number): MatchPlan["path"] => [{ kind: "prefix", value: `/service${i}/` }];

const cases: readonly Case[] = [
  { ...plain, label: "path prefix", match: (i) => ({ path: prefix(i) }) },
  { ...plain, label: "path prefix, none holds", match: (i) => ({ path: prefix(-i - 1) }) },
  {
    ...plain,
    label: "host, path prefix and method",
    match: (i) => ({
      host: [{ kind: "suffix", value: `.tenant${i >> 2}.example.com` }],
      path: prefix(i & 3),
      method: ["GET", "HEAD"],
    }),
    target: (last) => `/service${last & 3}/items/12345?page=2`,
    host: (last) => `www.tenant${last >> 2}.example.com`,
  },
  {
    ...plain,
    label: "path pattern",
    match: (i) => ({ path: [{ kind: "regex", value: `^/service${i}/[a-z]+/[0-9]+$` }] }),
  },
  {
    ...plain,
    label: "path prefix, encoded",
    match: (i) => ({ path: prefix(i) }),
    target: (last) => `/service${last}/items/a%20b%2Fc?page=2`,
  },
  {
    ...plain,
    label: "path prefix, header, cookie and source",
    match: (i) => ({
      path: prefix(i),
      header: [{ name: "x-beta", absent: false, values: [{ kind: "exact", value: "1" }] }],
      cookie: [{ name: "group", absent: false, values: [{ kind: "exact", value: "b" }] }],
      source: ["192.0.2.0/24", "10.0.0.0/8"],
    }),
    field: "X-Beta: 1\r\nCookie: session=0123456789abcdef; group=b",
  },
  {
    ...plain,
    label: "one path, a header each",
    match: (i) => ({
      path: prefix(0),
      header: [{ name: "x-tenant", absent: false, values: [{ kind: "exact", value: `t${i}` }] }],
    }),
    target: () => "/service0/items/12345?page=2",
    field: "X-Tenant: t",
  },
];

function route(match: Partial<MatchPlan>, i: number): RoutePlan {
  return {
    name: `${i}`,
    match: { ...nothing, ...match },
    action: { kind: "backend", choice: { backends: [{ name: "web", weight: 1 }] } },
    request: { headers: noHeaders, path: [], host: null },
    response: { headers: noHeaders },
  };
}

function parsed({ target, host, field }: Case, last: number): RequestHead {
  const parser = new RequestParser({ headBytes: 16_384, headerCount: 100, uriBytes: 8192 });
  const lines = [
    `GET ${target(last)} HTTP/1.1`,
    `Host: ${host(last)}`,
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5",
    field.replace(/: t$/, `: t${last}`),
  ];
  const bytes = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  if (parser.parse(bytes, 0, bytes.length, null) !== Parsed.done) throw new Error(lines[0]);
  return parser.head;
}

/** Routes one after the other, on strings: what compiling them is measured against. */
function firstPrefix(prefixes: readonly string[], head: RequestHead): number {
  const path = head.pathText();
  return prefixes.findIndex((each) => path.startsWith(each));
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** By label and size: what is measured. */
function workloads(): Map<string, (turns: number) => void> {
  const all = new Map<string, (turns: number) => void>();
  for (const count of sizes) {
    for (const each of cases) {
      const routes = Array.from({ length: count }, (_, i) => route(each.match(i, count), i));
      const router = new Router(routes);
      const head = parsed(each, count - 1);
      const expected = each.label.endsWith("none holds") ? -1 : count - 1;
      if (router.match(head, client) !== expected) throw new Error(`${each.label}: wrong route`);
      all.set(`${each.label} ${count}`, (turns) => {
        for (let i = 0; i < turns; i++) router.match(head, client);
      });
    }
    const head = parsed(cases[0] as Case, count - 1);
    const prefixes = Array.from({ length: count }, (_, i) => `/service${i}/`);
    all.set(`one after the other ${count}`, (turns) => {
      for (let i = 0; i < turns; i++) firstPrefix(prefixes, head);
    });
  }
  return all;
}

function main(): void {
  const costs = new Map<string, number[]>();
  const all = workloads();
  for (let round = 0; round <= rounds; round++) {
    for (const [key, run] of all) {
      const cost = measure(run);
      // The first round warms up.
      if (round > 0) costs.set(key, [...(costs.get(key) ?? []), cost]);
    }
  }
  console.log(`ns per match: median of ${rounds} rounds (least); node ${process.version}\n`);
  console.log(line(["routes ask for", ...sizes.map(String)]));
  console.log(line(["---", ...sizes.map(() => "---:")]));
  for (const label of [...cases.map((each) => each.label), "one after the other"]) {
    const cells = sizes.map((count) => {
      const figures = costs.get(`${label} ${count}`) ?? [];
      return `${median(figures).toFixed(0)} (${Math.min(...figures).toFixed(0)})`;
    });
    console.log(line([label, ...cells]));
  }
}

main();
