// The compiled router answers as a matcher that tests route after route, written from the words of
// the plan alone, on strings.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { SocketAddress } from "../../../config/address.ts";
import type { FieldMatch, MatchPlan } from "../../../config/route-plan.ts";
import { type RequestShape, requestHead } from "../../../../test/support/request-head.ts";
import { route } from "../../../../test/support/routes.ts";
import { Router } from "./router.ts";
import { Routing } from "./routing.ts";

interface Asked {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly fields: readonly (readonly [string, string])[];
  readonly cookies: readonly (readonly [string, string])[];
  readonly client: string;
  readonly sni: string;
  readonly offered: readonly string[];
  readonly secure: boolean;
}

function fieldHolds({ name, absent, values }: FieldMatch, sent: Asked["query"]): boolean {
  const found = sent.filter(([key]) => key === name).map(([, value]) => value);
  if (absent) return found.length === 0;
  return found.some((text) =>
    values.some(({ kind, value }) => {
      if (kind === "any") return true;
      if (kind === "exact") return text === value;
      return kind === "prefix" ? text.startsWith(value) : new RegExp(value).test(text);
    }),
  );
}

function pathHolds(match: MatchPlan, path: string): boolean {
  return match.path.some(({ kind, value }) => {
    if (kind === "exact") return path === value;
    if (kind === "regex") return new RegExp(value).test(path);
    return path.startsWith(value) || `${path}/` === value;
  });
}

function sniHolds(name: string, asked: string): boolean {
  if (!name.startsWith("*")) return asked === name;
  return asked.endsWith(name.slice(1)) && asked.length >= name.length;
}

function holds(match: MatchPlan, asked: Asked, path: string): boolean {
  const host = asked.host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  const lowered = asked.fields.map(([name, value]) => [name.toLowerCase(), value] as const);
  return (
    (match.host.length === 0 ||
      match.host.some(({ kind, value }) =>
        kind === "exact" ? host === value : host.endsWith(value) && host.length > value.length,
      )) &&
    (match.path.length === 0 || pathHolds(match, path)) &&
    (match.method.length === 0 || match.method.includes(asked.method)) &&
    (match.source.length === 0 || match.source.includes(asked.client)) &&
    (match.sni.length === 0 || match.sni.some((name) => sniHolds(name, asked.sni))) &&
    (match.alpn.length === 0 || match.alpn.some((name) => asked.offered.includes(name))) &&
    (match.secure === null || match.secure === asked.secure) &&
    match.header.every((each) => fieldHolds(each, lowered)) &&
    match.query.every((each) => fieldHolds(each, asked.query)) &&
    match.cookie.every((each) => fieldHolds(each, asked.cookies))
  );
}

/** What the rules of path-view.ts say, for the few ways of writing that the paths below have. */
function expectedAnswer(routes: readonly { match: MatchPlan }[], asked: Asked): number {
  const first = (path: string): number =>
    routes.findIndex(({ match }) => holds(match, asked, path));
  if (routes.every(({ match }) => match.path.length === 0)) return first("");
  const canonical = asked.path.replaceAll("%61", "a");
  const folded = canonical
    .replaceAll(/%2F|\\/g, "/")
    .replaceAll(/;[^/]*/g, "")
    .replaceAll(/\/+/g, "/");
  if (folded.split("/").some((segment) => segment === "." || segment === ".."))
    return Routing.refused;
  return first(canonical) === first(folded) ? first(canonical) : Routing.refused;
}

const label = fc.constantFrom("a", "b", "ab");
const segments = fc.array(label, { maxLength: 3 });
const plainPath = segments.map((parts) => `/${parts.join("/")}`);
const sentPath = fc.oneof(
  { weight: 3, arbitrary: plainPath },
  fc
    .array(fc.constantFrom("a", "b", "/", "/a", "/b", "%61", "%2F", "\\", ";x", ".", ".."), {
      maxLength: 7,
    })
    .map((parts) => `/${parts.join("")}`),
);
const hostName = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const token = fc.constantFrom("x", "y", "xy", "");
const pairs = fc.array(fc.tuple(fc.constantFrom("n", "m"), token), { maxLength: 3 });
const protocols = fc.constantFrom("h2", "http/1.1");
const addresses = fc.constantFrom("192.0.2.1", "192.0.2.2");

const fieldMatch: fc.Arbitrary<FieldMatch> = fc.record({
  name: fc.constantFrom("n", "m"),
  absent: fc.boolean(),
  values: fc.array(
    fc.record({
      kind: fc.constantFrom("any", "exact", "prefix"),
      value: token,
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
/** Mostly empty, so that routes hold often enough. */
function seldom<T>(some: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<T[]>([]) },
    fc.array(some, { minLength: 1, maxLength: 2 }),
  );
}
const matchPlan: fc.Arbitrary<Partial<MatchPlan>> = fc.record({
  host: seldom(
    fc.oneof(
      hostName.map((value) => ({ kind: "exact", value }) as const),
      hostName.map((value) => ({ kind: "suffix", value: `.${value}` }) as const),
    ),
  ),
  path: seldom(
    fc.oneof(
      plainPath.map((value) => ({ kind: "exact", value }) as const),
      plainPath.map(
        (path) => ({ kind: "prefix", value: path === "/" ? path : `${path}/` }) as const,
      ),
      fc
        .constantFrom("^/a", "^/a/b?", "^/a/[ab]+$", "b$", "^/(a|b)/", "^/a|b", "^/ab{0,1}/", "/ab")
        .map((value) => ({ kind: "regex", value }) as const),
    ),
  ),
  method: seldom(fc.constantFrom("GET", "POST", "PURGE")),
  header: seldom(fieldMatch),
  query: seldom(fieldMatch),
  cookie: seldom(fieldMatch),
  source: seldom(addresses),
  sni: seldom(
    fc.oneof(
      hostName,
      hostName.map((name) => `*.${name}`),
    ),
  ),
  alpn: seldom(protocols),
  secure: fc.constantFrom(null, null, true, false),
});
const request: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom("GET", "POST", "PURGE", "BREW"),
  host: fc
    .tuple(hostName, fc.constantFrom("", ".", ":80"))
    .map(([name, end]) => name.toUpperCase() + end),
  path: sentPath,
  query: pairs,
  fields: pairs,
  cookies: pairs,
  client: addresses,
  sni: fc.oneof(hostName, fc.constant("")),
  offered: fc.array(protocols, { maxLength: 2 }),
  secure: fc.boolean(),
});

function shapeOf({ method, host, path, query, fields, cookies }: Asked): RequestShape {
  const join = (all: Asked["query"], by: string): string =>
    all.map((pair) => pair.join("=")).join(by);
  return {
    method,
    host,
    target: query.length > 0 ? `${path}?${join(query, "&")}` : path,
    fields: [...fields, ...(cookies.length > 0 ? [["Cookie", join(cookies, "; ")] as const] : [])],
  };
}

it("answers as a naive matcher does", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(matchPlan, { maxLength: 70 }),
      fc.array(request, { minLength: 1, maxLength: 5 }),
      (matches, requests) => {
        const routes = matches.map((match, i) => route(`${i}`, match));
        const router = new Router(routes);
        for (const asked of requests) {
          const client: SocketAddress = { family: "ipv4", host: asked.client, port: 1 };
          const { sni, offered, secure } = asked;
          const tls = { sni, offered, alpn: "", agreed: null };
          const answer = router.match(requestHead(shapeOf(asked)), client, { tls, secure });
          expect({ asked, answer }).toEqual({ asked, answer: expectedAnswer(routes, asked) });
          seen.add(answer >= 0 ? "route" : String(answer));
        }
      },
    ),
    { numRuns: 250 },
  );
  // The property has looked at all kinds of answers.
  expect(seen).toEqual(new Set(["route", String(Routing.none), String(Routing.refused)]));
});
