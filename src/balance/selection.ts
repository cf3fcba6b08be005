// The selection around the policies, once for all of them: which servers of a backend are usable
// now, which of them have room, and the pick among those. A worker has one for each backend of its
// plan. It reserves nothing: who picks takes the place on the server's row.
import { backendField, serverField } from "../scoreboard/fields.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";
import { candidatesAt } from "./candidates.ts";
import { type Picker, PickRequest, type Policy, type PolicyOptions } from "./policy.ts";
import type { Random } from "./random.ts";
import { policyNamed } from "./registry.ts";
import { usableServers } from "./usable.ts";

/** What a backend's plan says, with the scoreboard rows that the control plane has assigned. */
export interface SelectionPlan {
  /** A policy's name. */
  readonly policy: string;
  readonly options: PolicyOptions;
  /** The backend's scoreboard row. */
  readonly row: number;
  /** In the plan's order. */
  readonly servers: readonly SelectionServer[];
  readonly allBackups: boolean;
  readonly panicThreshold: number;
  /** The policy's shared table, both halves; null for a policy without one. */
  readonly table: Int32Array | null;
}

export interface SelectionServer {
  readonly name: string;
  readonly row: number;
  readonly backup: boolean;
  /** 0: no limit. */
  readonly maxconn: number;
}

/** More sessions than there can be. */
const unlimited = 0x7fff_ffff;

export class Selection {
  /** The last pick passed over a server because it is full. */
  passedFull: boolean;
  private readonly plan: SelectionPlan;
  private readonly policy: Policy;
  private readonly board: Scoreboard;
  private readonly random: Random;
  /** Some server has a maxconn, and the policy does not insist on a full one. */
  private readonly avoidsFull: boolean;
  /** The backend's version that candidates and picker were made for. */
  private version: number;
  private picker: Picker;
  /** Index in the plan's order, by candidate. */
  private servers: Int32Array;
  /** What the picker is asked, in terms of candidates instead of the plan's servers. */
  private readonly asked: PickRequest;
  private excluded: Uint8Array;
  /** Where each candidate's number of sessions is, and how many it may have. */
  private active: Int32Array;
  private limits: Int32Array;

  /** Throws an Error when the plan's policy does not exist. */
  constructor(plan: SelectionPlan, board: Scoreboard, random: Random) {
    this.passedFull = false;
    this.plan = plan;
    this.policy = policyNamed(plan.policy);
    this.board = board;
    this.random = random;
    this.avoidsFull = plan.servers.some(({ maxconn }) => maxconn > 0) && !this.affine;
    this.asked = new PickRequest();
    this.version = board.backends.load(plan.row, backendField.version);
    this.servers = usableServers(plan, board);
    this.excluded = new Uint8Array(this.servers.length);
    this.active = this.servers;
    this.limits = this.servers;
    this.picker = this.prepare();
  }

  /** The same key is to meet the same server: a full one is waited for. */
  get affine(): boolean {
    return this.policy.affine === true && this.plan.options.boundedLoad === 0;
  }

  /** How many servers can be picked now: up, and of a weight above 0. */
  get usable(): number {
    this.refresh();
    return this.servers.length;
  }

  /** Whether the server with this index in the plan's order can be picked now. */
  uses(index: number): boolean {
    this.refresh();
    return this.servers.includes(index);
  }

  /**
   * The server to use, as its index in the plan's order; -1 when no usable one is left, or none
   * has room (`passedFull` tells). `request.excluded` is in the plan's order too and at least as
   * long: it stays right while the usable servers change between two attempts of a session.
   */
  pick(request: PickRequest): number {
    this.refresh();
    const asked = this.asked;
    asked.key = request.key;
    asked.nowMs = request.nowMs;
    asked.excluded = request.excluded === null ? null : this.exclude(request.excluded);
    this.passedFull = false;
    if (this.avoidsFull) this.excludeFull();
    const candidate = this.picker.pick(asked);
    return candidate === -1 ? -1 : (this.servers[candidate] as number);
  }

  private exclude(byServer: Uint8Array): Uint8Array {
    for (let candidate = 0; candidate < this.servers.length; candidate++) {
      this.excluded[candidate] = byServer[this.servers[candidate] as number] as number;
    }
    return this.excluded;
  }

  /** A full server is not picked; while none is full, picks stay what they are without limits. */
  private excludeFull(): void {
    const { asked, active, limits } = this;
    const { cells } = this.board.servers;
    for (let candidate = 0; candidate < limits.length; candidate++) {
      const sessions = cells[active[candidate] as number] as number;
      if (sessions < (limits[candidate] as number)) continue;
      if (asked.excluded === null) asked.excluded = this.excluded.fill(0);
      if (asked.excluded[candidate] === 0) this.passedFull = true;
      asked.excluded[candidate] = 1;
    }
  }

  /**
   * Follows the control plane. The version is read before the servers' cells, and the control plane
   * moves it after writing them: what changes while we read is seen by the next pick.
   */
  private refresh(): void {
    const version = this.board.backends.load(this.plan.row, backendField.version);
    if (version === this.version) return;
    this.version = version;
    this.servers = usableServers(this.plan, this.board);
    this.excluded = new Uint8Array(this.servers.length);
    this.picker = this.prepare();
  }

  private prepare(): Picker {
    const { plan, board, random } = this;
    const { options, row: backend } = plan;
    const candidates = candidatesAt(this.servers, plan.servers, board);
    this.active = candidates.rows.map((each) => board.servers.cellAt(each, serverField.active));
    this.limits = this.servers.map(
      (server) => (plan.servers[server] as SelectionServer).maxconn || unlimited,
    );
    const table = this.tableInForce();
    return this.policy.prepare(candidates, { board, backend, random, options, table });
  }

  /** The control plane writes the other half, then says so. */
  private tableInForce(): Int32Array | null {
    const { table, row } = this.plan;
    if (table === null) return null;
    const half = table.length / 2;
    const at = this.board.backends.load(row, backendField.tableSlot) * half;
    return table.subarray(at, at + half);
  }
}
