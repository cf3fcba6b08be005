// What would keep a plan from running for its certificates' sake, for who only wants to know: dates, and
// what OpenSSL refuses. `ballast check` calls it; nothing is watched or sent.
import { pino } from "pino";
import type { Plan } from "../../config/plan.ts";
import { Secrets, SecretsError } from "./secrets.ts";

/** A sentence for each; empty: there is none. */
export interface SecretsProblems {
  readonly problems: readonly string[];
  /** What keeps nobody from running the plan. */
  readonly warnings: readonly string[];
}

/** Reads all that `plan` needs, and forgets it. */
export function secretsProblems(plan: Plan): SecretsProblems {
  const secrets = new Secrets({ log: pino({ enabled: false }), broadcast: () => {} });
  try {
    const { loaded } = secrets.prepare(plan);
    return { problems: [], warnings: loaded.warnings };
  } catch (error) {
    if (error instanceof SecretsError) return { problems: error.problems, warnings: [] };
    throw error;
  } finally {
    secrets.close();
  }
}
