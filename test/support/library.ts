// Ballast as a library, in the test's own process: for what only its objects show (the scoreboard,
// its worker threads). Stopped when the test ends. Needs the build, as everything in test/ does.
import { readdirSync } from "node:fs";
import { openLog, parseConfig, type Plan, Supervisor } from "../../dist/index.js";
import { atTestEnd } from "./leftovers.ts";

/** The plan of a configuration that is valid. */
export function planOf(config: object): Plan {
  const { plan, problems } = parseConfig(JSON.stringify(config), "test.yaml", {});
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

/** Starts it; its log is silent. */
export function startSupervisor(config: object): Promise<Supervisor> {
  return startPlan(planOf(config));
}

export async function startPlan(plan: Plan): Promise<Supervisor> {
  const log = openLog("error");
  log.level = "silent";
  const supervisor = await Supervisor.start(plan, log);
  atTestEnd(() => supervisor.stop());
  return supervisor;
}

/** Descriptors that this process has open. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
