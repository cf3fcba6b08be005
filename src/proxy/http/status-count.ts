// Responses by the first digit of their status: of the frontend, and of who has made them.
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import type { Exchange } from "./exchange.ts";

/** `exchange.server` is null if the answer is ours: then its frontend alone counts it. */
export function countStatus(exchange: Exchange, status: number): void {
  const { http, session, dispatch, server } = exchange;
  const { frontends, backends, servers } = http.plane.board;
  const { row } = session.frontend;
  const backend = server === null ? -1 : dispatch.backend.row;
  const target = server === null ? -1 : server.server.row;
  if (status < 300) {
    frontends.count(row, frontendField.http2xx, 1);
    if (target < 0) return;
    backends.count(backend, backendField.http2xx, 1);
    servers.count(target, serverField.http2xx, 1);
  } else if (status < 400) {
    frontends.count(row, frontendField.http3xx, 1);
    if (target < 0) return;
    backends.count(backend, backendField.http3xx, 1);
    servers.count(target, serverField.http3xx, 1);
  } else if (status < 500) {
    frontends.count(row, frontendField.http4xx, 1);
    if (target < 0) return;
    backends.count(backend, backendField.http4xx, 1);
    servers.count(target, serverField.http4xx, 1);
  } else {
    frontends.count(row, frontendField.http5xx, 1);
    if (target < 0) return;
    backends.count(backend, backendField.http5xx, 1);
    servers.count(target, serverField.http5xx, 1);
  }
}
