// A backend as the control plane knows it: its servers' states written to the scoreboard together,
// its hash table, and whether it may be used at all. server-states.ts calls it; nobody else writes
// these cells.
import { candidatesAt } from "../balance/candidates.ts";
import { HashTable } from "../balance/hash-table.ts";
import { usableServers } from "../balance/usable.ts";
import type { BackendPlan } from "../config/plan.ts";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import type { Log } from "./log.ts";
import type { ServerStatus } from "./server-status.ts";
import { type Sticky, stickyFor } from "./sticky.ts";
import type { TablePace } from "./table-pace.ts";

export class BackendStatus {
  readonly row: number;
  plan: BackendPlan;
  /** In the plan's order. */
  members: readonly ServerStatus[];
  /** Its policy's shared table; null for a policy without one. */
  table: HashTable | null;
  /** Its sticky table; null without one. */
  stick: Sticky | null;
  /** Servers that sessions may be given to now. */
  usable: number;
  /** It may be used: false while nobody is usable, and for the recovery delay after. */
  available: boolean;
  readonly #board: ControlScoreboard;
  readonly #log: Log;
  readonly #tablePace: TablePace<BackendStatus>;
  #published: boolean;
  #recovery: NodeJS.Timeout | undefined;
  /** When a server became usable again: monotonic milliseconds, while the recovery runs. */
  #recoverySinceMs: number;
  /** The delay that it runs for. */
  #recoveryForMs: number;

  constructor(
    plan: BackendPlan,
    row: number,
    board: ControlScoreboard,
    log: Log,
    tablePace: TablePace<BackendStatus>,
  ) {
    this.row = row;
    this.plan = plan;
    this.members = [];
    this.table = null;
    this.stick = null;
    this.usable = 0;
    this.available = false;
    this.#board = board;
    this.#log = log;
    this.#tablePace = tablePace;
    this.#published = false;
    this.#recovery = undefined;
    this.#recoverySinceMs = 0;
    this.#recoveryForMs = 0;
  }

  get name(): string {
    return this.plan.name;
  }

  /** The table is kept while it fits: workers with the old plan and with the new one share it. */
  replan(plan: BackendPlan, members: readonly ServerStatus[]): void {
    const { policy } = plan.balance;
    const same =
      this.members.length === members.length &&
      this.members.every(({ name }, i) => name === members[i]?.name);
    if (!same || this.plan.balance.policy !== policy || !this.#published) {
      this.table = HashTable.for(policy, members.length);
      this.#tablePace.forget(this);
    }
    this.stick = stickyFor(plan.stick, this.stick, this.#board.servers.workers);
    this.plan = plan;
    this.members = members;
  }

  /**
   * Writes all of it; the version moves last, so that who sees it sees the rest. A large table may
   * come by a later publication: until then picks pass over servers in it that have left.
   */
  publish(): void {
    const { servers, backends } = this.#board;
    const nowMs = performance.now();
    for (const member of this.members) {
      servers.store(member.row, serverField.state, member.state);
      servers.store(member.row, serverField.weight, member.weightAt(nowMs));
    }
    const rules = {
      servers: this.members.map(({ row, name, plan: { backup } }) => ({ row, name, backup })),
      allBackups: this.plan.allBackups,
      panicThreshold: this.plan.panicThreshold,
    };
    const usable = usableServers(rules, this.#board);
    const { table } = this;
    if (table !== null) {
      this.#tablePace.run(this, () => {
        table.publish(candidatesAt(usable, rules.servers, this.#board), this.#board, this.row);
      });
    }
    backends.fetchAdd(this.row, backendField.version, 1);
    this.#setUsable(usable.length);
    this.#published = true;
  }

  #setUsable(usable: number): void {
    const before = this.usable;
    this.usable = usable;
    if (usable === 0) {
      clearTimeout(this.#recovery);
      this.#recovery = undefined;
      this.#setAvailable(false);
      if (before > 0 || !this.#published) this.#tellEmpty();
      return;
    }
    if (this.available) return;
    const { failover, recoveryDelayMs } = this.plan;
    // At the start there is nothing to recover from.
    if (!this.#published || failover.length === 0 || recoveryDelayMs === 0) {
      this.#recovered();
      return;
    }
    if (this.#recovery === undefined) {
      this.#recoverySinceMs = performance.now();
      this.#log.info(
        { backend: this.name },
        `backend ${this.name} has a usable server again; it is used once that has held for ` +
          `${recoveryDelayMs / 1000} s (recoveryDelay)`,
      );
    } else if (recoveryDelayMs === this.#recoveryForMs) return;
    // A reload may have changed the delay: what has passed of it counts.
    clearTimeout(this.#recovery);
    this.#recoveryForMs = recoveryDelayMs;
    const leftMs = this.#recoverySinceMs + recoveryDelayMs - performance.now();
    this.#recovery = setTimeout(() => this.#recovered(), Math.max(0, leftMs)).unref();
  }

  /** It is used from now on. */
  #recovered(): void {
    const waited = this.#recovery !== undefined;
    clearTimeout(this.#recovery);
    this.#recovery = undefined;
    this.#setAvailable(true);
    if (waited) this.#log.info({ backend: this.name }, `backend ${this.name} is used again`);
  }

  #setAvailable(available: boolean): void {
    this.available = available;
    this.#board.backends.store(this.row, backendField.available, available ? 1 : 0);
  }

  #tellEmpty(): void {
    const { failover } = this.plan;
    const then =
      failover.length > 0
        ? `its sessions go to ${failover.join(", ")}`
        : "its sessions are refused until one is back";
    this.#log.error({ backend: this.name }, `backend ${this.name} has no usable server: ${then}`);
  }

  /** Sessions wait for it or for one of its servers. */
  get awaited(): boolean {
    const { backends } = this.#board;
    const bound = backends.gauge(this.row, backendField.bound);
    return bound > 0 || backends.gauge(this.row, backendField.queued) > 0;
  }

  /** How many servers take sessions now, for log lines about one that changed. */
  left(): string {
    const up = this.members.filter(({ state, weight }) => state === ServerState.up && weight > 0);
    const backups = up.filter(({ plan }) => plan.backup).length;
    return `${up.length - backups} active and ${backups} backup server(s) left`;
  }

  close(): void {
    clearTimeout(this.#recovery);
    this.#tablePace.forget(this);
  }
}
