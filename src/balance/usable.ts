// Which servers of a backend may be picked now: the rules around every policy that look at health.
// The workers' selection and the control plane's hash tables must agree on it, so both ask here.
import { serverField } from "../scoreboard/fields.ts";
import { ServerState } from "../scoreboard/server-state.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";

/** What these rules need of a backend's plan. */
export interface UsableRules {
  /** In the plan's order. */
  readonly servers: readonly { readonly row: number; readonly backup: boolean }[];
  /** All usable backups take part, not the first alone (HAProxy's `option allbackups`). */
  readonly allBackups: boolean;
  /** Below this percentage of healthy servers health is ignored (Envoy's panic). 0: never. */
  readonly panicThreshold: number;
}

/**
 * Indexes in the plan's order: those that are up and weigh something; in panic also those that are
 * down or ejected; backups only if there is nobody else. What an operator has taken out (drain,
 * maint) is never used.
 */
export function usableServers(rules: UsableRules, board: Scoreboard): Int32Array {
  const main: number[] = [];
  const backups: number[] = [];
  const unhealthy: number[] = [];
  for (const [index, { row, backup }] of rules.servers.entries()) {
    if (board.servers.load(row, serverField.weight) === 0) continue;
    const state = board.servers.load(row, serverField.state);
    if (state === ServerState.up) (backup ? backups : main).push(index);
    else if (state !== ServerState.drain && state !== ServerState.maint && !backup) {
      unhealthy.push(index);
    }
  }
  if (inPanic(rules.panicThreshold, main.length, unhealthy.length)) {
    return Int32Array.from([...main, ...unhealthy]).toSorted();
  }
  if (main.length > 0) return Int32Array.from(main);
  return Int32Array.from(rules.allBackups ? backups : backups.slice(0, 1));
}

/** Envoy's rule: sending traffic to the few that are left would take them down too. */
export function inPanic(threshold: number, healthy: number, unhealthy: number): boolean {
  return unhealthy > 0 && (healthy / (healthy + unhealthy)) * 100 < threshold;
}
