// Routes for tests, from what they ask alone.
import type { MatchPlan, RoutePlan } from "../../src/config/route-plan.ts";

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

/** A route to a backend of its own name. */
export function route(name: string, match: Partial<MatchPlan>): RoutePlan {
  return {
    name,
    match: { ...nothing, ...match },
    action: { kind: "backend", choice: { backends: [{ name, weight: 1 }] } },
    request: { headers: noHeaders, path: [], host: null },
    response: { headers: noHeaders },
  };
}
