// `ballast check`: tells every problem of a configuration file and changes nothing.
import process from "node:process";
import { loadConfig } from "../config/load.ts";
import { secretsProblems } from "../control/certificates/secrets-problems.ts";
import type { Plan } from "../config/plan.ts";
import { formatProblem } from "../config/problem.ts";

/** Exit code 0 when the file is valid (warnings are told), 2 when it is not. */
export async function check(options: { readonly config: string }): Promise<number> {
  const { plan, problems } = await loadConfig(options.config, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (!plan) return 2;
  const { problems: refused, warnings } = secretsProblems(plan);
  for (const text of warnings) process.stderr.write(`${options.config}: warning: ${text}\n`);
  for (const problem of refused) process.stderr.write(`${options.config}: error: ${problem}\n`);
  if (refused.length > 0) return 2;
  process.stdout.write(`${options.config}: valid, with ${summary(plan)}\n`);
  return 0;
}

function summary(plan: Plan): string {
  const servers = plan.backends.reduce((sum, backend) => sum + backend.servers.length, 0);
  const frontends = counted(plan.frontends.length, "frontend");
  return `${frontends}, ${counted(plan.backends.length, "backend")}, ${counted(servers, "server")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
