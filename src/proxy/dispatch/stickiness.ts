// A backend's sticky table as a worker uses it: where a session's key was led before, and where it
// leads from now on. Adding a server moves nobody, because what is known is not computed anew.
import type { SessionKey } from "../../config/plan.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import { openStickTable } from "../../scoreboard/stick-control.ts";
import { type StickKey, stickServer } from "../../scoreboard/stick-key.ts";
import type { StickTableMemory } from "../../scoreboard/stick-memory.ts";
import type { StickTable } from "../../scoreboard/stick-table.ts";
import type { Server } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";

export class Stickiness {
  readonly on: SessionKey;
  readonly #table: StickTable;
  /** Of the session at hand; filled anew for each. */
  readonly #key: StickKey;
  readonly #servers: readonly Server[];
  /** Index in the plan's order, by what the table keeps of a server. */
  readonly #places: Map<number, number>;

  constructor(
    on: SessionKey,
    memory: StickTableMemory,
    worker: number,
    servers: readonly Server[],
  ) {
    this.on = on;
    this.#table = openStickTable(memory, worker);
    this.#key = this.#table.newKey();
    this.#servers = servers;
    this.#places = new Map(servers.map(({ name }, index) => [stickServer(name), index]));
  }

  /**
   * The server, by its index, that the session's key leads to; -1 when it leads nowhere, or to one
   * that is gone, down, taken out or has failed this session. A draining server keeps those that
   * know it, as in HAProxy.
   */
  find(dispatch: Dispatch): number {
    const { plane, excluded } = dispatch;
    dispatch.owner.fillKey(this.#key, this.on);
    const index = this.#places.get(this.#table.lookup(this.#key, plane.clockMs)) ?? -1;
    if (index < 0 || (excluded !== null && excluded[index] !== 0)) return -1;
    const { row } = this.#servers[index] as Server;
    const state = plane.board.servers.load(row, serverField.state);
    if (state !== ServerState.up && state !== ServerState.drain) return -1;
    plane.board.backends.count(dispatch.backend.row, backendField.stickHits, 1);
    return index;
  }

  /** The session is established: its key leads here from now on. */
  keep(dispatch: Dispatch, server: Server): void {
    dispatch.owner.fillKey(this.#key, this.on);
    this.#table.store(this.#key, stickServer(server.name), dispatch.plane.clockMs);
  }
}
