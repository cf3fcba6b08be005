// Finds processes that a check program has started and that have left its process group (setsid, a
// daemon), and kills them: they are known by a variable of their environment, which children inherit.
// exec-probe.ts calls it when a program was killed, or when somebody holds its pipes after its end.
// Linux only (/proc). Who has emptied or overwritten its environment, or runs as another user, is not
// found.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";

/** The variable: each run of a check program has a value of its own. */
export const checkVariable = "BALLAST_CHECK_ID";

/** Processes looked at in one turn of the event loop: about a millisecond. */
const sliceProcesses = 50;
/** Who forks faster than it is found is not worth more looks. */
const looksMax = 5;

const thisProcess = randomBytes(8).toString("hex");
let runs = 0;
/** Whose processes the next look is for. */
let wanted: string[] = [];
/** The look that has not begun yet, which all that come before share. */
let coming: Promise<void> | null = null;
let underWay: Promise<void> = Promise.resolve();

/** A value that no run of any Ballast has had. */
export function newCheckId(): string {
  return `${thisProcess}-${++runs}`;
}

/** Kills all that carry this value; settles when no more are found. One look serves all that ask. */
export function killEscaped(id: string): Promise<void> {
  wanted.push(id);
  coming ??= underWay.then(() => {
    const ids = new Set(wanted);
    wanted = [];
    coming = null;
    underWay = look(ids);
    return underWay;
  });
  return coming;
}

/** Never rejects. Again and again while it finds any: they may have forked meanwhile. */
async function look(ids: ReadonlySet<string>): Promise<void> {
  for (let looks = 0; looks < looksMax; looks++) {
    const pids = runningPids();
    let found = false;
    for (const [i, pid] of pids.entries()) {
      if (i % sliceProcesses === 0) await nextTurn();
      if (killIfOurs(pid, ids)) found = true;
    }
    if (!found) return;
  }
}

function runningPids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Reads and kills in one breath, so that the number is hardly another's by then. */
function killIfOurs(pid: number, ids: ReadonlySet<string>): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    const at = `\0${environment}`.indexOf(`\0${checkVariable}=`);
    if (at < 0) return false;
    const [value = ""] = environment.slice(at + checkVariable.length + 1).split("\0", 1);
    if (!ids.has(value)) return false;
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    // It has ended, or is none of ours to look at. A zombie has no environment.
    return false;
  }
}
