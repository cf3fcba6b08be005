// What becomes of a response's head before it is written: persistence, then the rewrites of backend,
// route and frontend.
import type { ResponseHead } from "../../http/response-head.ts";
import type { Server } from "../dispatch/backend.ts";
import type { Exchange } from "./exchange.ts";
import { valuesOf } from "./logged-headers.ts";
import type { Route } from "./route.ts";

/** Cookie, then rewrites. What the log shows is what the server said. */
export function rewriteResponse(exchange: Exchange, head: ResponseHead): void {
  const { http, session, dispatch, method, finding } = exchange;
  const { backend } = dispatch;
  const { logResponseHeaders } = session.settings;
  if (logResponseHeaders.length > 0) exchange.logged = valuesOf(head, logResponseHeaders);
  if (backend.persistence !== null) {
    const index = backend.servers.indexOf(dispatch.target as Server);
    const { response } = backend.persistence;
    if (index >= 0) exchange.cookieState = response.apply(head, finding, index, method, Date.now());
  }
  const route = exchange.route as Route;
  const way = route.wayTo(backend);
  if (way.response?.needsRequest === true) http.requestOf(exchange);
  route.rewriteResponse(head, http.context.of(exchange), way);
}
