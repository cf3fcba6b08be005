// Several loads at once, of which one runs and the others stand still: each has its turn every few
// hundred milliseconds. What a shared machine can do changes from second to second; so it changes for
// all of them alike. A load that stands still leaves its proxy idle once the proxy has answered.
import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./children.ts";

/** Short against the moods of a machine, long against what a cold cache costs. */
const turnMs = 200;

/** Lets these processes, which stand still, run in turns until all have ended: how long each ran, in ms. */
export async function takeTurns(children: readonly Child[]): Promise<number[]> {
  const ranMs = children.map(() => 0);
  while (children.some((child) => child.running)) {
    for (const [index, child] of children.entries()) {
      if (!child.running) continue;
      const since = performance.now();
      child.goOn();
      const ended = new AbortController();
      await Promise.race([child.exited, delay(turnMs, undefined, { signal: ended.signal })]);
      ended.abort();
      child.standStill();
      ranMs[index] = (ranMs[index] ?? 0) + performance.now() - since;
    }
  }
  return ranMs;
}
