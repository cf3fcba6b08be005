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

/** Monotonic milliseconds, on the clock that workers stamp entries with. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
