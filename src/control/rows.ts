// Which scoreboard rows a plan's frontends, backends and servers have. Names that stay over a
// reload keep their rows, and with them their counters and sessions.
import type { Plan } from "../config/plan.ts";
import type { ScoreboardMemory } from "../scoreboard/memory.ts";
import { RowBook, serverKey } from "../scoreboard/rows.ts";
import {
  type ControlScoreboard,
  createScoreboard,
  openScoreboard,
} from "../scoreboard/scoreboard.ts";

/** Room for reloads to grow into; untouched rows cost address space only. */
const rowsMin = { servers: 8192, backends: 1024, frontends: 1024 };

export class Rows {
  readonly memory: ScoreboardMemory;
  readonly board: ControlScoreboard;
  readonly #servers: RowBook<"server">;
  readonly #backends: RowBook<"backend">;
  readonly #frontends: RowBook<"frontend">;

  constructor(plan: Plan, workers: number) {
    const servers = serverNames(plan).length;
    this.memory = createScoreboard({
      workers,
      servers: Math.max(rowsMin.servers, servers * 2),
      backends: Math.max(rowsMin.backends, plan.backends.length * 2),
      frontends: Math.max(rowsMin.frontends, plan.frontends.length * 2),
    });
    this.board = openScoreboard(this.memory, null);
    this.#servers = new RowBook(this.board.servers);
    this.#backends = new RowBook(this.board.backends);
    this.#frontends = new RowBook(this.board.frontends);
  }

  /** Null when the plan has room, else a sentence that says what is missing. */
  fits(plan: Plan): string | null {
    return (
      this.#servers.fits(serverNames(plan)) ??
      this.#backends.fits(plan.backends.map(({ name }) => name)) ??
      this.#frontends.fits(plan.frontends.map(({ name }) => name))
    );
  }

  /** The row that a frontend has, if any; frontend() gives it one. */
  rowOfFrontend(name: string): number | undefined {
    return this.#frontends.row(name);
  }

  frontend(name: string): number {
    return this.#frontends.assign(name);
  }

  backend(name: string): number {
    return this.#backends.assign(name);
  }

  server(backend: string, name: string): number {
    return this.#servers.assign(serverKey(backend, name));
  }

  /** Every worker has taken this plan: what it does not name leaves when its sessions have ended. */
  retain(plan: Plan): void {
    this.#servers.retain(serverNames(plan));
    this.#backends.retain(plan.backends.map(({ name }) => name));
    this.#frontends.retain(plan.frontends.map(({ name }) => name));
    this.sweep();
  }

  /** Frees the rows of what has drained; returns the names of those servers. */
  sweep(): readonly string[] {
    this.#backends.sweep();
    this.#frontends.sweep();
    return this.#servers.sweep();
  }

  /** Servers that no plan names any more and that still have sessions. */
  get draining(): readonly string[] {
    return this.#servers.draining;
  }
}

function serverNames(plan: Plan): string[] {
  return plan.backends.flatMap(({ name, servers }) =>
    servers.map((server) => serverKey(name, server.name)),
  );
}
