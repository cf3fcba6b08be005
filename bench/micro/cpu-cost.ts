// What a piece of code costs by itself, in nanoseconds of CPU time. The programs in this folder call it
// round by round for each of their cases, so that a busy moment of the machine hits them all.
import process from "node:process";

/** Of one measurement. */
const measureMs = 30;

/**
 * Nanoseconds of one turn of `run`: of CPU time, which does not pass while somebody else has the
 * core.
 */
export function measure(run: (turns: number) => void): number {
  let turns = 100;
  // Doubled until it takes long enough: so what is slow is not measured for minutes.
  for (;;) {
    const start = process.cpuUsage();
    run(turns);
    const { user, system } = process.cpuUsage(start);
    const spentUs = user + system;
    if (spentUs >= measureMs * 1000) return (spentUs * 1000) / turns;
    turns *= 2;
  }
}
