// Where the persistence cookie of a request leads: to one of a route's backends, to one of its servers.
import { serverField } from "../../scoreboard/fields.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import type { Backend, Server } from "../dispatch/backend.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import type { Exchange } from "./exchange.ts";
import type { ServerStanding } from "./persistence/persistence.ts";
import type { Route } from "./route.ts";

/** The backend that a cookie of the request names, or one drawn by weight. */
export function chosenBackend(exchange: Exchange, route: Route): Backend {
  const { backends } = route;
  if (backends.length > 1) {
    for (let i = 0; i < backends.length; i++) {
      const backend = backends[i] as Backend;
      if (backend.persistence !== null && serverOfCookie(exchange, backend) >= 0) return backend;
    }
  }
  return route.draw();
}

/** Reads the cookie of one backend; gives the first server that it stands for, usable or not. */
function serverOfCookie(exchange: Exchange, backend: Backend): number {
  const { persistence } = backend;
  const { finding, http } = exchange;
  if (persistence === null) return -1;
  if (exchange.foundFor !== backend) {
    exchange.foundFor = backend;
    persistence.request.find(http.requestOf(exchange), finding, Date.now());
  }
  return finding.server;
}

/** Asks about servers of the dispatch at hand. */
class Standing implements ServerStanding {
  dispatch: Dispatch | null;

  constructor() {
    this.dispatch = null;
  }

  keepsClients(index: number): boolean {
    const { backend, excluded, plane } = this.dispatch as Dispatch;
    if (excluded !== null && excluded[index] !== 0) return false;
    const { row } = backend.servers[index] as Server;
    const state = plane.board.servers.load(row, serverField.state);
    return state === ServerState.up || state === ServerState.drain;
  }
}

const standing = new Standing();

/** The server, by its index, that the request's cookie leads to; -1: none, or none that can be used. */
export function persistedServer(exchange: Exchange): number {
  const { dispatch, finding } = exchange;
  const { persistence } = dispatch.backend;
  if (persistence === null || serverOfCookie(exchange, dispatch.backend) < 0) return -1;
  standing.dispatch = dispatch;
  return persistence.follow(finding, standing);
}
