// `ballast run`: the load balancer in the foreground.
import process from "node:process";
import { loadConfig } from "../config/load.ts";
import type { Plan } from "../config/plan.ts";
import { formatProblem } from "../config/problem.ts";
import { openLog } from "../control/log.ts";
import { serve } from "./service.ts";

/** The exit code: 0 stopped by a signal, 1 could not start, 2 the configuration is not valid. */
export async function run(options: { readonly config: string }): Promise<number> {
  const plan = await load(options.config);
  if (plan === null) return 2;
  const log = openLog(plan.global.log.level);
  return serve({
    plan,
    log,
    reload: () => loadConfig(options.config, process.env),
    onReady: ({ addresses, workers, reactor, admin: { address: admin } }) => {
      const where = addresses.join(", ");
      log.info(
        { addresses, workers: workers.length, reactor, pid: process.pid, admin },
        `ready: listening on ${where}${admin === null ? "" : `, admin API on ${admin}`}`,
      );
    },
  });
}

async function load(file: string): Promise<Plan | null> {
  const { plan, problems } = await loadConfig(file, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  return plan;
}
