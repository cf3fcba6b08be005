// A route of a valid configuration, of either mode, to its part of the plan. resolve.ts and
// resolve-http-frontend.ts call it; it finds no mistakes.
import { builtin } from "./builtin.ts";
import type { BackendWeights, FieldValues, RedirectConfig, RouteConfig } from "./http-config.ts";
import { heldBytesMax } from "./http-limits.ts";
import { builtinValue } from "./inherited.ts";
import { parseSize } from "./quantities.ts";
import { resolveRequest, resolveResponse } from "./resolve-rewrite.ts";
import type {
  BackendChoice,
  FieldMatch,
  MatchPlan,
  RedirectPlan,
  RouteAction,
  RoutePlan,
} from "./route-plan.ts";
import type { TcpRoutePlan } from "./tcp-route-plan.ts";
import { parseTemplate } from "./template.ts";

/** `place` is that in the list, from 1. */
export function resolveRoute(route: RouteConfig, place: number): RoutePlan {
  return {
    name: route.name ?? String(place),
    match: resolveMatch(route),
    action: resolveAction(route),
    request: resolveRequest(route.request),
    response: resolveResponse(route.response),
  };
}

export function resolveTcpRoute(
  { name, match = {}, backend = {} }: RouteConfig,
  place: number,
): TcpRoutePlan {
  return {
    name: name ?? String(place),
    sni: match.sni ?? [],
    alpn: match.alpn ?? [],
    source: match.source ?? [],
    backend: resolveChoice(backend),
  };
}

export function resolveChoice(weights: BackendWeights): BackendChoice {
  return { backends: Object.entries(weights).map(([name, weight]) => ({ name, weight })) };
}

function resolveMatch({ match = {}, redirect }: RouteConfig): MatchPlan {
  return {
    host: match.host ?? [],
    path: match.path ?? [],
    method: match.method ?? [],
    header: Object.entries(match.header ?? {}).map(([name, values]) =>
      resolveField(name.toLowerCase(), values),
    ),
    query: resolveFields(match.query),
    cookie: resolveFields(match.cookie),
    source: match.source ?? [],
    sni: match.sni ?? [],
    alpn: match.alpn ?? [],
    // Sent to where it is already, a client would come back for ever.
    secure: redirect?.scheme === undefined ? null : false,
    body: match.body ?? [],
    bodyBytes: match.maxBody ?? builtinValue(parseSize(builtin.matchBody, 0, heldBytesMax)),
  };
}

function resolveFields(fields: Readonly<Record<string, FieldValues>> = {}): FieldMatch[] {
  return Object.entries(fields).map(([name, values]) => resolveField(name, values));
}

function resolveField(name: string, values: FieldValues): FieldMatch {
  return { name, absent: values === false, values: values === false ? [] : values };
}

function resolveAction({ backend, redirect, respond = {} }: RouteConfig): RouteAction {
  if (backend) return { kind: "backend", choice: resolveChoice(backend) };
  if (redirect) return resolveRedirect(redirect);
  return {
    kind: "respond",
    status: respond.status ?? builtin.respondStatus,
    headers: Object.entries(respond.headers ?? {}).map(([name, value]) => ({ name, value })),
    body: respond.body ?? "",
    contentType: respond.contentType ?? builtin.contentType,
  };
}

function resolveRedirect({ to, port = 443, status }: RedirectConfig): RedirectPlan {
  if (to) return { kind: "redirect", to, status: status ?? builtin.redirectStatus };
  const authority = port === 443 ? "{host}" : `{host}:${port}`;
  return {
    kind: "redirect",
    to: builtinValue(parseTemplate(`https://${authority}{uri}`, "answer")),
    status: status ?? builtin.schemeStatus,
  };
}
