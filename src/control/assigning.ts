// From a plan to what one worker is handed: rows, addresses and descriptors filled in.
import type { Plan } from "../config/plan.ts";
import type { Assignment } from "../proxy/assignment.ts";
import { serverKey } from "../scoreboard/rows.ts";
import type { PreparedBinds } from "./binds.ts";
import type { Rows } from "./rows.ts";
import type { ServerStates } from "./server-states.ts";

export interface Assigning {
  readonly plan: Plan;
  readonly version: number;
  readonly worker: number;
  readonly rows: Rows;
  readonly binds: PreparedBinds;
  readonly states: ServerStates;
  readonly sessionsMax: number;
}

export function assign(input: Assigning): Assignment {
  const { plan, version, worker, rows, binds, states, sessionsMax } = input;
  return {
    version,
    global: plan.global,
    sessionsMax,
    frontends: plan.frontends.map((frontend) => ({
      plan: frontend,
      row: rows.frontend(frontend.name),
      binds: frontend.binds.map((bind, i) => ({
        plan: bind,
        descriptor: binds.of(frontend, i)[worker] ?? -1,
      })),
    })),
    backends: plan.backends.map((backend) => ({
      plan: backend,
      row: rows.backend(backend.name),
      stick: states.backends.get(backend.name)?.stick?.memory ?? null,
      table: states.backends.get(backend.name)?.table?.buffer ?? null,
      servers: backend.servers.map((server) => ({
        plan: server,
        row: rows.server(backend.name, server.name),
        address: states.server(serverKey(backend.name, server.name))?.address ?? null,
      })),
    })),
  };
}
