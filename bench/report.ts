// The result of a run as it is kept: every raw measurement, and what is needed to judge them.
// main.ts makes it, table.ts reads it again; the table is always computed from this.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cores } from "./cores.ts";
import type { Commit, Machine } from "./machine.ts";
import type { Round } from "./rounds.ts";
import type { Figure } from "./rows/row.ts";
import { projectRoot } from "./session.ts";

export interface ReportRow {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly rounds: readonly Round[];
}

export interface ReportProxy {
  /** The name that the rounds use. */
  readonly name: string;
  readonly title: string;
  /** Null: it could not be measured. */
  readonly version: string | null;
}

export interface Report {
  /** Raised when a field changes its meaning. */
  readonly format: 1;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly command: string;
  readonly commit: Commit;
  readonly machine: Machine;
  readonly cores: Cores;
  /** The subject first. */
  readonly proxies: readonly ReportProxy[];
  readonly rows: readonly ReportRow[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Rows that a proxy's problems made invalid: "row, proxy: problem", each problem once. */
export function problemsOf(report: Report): string[] {
  const problems = new Set<string>();
  for (const row of report.rows) {
    for (const { samples } of row.rounds) {
      for (const { name, title } of report.proxies) {
        for (const problem of samples[name]?.problems ?? []) {
          problems.add(`${row.id}, ${title}: ${problem}`);
        }
      }
    }
  }
  return [...problems];
}

/** Keeps the report as JSON and its table beside it, and gives the JSON's path in the project. */
export function saveReport(report: Report, table: string): string {
  const folder = "bench/results";
  mkdirSync(join(projectRoot, folder), { recursive: true });
  const name = `${report.startedAt.slice(0, 10)}-${report.commit.hash}`;
  let chosen = name;
  for (let again = 2; existsSync(join(projectRoot, folder, `${chosen}.json`)); again++) {
    chosen = `${name}-${again}`;
  }
  const path = join(folder, chosen);
  writeFileSync(join(projectRoot, `${path}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(projectRoot, `${path}.md`), table);
  return `${path}.json`;
}
