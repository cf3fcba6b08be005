// Keys that only a restart can change: a reload says so instead of silently ignoring them.
import type { GlobalPlan } from "../config/plan.ts";
import type { Log } from "./log.ts";

const fixed = ["workers", "reactor"] as const;

/** Warns of every such key that the new plan has differently. */
export function complainOfFixed(wanted: GlobalPlan, startedWith: GlobalPlan, log: Log): void {
  for (const key of fixed) {
    if (wanted[key] === startedWith[key]) continue;
    log.warn(
      `global.${key} is ${wanted[key]} in the file, and this process was started with ` +
        `${startedWith[key]}: that takes effect at the next restart`,
    );
  }
}
