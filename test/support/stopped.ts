// A process that stands still, as under a debugger or on a suspended machine: what arrives meanwhile
// waits in the kernel, all of it, until the process goes on. Linux only.
import { readdirSync, readFileSync } from "node:fs";
import type { Ballast } from "./ballast.ts";
import { until } from "./until.ts";

/** SIGSTOP, and waits until the last of its threads stands still. SIGCONT ends it. */
export async function stopProcess(ballast: Ballast): Promise<void> {
  const tasks = `/proc/${ballast.pid}/task`;
  const stands = (task: string): boolean => {
    const stat = readFileSync(`${tasks}/${task}/stat`, "latin1");
    return stat[stat.lastIndexOf(")") + 2] === "T";
  };
  ballast.signal("SIGSTOP");
  await until("every thread to stop", () => readdirSync(tasks).every(stands));
}
