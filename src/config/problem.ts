// What is wrong with a configuration, told to an operator: where, what, and what to do about it.
import { quoted } from "./reading.ts";

export type Severity = "error" | "warning";

/** One mistake (or doubt) in a configuration file. Lines and columns count from 1. */
export interface Problem {
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The key it is about, `backends.web.servers.web2.weight`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** What to do about it: one or more sentences. */
  readonly hint: string;
}

/** A problem before its offset in the text has become a line and a column. */
export interface Fault {
  readonly severity: Severity;
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  /** The key that an unknown one stands for, so that its absence is not told as well. */
  readonly meant?: Path;
  /** Keys of which one is wanted at `path`; not told when an unknown key stands for one of them. */
  readonly wanted?: readonly string[];
}

/** Map keys and list indexes from the top of the file down. */
export type Path = readonly (string | number)[];

/** `FILE:LINE:COLUMN: message (path). Hint`, one line; a warning says so before its message. */
export function formatProblem(problem: Problem): string {
  const kind = problem.severity === "warning" ? "warning: " : "";
  const place = problem.path === "" ? "" : ` (${problem.path})`;
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  return `${where}: ${kind}${problem.message}${place}. ${problem.hint}`.trimEnd();
}

/** A problem of the file as a whole, shown at its beginning. */
export function fileProblem(file: string, message: string, hint: string): Problem {
  return { severity: "error", file, line: 1, column: 1, path: "", message, hint };
}

/** `frontends.edge.bind[1].address`; a key that is no plain word is quoted. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") {
      text += `[${step}]`;
    } else {
      const word = /^[A-Za-z0-9_-]{1,200}$/.test(step) ? step : quoted(step);
      text += text === "" ? word : `.${word}`;
    }
  }
  return text;
}
