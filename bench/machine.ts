// The facts that a result needs to be read later: the machine, the versions, the commit.
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import type { Programs } from "./programs.ts";
import { projectRoot } from "./session.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly haproxy: string | null;
  readonly nginx: string | null;
  readonly wrk: string | null;
  /** The load average of the last minute when the run began. */
  readonly loadAverage: number;
}

export interface Commit {
  /** Short hash; "none" where there is no commit. */
  readonly hash: string;
  /** Whether files differed from it; null when that is unknown. */
  readonly dirty: boolean | null;
}

/** What git prints, or null when it fails. */
function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync("git", args, { cwd: projectRoot, encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

export function readMachine(programs: Programs): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    haproxy: programs.haproxy?.version ?? null,
    nginx: programs.nginx?.version ?? null,
    wrk: programs.wrk?.version ?? null,
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** The commit that is checked out. Earlier results do not make the tree dirty. */
export function readCommit(): Commit {
  const status = git("status", "--porcelain", "--", ".", ":(exclude)bench/results");
  return {
    hash: git("rev-parse", "--short", "HEAD") ?? "none",
    dirty: status === null ? null : status !== "",
  };
}
