// The scoreboard: one SharedArrayBuffer, the single truth about every server, backend and frontend.
// The control plane creates it once and opens it with `null`; each worker opens the same memory
// with its own number. Nothing here allocates rows (rows.ts) or knows what is counted (layout.ts).
import { backendField, serverField } from "./fields.ts";
import type { TableName } from "./layout.ts";
import type { ServerState } from "./server-state.ts";
import { type Capacity, placesFor, type ScoreboardMemory } from "./memory.ts";
import { ControlTable, type Table, WorkerTable } from "./table.ts";

/** What every thread may do with it: read everything, and use the shared cells. */
export interface Scoreboard {
  readonly servers: Table<"server">;
  readonly backends: Table<"backend">;
  readonly frontends: Table<"frontend">;
  /** One row (0) with a column for each worker. */
  readonly workers: Table<"worker">;
}

/** A worker's view: it also counts, in its own columns. */
export interface WorkerScoreboard extends Scoreboard {
  readonly worker: number;
  readonly servers: WorkerTable<"server">;
  readonly backends: WorkerTable<"backend">;
  readonly frontends: WorkerTable<"frontend">;
  readonly workers: WorkerTable<"worker">;
}

/** The control plane's view. It cannot count: counters have one writer each, a worker. */
export class ControlScoreboard implements Scoreboard {
  readonly servers: ControlTable<"server">;
  readonly backends: ControlTable<"backend">;
  readonly frontends: ControlTable<"frontend">;
  readonly workers: ControlTable<"worker">;

  constructor(memory: ScoreboardMemory) {
    const places = placesFor(memory.capacity).tables;
    const table = <T extends TableName>(name: T): ControlTable<T> =>
      new ControlTable(name, memory.buffer, places[name]);
    this.servers = table("server");
    this.backends = table("backend");
    this.frontends = table("frontend");
    this.workers = table("worker");
  }

  /**
   * Takes back what a dead worker still held: its sessions are gone, so its shares leave the
   * gauges. Its counters stay. Call it after the thread has ended and before its successor starts.
   */
  releaseWorker(worker: number): void {
    this.servers.releaseWorker(worker);
    this.backends.releaseWorker(worker);
    this.frontends.releaseWorker(worker);
    this.workers.releaseWorker(worker);
  }

  /**
   * Sets a server's state and weight. The backend's version moves after both are written, so a
   * worker that sees the new version sees them too. False: nothing changed, and no worker is
   * bothered. `weight` is a whole number from 0.
   */
  setServer(backend: number, server: number, state: ServerState, weight: number): boolean {
    const same =
      this.servers.load(server, serverField.state) === state &&
      this.servers.load(server, serverField.weight) === weight;
    if (same) return false;
    this.servers.store(server, serverField.state, state);
    this.servers.store(server, serverField.weight, weight);
    this.backends.fetchAdd(backend, backendField.version, 1);
    return true;
  }
}

/** Allocates the memory, all zero. Throws a RangeError for capacities that cannot be. */
export function createScoreboard(capacity: Capacity): ScoreboardMemory {
  const { workers, servers, backends, frontends } = capacity;
  const buffer = new SharedArrayBuffer(placesFor(capacity).bytes);
  return { buffer, capacity: { workers, servers, backends, frontends } };
}

/** Opens the memory as worker number `worker`, from 0, or as the control plane. */
export function openScoreboard(memory: ScoreboardMemory, worker: number): WorkerScoreboard;
export function openScoreboard(memory: ScoreboardMemory, worker: null): ControlScoreboard;
export function openScoreboard(
  memory: ScoreboardMemory,
  worker: number | null,
): WorkerScoreboard | ControlScoreboard {
  if (worker === null) return new ControlScoreboard(memory);
  const { workers } = memory.capacity;
  if (!Number.isInteger(worker) || worker < 0 || worker >= workers) {
    throw new RangeError(`the scoreboard has columns for workers 0 to ${workers - 1}: ${worker}`);
  }
  const places = placesFor(memory.capacity).tables;
  const table = <T extends TableName>(name: T): WorkerTable<T> =>
    new WorkerTable(name, memory.buffer, places[name], worker);
  return {
    worker,
    servers: table("server"),
    backends: table("backend"),
    frontends: table("frontend"),
    workers: table("worker"),
  };
}
