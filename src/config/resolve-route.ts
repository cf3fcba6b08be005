// A route of a valid configuration to its part of the plan. resolve-http-frontend.ts calls it; it
// finds no mistakes.
import { builtin } from "./builtin.ts";
import type { BackendWeights, FieldValues, MatchConfig, RouteConfig } from "./http-config.ts";
import { heldBytesMax } from "./http-limits.ts";
import { builtinValue } from "./inherited.ts";
import { parseSize } from "./quantities.ts";
import { resolveRequest, resolveResponse } from "./resolve-rewrite.ts";
import type { BackendChoice, FieldMatch, MatchPlan, RouteAction, RoutePlan } from "./route-plan.ts";

/** `place` is that in the list, from 1. */
export function resolveRoute(route: RouteConfig, place: number): RoutePlan {
  return {
    name: route.name ?? String(place),
    match: resolveMatch(route.match),
    action: resolveAction(route),
    request: resolveRequest(route.request),
    response: resolveResponse(route.response),
  };
}

export function resolveChoice(weights: BackendWeights): BackendChoice {
  return { backends: Object.entries(weights).map(([name, weight]) => ({ name, weight })) };
}

function resolveMatch(match: MatchConfig = {}): MatchPlan {
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
  if (redirect) {
    const { to, status } = redirect;
    return { kind: "redirect", to, status: status ?? builtin.redirectStatus };
  }
  return {
    kind: "respond",
    status: respond.status ?? builtin.respondStatus,
    headers: Object.entries(respond.headers ?? {}).map(([name, value]) => ({ name, value })),
    body: respond.body ?? "",
    contentType: respond.contentType ?? builtin.contentType,
  };
}
