// Configurations that name files which are not there: the plan from the schema alone, without the checks
// that span several keys, and all problems but those of the files.
import { readDocument } from "../../src/config/document.ts";
import { parseConfig } from "../../src/config/load.ts";
import { PageFiles } from "../../src/config/page-files.ts";
import type { Plan } from "../../src/config/plan.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { resolvePlan } from "../../src/config/resolve.ts";
import { configSchema } from "../../src/config/schema.ts";

const machine = { cpus: 1, ipv6: true };

/** `file` is the configuration's: relative paths begin in its folder. */
export function planOf(text: string, file: string): Plan {
  const { root, faults } = readDocument(text, {});
  if (root === null) throw new Error(faults.map(({ message }) => message).join(", "));
  const config = configSchema.parse(root.value);
  return resolvePlan(file, config, root, machine, new PageFiles(file));
}

/** As `LINE:COLUMN: message (path). Hint`. */
export function problemsBesideFiles(text: string): string[] {
  return parseConfig(text, "f", {}, machine)
    .problems.filter(({ message }) => !/^there is no (file|folder) /.test(message))
    .map((problem) => formatProblem(problem).replace(/^f:/, ""));
}
