// What /proc says about a process and all that it started: CPU time and resident memory.
// The rows read these around a measurement. Linux only.
import { readFileSync, readdirSync } from "node:fs";

/** CPU time of a process tree so far, in microseconds. */
export interface CpuReading {
  /** By "pid/thread", as exact as the scheduler knows it. */
  readonly threads: ReadonlyMap<string, number>;
  /** The same in two kinds, by the kernel's ticks: their ratio is what is worth reading. */
  readonly user: number;
  readonly kernel: number;
}

/** Resident memory of a process tree in bytes. */
export interface Memory {
  /**
   * What the tree would have if it ran alone: all of its largest process, and of the others what
   * they share with nobody. Pages that a parent shares with its child are so counted once.
   */
  readonly resident: number;
  /** Sums over the processes, as the kernel names them. */
  readonly rss: number;
  /** Shared pages divided among all processes that map them, also those outside the tree. */
  readonly pss: number;
}

// USER_HZ, the unit of /proc/PID/stat, is 100 on every architecture that Node runs on.
const microsecondsPerTick = 10_000;

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** The fields of a stat line from the third on: the second, a name, may contain spaces. */
function statFields(text: string): string[] {
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** A process and all its descendants that run now, parents first. */
export function processTree(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readOrNull(`/proc/${entry}/stat`);
    if (stat === null) continue;
    const parent = Number(statFields(stat)[1]);
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [Number(entry)]);
    else siblings.push(Number(entry));
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(childrenOf.get(member) ?? []));
  return tree;
}

/** User and kernel microseconds of one thread, in all. */
function threadMicroseconds(folder: string): number | null {
  // Nanoseconds that the scheduler charged; a kernel without the file has the coarser ticks.
  const charged = readOrNull(`${folder}/schedstat`)?.split(" ")[0];
  if (charged !== undefined) return Number(charged) / 1000;
  const stat = readOrNull(`${folder}/stat`);
  if (stat === null) return null;
  const fields = statFields(stat);
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
}

/** CPU time so far of the process and its descendants. */
export function readCpu(pid: number): CpuReading {
  const threads = new Map<string, number>();
  let user = 0;
  let kernel = 0;
  for (const member of processTree(pid)) {
    const fields = statFields(readOrNull(`/proc/${member}/stat`) ?? "");
    user += Number(fields[11] ?? 0) * microsecondsPerTick;
    kernel += Number(fields[12] ?? 0) * microsecondsPerTick;
    for (const thread of readdirSync(`/proc/${member}/task`)) {
      const spent = threadMicroseconds(`/proc/${member}/task/${thread}`);
      if (spent !== null) threads.set(`${member}/${thread}`, spent);
    }
  }
  return { threads, user, kernel };
}

/** Microseconds of CPU between two readings of the same process. */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  let spent = 0;
  for (const [thread, time] of after.threads) spent += time - (before.threads.get(thread) ?? 0);
  return spent;
}

/** Threads that ended between two readings: their time went with them and is not counted. */
export function lostThreads(before: CpuReading, after: CpuReading): string[] {
  return [...before.threads.keys()].filter((thread) => !after.threads.has(thread));
}

/** Resident memory now of the process and its descendants. */
export function readMemory(pid: number): Memory {
  let pss = 0;
  let rss = 0;
  let own = 0;
  let largest = 0;
  for (const member of processTree(pid)) {
    const rollup = readFileSync(`/proc/${member}/smaps_rollup`, "utf8");
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) * 1024;
    const ownHere = bytes("Private_Clean") + bytes("Private_Dirty");
    rss += bytes("Rss");
    pss += bytes("Pss");
    own += ownHere;
    largest = Math.max(largest, bytes("Rss") - ownHere);
  }
  return { resident: own + largest, rss, pss };
}
