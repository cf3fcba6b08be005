// A configuration file to a plan, or to everything that is wrong with it. `check`, `run` and the
// reload call it. It changes nothing and opens nothing but that
// file and the pages that it names.
import { diagnose } from "./diagnosis.ts";
import { readDocument } from "./document.ts";
import { readConfigFile } from "./file.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { PageFiles } from "./page-files.ts";
import type { Plan } from "./plan.ts";
import { type Fault, formatPath, type Path, type Problem } from "./problem.ts";
import { resolvePlan } from "./resolve.ts";
import { configSchema } from "./schema.ts";
import { checkSemantics } from "./semantics.ts";
import { findNode, type TreeNode } from "./tree.ts";

/** `plan` is null exactly when a problem is an error; warnings may stand beside a plan. */
export interface LoadResult {
  readonly plan: Plan | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

/** Reads and checks `file`. Never rejects: what cannot be read is a problem too. */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  const read = await readConfigFile(file);
  if ("problem" in read) return { plan: null, problems: [read.problem] };
  return parseConfig(read.text, file, env);
}

/** Checks the `text` of a configuration; `file` is its name in problems. Never throws. */
export function parseConfig(
  text: string,
  file: string,
  env: NodeJS.ProcessEnv,
  machine: Machine = thisMachine(),
): LoadResult {
  const { root, faults, lines } = readDocument(text.replace(/^\uFEFF/, ""), env);
  let all: Fault[] = [...faults];
  let plan: Plan | null = null;
  if (root) {
    const parsed = configSchema.safeParse(root.value);
    if (!parsed.success) all.push(...diagnose(parsed.error.issues, root));
    const files = new PageFiles(file);
    all.push(...checkSemantics(root, (offset) => lines.linePos(offset).line, files));
    all = withoutMeant(all, root);
    const valid = all.every(({ severity }) => severity === "warning");
    if (parsed.success && valid) plan = resolvePlan(file, parsed.data, root, machine, files);
  }
  const problems = all
    .toSorted((left, right) => left.offset - right.offset)
    .map(({ severity, offset, path, message, hint }): Problem => {
      const { line, col: column } = lines.linePos(offset);
      return { severity, file, line, column, path: formatPath(path), message, hint };
    });
  return { plan, problems };
}

/** A misspelt key is told once: not also as the absence of the key that it stands for. */
function withoutMeant(faults: readonly Fault[], root: TreeNode): Fault[] {
  const meant = new Set(faults.map((fault) => (fault.meant ? formatPath(fault.meant) : "")));
  const isMeant = (path: Path): boolean => meant.has(formatPath(path));
  return faults.filter(({ path, wanted = [] }) => {
    if (wanted.some((key) => isMeant([...path, key]))) return false;
    return !isMeant(path) || findNode(root, path) !== null;
  });
}
