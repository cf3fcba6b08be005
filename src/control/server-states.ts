// The state of every server and backend: operators, checks, outlier detection and resolution say
// here what they have found; what follows from all of it together is written to the scoreboard,
// where workers read it. The only writer of states, weights, hash tables and availability.
import type { SocketAddress } from "../config/address.ts";
import type { BackendPlan, Plan } from "../config/plan.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState, serverStateNames } from "../scoreboard/server-state.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import { BackendStatus } from "./backend-status.ts";
import type { Log } from "./log.ts";
import type { Resolution } from "./discovery/names.ts";
import type { Rows } from "./rows.ts";
import { type AdminState, ServerStatus } from "./server-status.ts";
import { SlowStarts } from "./slow-starts.ts";
import { TablePace } from "./table-pace.ts";

/** A server came from one state to another. */
export interface Transition {
  readonly server: ServerStatus;
  readonly from: ServerState;
  readonly to: ServerState;
  readonly reason: string;
}

export class ServerStates {
  readonly board: ControlScoreboard;
  readonly #log: Log;
  readonly #servers: Map<string, ServerStatus>;
  readonly #backends: Map<string, BackendStatus>;
  readonly #listeners: ((transition: Transition) => void)[];
  /** Called when sessions that wait may find a place now. */
  readonly #onRoom: () => void;
  /** Rows of what the plan does not name any more. */
  readonly #leaving: { readonly server: number; readonly backend: number }[];
  /** Backends whose workers do not know the last changes yet. */
  readonly #dirty: Set<BackendStatus>;
  readonly #slowStarts: SlowStarts;
  readonly #tablePace: TablePace<BackendStatus>;
  #flushing: NodeJS.Immediate | undefined;

  /** `clock`, in monotonic milliseconds, measures what hash tables cost. */
  constructor(board: ControlScoreboard, log: Log, onRoom: () => void, clock?: () => number) {
    this.#onRoom = onRoom;
    this.board = board;
    this.#log = log;
    this.#servers = new Map();
    this.#backends = new Map();
    this.#listeners = [];
    this.#leaving = [];
    this.#dirty = new Set();
    this.#slowStarts = new SlowStarts((servers) => {
      for (const server of servers) this.#touch(server);
      this.flush();
    });
    this.#tablePace = new TablePace((backend) => {
      this.#dirty.add(backend);
      this.flush();
    }, clock);
    this.#flushing = undefined;
  }

  /** Called after every change of a server's state, in the turn of the change. */
  onTransition(listener: (transition: Transition) => void): void {
    this.#listeners.push(listener);
  }

  /** By `backend/server`, in the plan's order. */
  get servers(): ReadonlyMap<string, ServerStatus> {
    return this.#servers;
  }

  get backends(): ReadonlyMap<string, BackendStatus> {
    return this.#backends;
  }

  server(key: string): ServerStatus | undefined {
    return this.#servers.get(key);
  }

  /**
   * Takes a plan. What keeps its name keeps its state, what operators and checks have said of it;
   * what is gone leaves by drainRemoved(). The scoreboard is up to date when this returns; only a
   * large hash table of the same servers may follow.
   */
  apply(plan: Plan, rows: Rows, resolution: Resolution): void {
    const servers = new Map(this.#servers);
    const backends = new Map(this.#backends);
    const joined: ServerStatus[] = [];
    this.#servers.clear();
    this.#backends.clear();
    for (const backend of plan.backends) {
      const members = backend.servers.map((server) => {
        const row = rows.server(backend.name, server.name);
        const fresh = new ServerStatus(backend.name, server, row, null);
        const known = servers.get(fresh.key);
        const status = known ?? fresh;
        status.replan(server, resolution.get(fresh.key) ?? null);
        if (known === undefined) {
          status.state = status.due;
          joined.push(status);
        } else this.#settle(status, "the configuration has changed");
        servers.delete(status.key);
        this.#servers.set(status.key, status);
        return status;
      });
      this.#applyBackend(backend, rows.backend(backend.name), members, backends);
    }
    for (const gone of servers.values()) {
      this.#leaving.push({ server: gone.row, backend: backends.get(gone.backend)?.row ?? -1 });
    }
    for (const backend of backends.values()) {
      if (!this.#backends.has(backend.name)) backend.close();
    }
    // At boot all start alike; who joins later starts slowly.
    for (const status of backends.size === 0 ? [] : joined) {
      if (status.state === ServerState.up) this.#beginRamp(status);
    }
    this.flush();
  }

  /**
   * Every worker has taken the plan: what it does not name gets no new sessions. Not before, or
   * whoever comes in between would find nobody.
   */
  drainRemoved(): void {
    for (const { server, backend } of this.#leaving.splice(0)) {
      this.board.servers.store(server, serverField.state, ServerState.drain);
      if (backend >= 0) this.board.backends.fetchAdd(backend, backendField.version, 1);
    }
  }

  #applyBackend(
    plan: BackendPlan,
    row: number,
    members: readonly ServerStatus[],
    before: ReadonlyMap<string, BackendStatus>,
  ): void {
    const backend =
      before.get(plan.name) ?? new BackendStatus(plan, row, this.board, this.#log, this.#tablePace);
    backend.replan(plan, members);
    this.#backends.set(plan.name, backend);
    this.#dirty.add(backend);
  }

  /** HAProxy's `set server .. state`. */
  setAdmin(server: ServerStatus, admin: AdminState): void {
    server.admin = admin;
    // That it is ready is his word against that of traffic: his counts.
    if (admin === "ready") server.ejected = false;
    this.#settle(server, `set to ${admin} by an operator`);
  }

  /** HAProxy's `set server .. weight`: 0 to 256, until the file says another one. */
  setWeight(server: ServerStatus, weight: number): void {
    if (server.weight === weight) return;
    this.#log.info(
      { server: server.key },
      `server ${server.key} has weight ${weight} now, ${server.weight} before`,
    );
    server.weight = weight;
    this.#touch(server);
  }

  /** What checks make of it; `result` is what the last of them found. */
  setHealth(server: ServerStatus, healthy: boolean, result: string): void {
    server.checkResult = result;
    if (server.healthy === healthy) return;
    server.healthy = healthy;
    this.#settle(server, result);
  }

  setEjected(server: ServerStatus, ejected: boolean, reason: string): void {
    if (server.ejected === ejected) return;
    server.ejected = ejected;
    this.#settle(server, reason);
  }

  /** Its name has resolved to something else; null: to nothing. */
  setAddress(server: ServerStatus, address: SocketAddress | null, reason: string): void {
    server.address = address;
    this.#settle(server, reason);
  }

  /** Draws the conclusion from what has changed. */
  #settle(server: ServerStatus, reason: string): void {
    const from = server.state;
    const to = server.due;
    if (from === to) return;
    server.state = to;
    server.reason = reason;
    server.sinceMs = Date.now();
    if (to === ServerState.down) server.downs++;
    if (to === ServerState.ejected) server.ejections++;
    if (to === ServerState.up && from !== ServerState.drain) this.#beginRamp(server);
    this.#touch(server);
    this.#tell(server, reason);
    for (const listener of this.#listeners) listener({ server, from, to, reason });
  }

  /** Without others there is nobody to take what a slow start would leave. */
  #beginRamp(server: ServerStatus): void {
    const { slowstart } = server.plan;
    if (slowstart === null) return;
    const others = this.#backends.get(server.backend)?.members ?? [];
    if (!others.some((other) => other !== server && other.state === ServerState.up)) return;
    this.#slowStarts.begin(server);
  }

  /** Its backend is published soon: changes that come together cost one publication. */
  #touch(server: ServerStatus): void {
    const backend = this.#backends.get(server.backend);
    if (backend === undefined) return;
    this.#dirty.add(backend);
    this.#flushing ??= setImmediate(() => this.flush());
  }

  /** Brings the scoreboard up to date now, but for large hash tables whose turn comes later. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    for (const backend of this.#dirty) backend.publish();
    const awaited = [...this.#dirty].some((backend) => backend.awaited);
    this.#dirty.clear();
    if (awaited) this.#onRoom();
  }

  #tell(server: ServerStatus, reason: string): void {
    const { key, row, state } = server;
    const backend = this.#backends.get(server.backend);
    const left = backend?.left() ?? "";
    const sessions = this.board.servers.gauge(row, serverField.active);
    const good = state === ServerState.up;
    this.#log[good ? "info" : "warn"](
      { server: key, state: serverStateNames[state], sessions },
      `server ${key} is ${serverStateNames[state]}: ${reason}; ${left}, ${sessions} session(s) on it`,
    );
  }

  close(): void {
    clearImmediate(this.#flushing);
    this.#slowStarts.close();
    for (const backend of this.#backends.values()) backend.close();
  }
}
