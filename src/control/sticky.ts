// A backend's sticky table in the control plane: made when the plan asks for one, kept over reloads
// while the plan asks for the same. Workers use it; here it is swept, listed and tidied up.
import type { StickPlan } from "../config/plan.ts";
import { type ControlStickTable, openStickTable } from "../scoreboard/stick-control.ts";
import { createStickTable, type StickTableMemory } from "../scoreboard/stick-memory.ts";

export interface Sticky {
  readonly plan: StickPlan;
  readonly memory: StickTableMemory;
  readonly table: ControlStickTable;
}

/** The table of the plan before if it does for this one, a new and empty one if not. */
export function stickyFor(
  plan: StickPlan | null,
  before: Sticky | null,
  workers: number,
): Sticky | null {
  if (plan === null) return null;
  const same =
    before !== null &&
    before.plan.key === plan.key &&
    before.plan.size === plan.size &&
    before.plan.expireMs === plan.expireMs;
  if (same) return before;
  const memory = createStickTable({ size: plan.size, expireMs: plan.expireMs, workers });
  return { plan, memory, table: openStickTable(memory, null) };
}

/** Of a table one part is looked through at each sweep. */
const sweepParts = 6;

/** Forgets what has expired. Called every few seconds. */
export function sweepSticky(backends: Iterable<{ readonly stick: Sticky | null }>): void {
  for (const { stick } of backends) {
    stick?.table.sweep(clockMs(), Math.ceil(stick.table.capacity / sweepParts));
  }
}

/** Gives back what a dead worker still held. */
export function releaseSticky(
  backends: Iterable<{ readonly stick: Sticky | null }>,
  worker: number,
): void {
  for (const { stick } of backends) stick?.table.releaseWorker(worker);
}

/** Monotonic milliseconds, on the clock that workers stamp entries with. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
