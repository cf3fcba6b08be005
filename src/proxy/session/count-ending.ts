// What the scoreboard learns from an end that came too soon, of a session or an exchange: whose fault it
// was, on every row that it touched.
import { backendField, frontendField, serverField } from "../../scoreboard/fields.ts";
import type { WorkerScoreboard } from "../../scoreboard/scoreboard.ts";
import { Ended, Phase } from "../termination.ts";

/** `backend` and `server` are rows; below zero: it had none. */
export function countEnding(
  { frontends, backends, servers }: WorkerScoreboard,
  frontend: number,
  backend: number,
  server: number,
  ended: Ended,
  phase: Phase,
): void {
  switch (ended) {
    case Ended.client:
      frontends.count(frontend, frontendField.clientAborts, 1);
      if (backend >= 0) backends.count(backend, backendField.clientAborts, 1);
      if (server >= 0) servers.count(server, serverField.clientAborts, 1);
      return;
    case Ended.server:
      frontends.count(frontend, frontendField.serverAborts, 1);
      // What never was connected is a connect failure there, counted already.
      if (phase === Phase.connect) return;
      if (backend >= 0) backends.count(backend, backendField.serverAborts, 1);
      if (server >= 0) servers.count(server, serverField.serverAborts, 1);
      return;
    case Ended.clientTimeout:
      frontends.count(frontend, frontendField.clientTimeouts, 1);
      if (backend >= 0) backends.count(backend, backendField.clientTimeouts, 1);
      if (server >= 0) servers.count(server, serverField.clientTimeouts, 1);
      return;
    case Ended.serverTimeout:
      frontends.count(frontend, frontendField.serverTimeouts, 1);
      if (phase === Phase.connect) return;
      if (backend >= 0) backends.count(backend, backendField.serverTimeouts, 1);
      if (server >= 0) servers.count(server, serverField.serverTimeouts, 1);
      return;
    case Ended.proxy:
      frontends.count(frontend, frontendField.denied, 1);
      return;
    case Ended.resource:
      frontends.count(frontend, frontendField.resourceErrors, 1);
      return;
    case Ended.internal:
      frontends.count(frontend, frontendField.handlerErrors, 1);
      return;
    case Ended.serverDown:
      frontends.count(frontend, frontendField.shutdowns, 1);
      if (backend >= 0) backends.count(backend, backendField.shutdowns, 1);
      if (server >= 0) servers.count(server, serverField.shutdowns, 1);
      return;
    case Ended.killed:
      frontends.count(frontend, frontendField.killed, 1);
      return;
    default:
  }
}
