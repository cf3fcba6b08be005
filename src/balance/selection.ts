// The selection around the policies, once for all of them: which servers of a backend are usable
// now, and the pick among those. A worker has one for each backend of its plan. It reserves
// nothing: who picks counts the session on the server's row.
import { backendField, serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/layout.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";
import type { Random } from "./random.ts";
import { type Candidates, type Picker, PickRequest, type PolicyOptions } from "./policy.ts";
import { policyNamed } from "./registry.ts";

/** What a backend's plan says, with the scoreboard rows that the control plane has assigned. */
export interface SelectionPlan {
  /** A policy's name. */
  readonly balance: string;
  readonly options: PolicyOptions;
  /** The backend's scoreboard row. */
  readonly row: number;
  /** In the plan's order. */
  readonly servers: readonly SelectionServer[];
}

export interface SelectionServer {
  readonly name: string;
  readonly row: number;
}

export class Selection {
  private readonly plan: SelectionPlan;
  private readonly board: Scoreboard;
  private readonly random: Random;
  /** The backend's version that candidates and picker were made for. */
  private version: number;
  private picker: Picker;
  /** Index in the plan's order, by candidate. */
  private servers: Int32Array;
  /** What the picker is asked, in terms of candidates instead of the plan's servers. */
  private readonly asked: PickRequest;
  private excluded: Uint8Array;

  /** Throws an Error when the plan's policy does not exist. */
  constructor(plan: SelectionPlan, board: Scoreboard, random: Random) {
    this.plan = plan;
    this.board = board;
    this.random = random;
    this.asked = new PickRequest();
    this.version = board.backends.load(plan.row, backendField.version);
    this.servers = usableServers(plan, board);
    this.excluded = new Uint8Array(this.servers.length);
    this.picker = this.prepare();
  }

  /** How many servers can be picked now: up, and of a weight above 0. */
  get usable(): number {
    this.refresh();
    return this.servers.length;
  }

  /**
   * The server to use, as its index in the plan's order; -1 when no usable one is left.
   * `request.excluded` is in the plan's order too and at least as long: it stays right while the
   * usable servers change between two attempts of a session.
   */
  pick(request: PickRequest): number {
    this.refresh();
    const asked = this.asked;
    asked.key = request.key;
    asked.nowMs = request.nowMs;
    asked.excluded = request.excluded === null ? null : this.exclude(request.excluded);
    const candidate = this.picker.pick(asked);
    return candidate === -1 ? -1 : (this.servers[candidate] as number);
  }

  private exclude(byServer: Uint8Array): Uint8Array {
    for (let candidate = 0; candidate < this.servers.length; candidate++) {
      this.excluded[candidate] = byServer[this.servers[candidate] as number] as number;
    }
    return this.excluded;
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
    const { balance, options, row } = this.plan;
    const context = { board: this.board, backend: row, random: this.random, options };
    return policyNamed(balance).prepare(this.candidates(), context);
  }

  private candidates(): Candidates {
    const servers = Array.from(
      this.servers,
      (index) => this.plan.servers[index] as SelectionServer,
    );
    const rows = Int32Array.from(servers, ({ row }) => row);
    const weights = rows.map((row) => this.board.servers.load(row, serverField.weight));
    return { count: servers.length, rows, weights, names: servers.map(({ name }) => name) };
  }
}

/** Those that are up and weigh something, as indexes in the plan's order. */
function usableServers(plan: SelectionPlan, board: Scoreboard): Int32Array {
  const usable: number[] = [];
  for (const [index, { row }] of plan.servers.entries()) {
    const up = board.servers.load(row, serverField.state) === ServerState.up;
    if (up && board.servers.load(row, serverField.weight) > 0) usable.push(index);
  }
  return Int32Array.from(usable);
}
