// Outlier detection for one backend: who is ejected, for how long, and who may not be. outliers.ts
// calls it ten times a second; the states' consequences are drawn by server-states.ts.
import type { OutlierPlan } from "../../config/plan.ts";
import { ServerState } from "../../scoreboard/server-state.ts";
import type { ServerStatus } from "../server-status.ts";
import type { WatchContext } from "../watchers.ts";
import { Ejection } from "./ejection.ts";
import { judge, type Traffic } from "./traffic.ts";

type Context = Pick<WatchContext, "states" | "board" | "log">;

export class BackendOutliers {
  plan: OutlierPlan;
  readonly #context: Context;
  /** One for each server of the plan. */
  #ejections: readonly Ejection[];
  #turnMs: number;

  constructor(plan: OutlierPlan, context: Context, nowMs: number) {
    this.plan = plan;
    this.#context = context;
    this.#ejections = [];
    this.#turnMs = nowMs + plan.intervalMs;
  }

  /** A plan: servers that stay keep what is known of them, their ejections too. */
  replan(plan: OutlierPlan, members: readonly ServerStatus[], nowMs: number): void {
    if (plan.intervalMs !== this.plan.intervalMs) this.#turnMs = nowMs + plan.intervalMs;
    this.plan = plan;
    const known = new Map(this.#ejections.map((ejection) => [ejection.server, ejection]));
    this.#ejections = members.map(
      (server) => known.get(server) ?? new Ejection(server, this.#context.board),
    );
  }

  look(nowMs: number): void {
    const { board } = this.#context;
    for (const ejection of this.#ejections) {
      if (ejection.untilMs !== null) this.#lookAtEjected(ejection, ejection.untilMs, nowMs);
      else if (ejection.tripped(board) && this.plan.consecutiveErrors > 0) {
        this.#eject(ejection, `${this.plan.consecutiveErrors} failures in a row`, nowMs);
      }
    }
    if (nowMs >= this.#turnMs) this.#turn(nowMs);
    this.#relieve();
  }

  #lookAtEjected(ejection: Ejection, untilMs: number, nowMs: number): void {
    const { server } = ejection;
    // An operator has set it to ready.
    if (!server.ejected) ejection.end(this.#context.board);
    else if (nowMs >= untilMs) this.#bringBack(ejection, "its ejection is over");
    else if (ejection.moved) this.#bringBack(ejection, "it has another address now");
  }

  /** The end of an interval: rates and means. */
  #turn(nowMs: number): void {
    this.#turnMs = nowMs + this.plan.intervalMs;
    const traffic = new Map<Ejection, Traffic>();
    for (const ejection of this.#ejections) {
      const since = ejection.turn(this.#context.board);
      if (ejection.server.state === ServerState.up) traffic.set(ejection, since);
    }
    for (const { of, reason } of judge(traffic, this.plan)) this.#eject(of, reason, nowMs);
  }

  #eject(ejection: Ejection, reason: string, nowMs: number): void {
    const { server } = ejection;
    const { states, log } = this.#context;
    // Checks or an operator have taken it out already.
    if (server.state !== ServerState.up) return;
    const obstacle = this.#obstacle(server);
    if (obstacle !== "") {
      if (!ejection.told) {
        const why = `${reason}, but ${obstacle}`;
        log.warn({ server: server.key }, `server ${server.key} is not ejected: ${why}`);
      }
      ejection.told = true;
      return;
    }
    const forMs = ejection.begin(this.plan, nowMs);
    states.setEjected(server, true, reason);
    log.info(
      { server: server.key, ejectedMs: forMs },
      `server ${server.key} comes back in ${forMs / 1000} s`,
    );
  }

  /** Why it may not be ejected; empty: it may. */
  #obstacle(server: ServerStatus): string {
    const others = this.#ejections.filter((one) => one.server !== server && takesSessions(one));
    if (others.length === 0) return "no other server of its backend is usable";
    const { maxEjectedPercent } = this.plan;
    const ejected = this.#ejections.filter((one) => one.server.ejected).length;
    const all = this.#ejections.length;
    if (ejected === 0 || (ejected + 1) * 100 <= all * maxEjectedPercent) return "";
    return `${ejected} of ${all} servers are out already (maxEjectedPercent ${maxEjectedPercent})`;
  }

  #bringBack(ejection: Ejection, reason: string): void {
    ejection.end(this.#context.board);
    this.#context.states.setEjected(ejection.server, false, reason);
  }

  /** Others have gone down since: an ejected server is better than none. One is enough. */
  #relieve(): void {
    if (this.#ejections.some(takesSessions)) return;
    const [next] = this.#ejections
      .filter(({ server }) => server.state === ServerState.ejected && server.admin === "ready")
      .filter(({ server }) => server.weight > 0)
      .toSorted((a, b) => (a.untilMs ?? 0) - (b.untilMs ?? 0));
    if (next !== undefined) this.#bringBack(next, "no other server of its backend is usable");
  }

  /** Outlier detection is off for this backend: whoever is ejected and still there comes back. */
  close(): void {
    const { states } = this.#context;
    for (const ejection of this.#ejections) {
      const { server } = ejection;
      if (states.server(server.key) !== server || !server.ejected) continue;
      this.#bringBack(ejection, "outlier detection is off");
    }
    this.#ejections = [];
  }
}

function takesSessions({ server }: Ejection): boolean {
  return server.state === ServerState.up && server.weight > 0;
}
