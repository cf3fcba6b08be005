// One server as the control plane knows it: everything that has a say in whether it gets sessions.
// server-states.ts changes it and tells the scoreboard; the admin API and the logs read it.
import type { SocketAddress } from "../config/address.ts";
import type { ServerPlan } from "../config/plan.ts";
import { weightUnit } from "../scoreboard/layout.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import { serverKey } from "../scoreboard/rows.ts";

/** What an operator wants of it: HAProxy's ready, drain and maint. */
export type AdminState = "ready" | "drain" | "maint";

export class ServerStatus {
  readonly backend: string;
  readonly name: string;
  readonly row: number;
  plan: ServerPlan;
  /** Null while its name does not resolve. */
  address: SocketAddress | null;
  /** 0 to 256: the plan's, or what an operator has set since. */
  weight: number;
  admin: AdminState;
  /** What active checks say; without them it is up. */
  healthy: boolean;
  /** What the last check found, for people. */
  checkResult: string;
  /** Active checks made, and those of them that failed. The checker counts. */
  checks: number;
  checkFailures: number;
  /** Outlier detection has taken it out. */
  ejected: boolean;
  /** In force, as the scoreboard has it. */
  state: ServerState;
  /** Why it is in this state. */
  reason: string;
  /** When it came into this state: epoch milliseconds. */
  sinceMs: number;
  /** Times that it went down (checks, resolution) and that it was ejected. */
  downs: number;
  ejections: number;
  /** When its slow start began, on performance.now()'s clock; -1: it has its full weight. */
  rampFromMs: number;

  constructor(backend: string, plan: ServerPlan, row: number, address: SocketAddress | null) {
    this.backend = backend;
    this.name = plan.name;
    this.row = row;
    this.plan = plan;
    this.address = address;
    this.weight = plan.weight;
    this.admin = plan.disabled ? "maint" : "ready";
    this.healthy = plan.check === null || plan.check.initState.toLowerCase().endsWith("up");
    this.checkResult = "";
    this.checks = 0;
    this.checkFailures = 0;
    this.ejected = false;
    this.state = ServerState.down;
    this.reason = "";
    this.sinceMs = Date.now();
    this.downs = 0;
    this.ejections = 0;
    this.rampFromMs = -1;
    this.state = this.due;
  }

  get key(): string {
    return serverKey(this.backend, this.name);
  }

  /** The state that all facts together lead to: an operator's word first, then health. */
  get due(): ServerState {
    if (this.admin === "maint") return ServerState.maint;
    if (this.address === null || !this.healthy) return ServerState.down;
    if (this.ejected) return ServerState.ejected;
    return this.admin === "drain" ? ServerState.drain : ServerState.up;
  }

  /** As the scoreboard wants it: hundredths, with the slow start that has come so far. */
  weightAt(nowMs: number): number {
    if (this.weight === 0) return 0;
    return Math.max(1, Math.round(this.weight * weightUnit * this.#ramp(nowMs)));
  }

  /** Envoy's slow start: max(minimum, (age / window) ^ (1 / aggression)). */
  #ramp(nowMs: number): number {
    const { slowstart } = this.plan;
    if (slowstart === null || this.rampFromMs < 0) return 1;
    const part = Math.min(1, (nowMs - this.rampFromMs) / slowstart.windowMs);
    return Math.max(slowstart.minPercent / 100, part ** (1 / slowstart.aggression));
  }

  /** Its slow start is over, or it has none. */
  rampedAt(nowMs: number): boolean {
    const { slowstart } = this.plan;
    if (slowstart !== null && this.rampFromMs >= 0) {
      if (nowMs - this.rampFromMs < slowstart.windowMs) return false;
    }
    this.rampFromMs = -1;
    return true;
  }

  /** A reload: what the file says differently than before wins over what was set since. */
  replan(plan: ServerPlan, address: SocketAddress | null): void {
    const before = this.plan;
    this.plan = plan;
    this.address = address;
    if (plan.weight !== before.weight) this.weight = plan.weight;
    if (plan.disabled !== before.disabled) this.admin = plan.disabled ? "maint" : "ready";
    if (plan.check === null) {
      this.healthy = true;
      this.checkResult = "";
    }
  }
}
