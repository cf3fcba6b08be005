// `request` and `response` of a valid configuration to their part of the plan. The other files that
// resolve http mode call it.
import type { HeadersConfig, RequestConfig, ResponseConfig } from "./http-config.ts";
import type { HeaderOperations, RequestRewrite, ResponseRewrite } from "./rewrite-plan.ts";

export function resolveRequest(request: RequestConfig = {}): RequestRewrite {
  return {
    headers: resolveHeaders(request.headers),
    path: request.path ?? [],
    host: request.host ?? null,
  };
}

export function resolveResponse(response: ResponseConfig = {}): ResponseRewrite {
  return { headers: resolveHeaders(response.headers) };
}

/** Names that are set or added keep the spelling of the file. */
function resolveHeaders({ set = {}, add = {}, remove = [] }: HeadersConfig = {}): HeaderOperations {
  return {
    set: Object.entries(set).map(([name, value]) => ({ name, value })),
    add: Object.entries(add).flatMap(([name, values]) => values.map((value) => ({ name, value }))),
    remove,
  };
}
