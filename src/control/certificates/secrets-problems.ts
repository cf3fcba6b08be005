// What would keep a plan from running for its certificates' sake, for who only wants to know: dates, and
// what OpenSSL refuses. `ballast check` calls it; nothing is watched or sent.
import { pino } from "pino";
import type { Plan } from "../../config/plan.ts";
import { Secrets, SecretsError } from "./secrets.ts";

/** A sentence for each problem; empty: there is none. */
export function secretsProblems(plan: Plan): readonly string[] {
  const secrets = new Secrets({ log: pino({ enabled: false }), broadcast: () => {} });
  try {
    secrets.prepare(plan);
    return [];
  } catch (error) {
    if (error instanceof SecretsError) return error.problems;
    throw error;
  } finally {
    secrets.close();
  }
}
