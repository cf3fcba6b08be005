// Which CPU core runs what. The proxy has one core for itself; the load generator, the origin and
// the clients share another, so that what they do cannot be charged to the proxy.
import { readFileSync } from "node:fs";
import type { Program } from "./programs.ts";

/** Core numbers; null: not pinned. */
export interface Cores {
  readonly proxy: number | null;
  readonly load: number | null;
}

/** The numbers in a kernel list such as `0-3,8`. */
function listed(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Cores that this process may use: a container often has not all of the machine's. */
function allowed(): number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  return listed(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "0");
}

/** Chooses the cores; `notes` gets a sentence when processes cannot be kept apart. */
export function chooseCores(taskset: Program | null, notes: string[]): Cores {
  const [first, second] = allowed();
  if (first === undefined || second === undefined) {
    notes.push(
      "This machine gives the benchmark one core only: proxy, load generator and origin share it. " +
        "Expect wide spreads.",
    );
    return { proxy: null, load: null };
  }
  if (taskset === null) return { proxy: null, load: null };
  return { proxy: first, load: second };
}

/** The command that runs `command` on that core. taskset replaces itself, so the pid stays. */
export function pinned(
  taskset: Program | null,
  core: number | null,
  command: readonly string[],
): readonly string[] {
  if (taskset === null || core === null) return command;
  return [taskset.path, "-c", String(core), ...command];
}
