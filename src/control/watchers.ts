// Everything that watches servers while Ballast runs: the list, in the order of starting. Each is
// told of every plan once all workers have taken it, and closed when Ballast stops.
import type { Plan } from "../config/plan.ts";
import type { Secrets } from "./certificates/secrets.ts";
import { Checks } from "./checks/checks.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import { Discovery } from "./discovery/discovery.ts";
import type { Names } from "./discovery/names.ts";
import type { Log } from "./log.ts";
import type { ToWorker } from "./messages.ts";
import { Outliers } from "./outlier/outliers.ts";
import type { ServerStates } from "./server-states.ts";

/** What a watcher may use. */
export interface WatchContext {
  readonly states: ServerStates;
  readonly board: ControlScoreboard;
  readonly log: Log;
  /** Of servers, resolved by the supervisor before each plan. */
  readonly names: Names;
  /** Of TLS, read by the supervisor before each plan. */
  readonly secrets: Secrets;
  /** To all workers. */
  readonly broadcast: (message: ToWorker) => void;
}

export interface Watcher {
  /** The plan in force; the servers' states know it already. */
  apply(plan: Plan): void | Promise<void>;
  close(): void | Promise<void>;
}

export function openWatchers(context: WatchContext): readonly Watcher[] {
  const { secrets } = context;
  const checks = new Checks({ ...context, tlsMaterial: (key) => secrets.ofCheck(key) });
  return [secrets, new Discovery(context), checks, new Outliers(context)];
}

/**
 * A reload has brought this plan into force: there is no way back, so a watcher that fails to follow
 * is told of and keeps nobody from it.
 */
export async function followPlan(
  watchers: readonly Watcher[],
  plan: Plan,
  log: Log,
): Promise<void> {
  for (const watcher of watchers) {
    try {
      await watcher.apply(plan);
    } catch (error) {
      log.error({ err: error }, "internal error: one who watches servers has not taken the reload");
    }
  }
}
