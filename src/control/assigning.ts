// From a plan to what one worker is handed: rows, addresses and descriptors filled in.
import type { Plan } from "../config/plan.ts";
import type { Assignment } from "../proxy/assignment.ts";
import { serverKey } from "../scoreboard/rows.ts";
import type { PreparedBinds } from "./binds.ts";
import { bindKey, type Secrets } from "./certificates/secrets.ts";
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
  readonly secrets: Secrets;
}

export function assign(input: Assigning): Assignment {
  const { plan, version, worker, rows, binds, states, sessionsMax, secrets } = input;
  return {
    version,
    global: plan.global,
    sessionsMax,
    ticketKeys: secrets.ticketKeys,
    frontends: plan.frontends.map((frontend) => ({
      plan: frontend,
      row: rows.frontend(frontend.name),
      binds: frontend.binds.map((bind, i) => ({
        plan: bind,
        descriptor: binds.of(frontend, i)[worker] ?? -1,
        secrets: secrets.ofBind(bindKey(frontend, i)),
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
        secrets: secrets.ofServer(serverKey(backend.name, server.name)),
      })),
    })),
  };
}

/** Before the first plan nobody may be assigned anything. */
export function unassigned(): never {
  throw new Error("there is no plan yet");
}
