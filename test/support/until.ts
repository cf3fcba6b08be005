// Waiting for conditions, always with a bound. Every test and every support file waits through
// here: never for a time to pass, only for something to become true.
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 5;
/** Long, because no test is there to say how fast a shared machine is. */
export const patienceMs = 60_000;

/**
 * Looks again and again until `look` answers something other than undefined, null or false, and
 * gives that. Rejects after `limitMs`, saying what it waited for.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs: number = patienceMs,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) {
      return found as Exclude<T, undefined | null | false>;
    }
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await delay(pollMs);
  }
}

/** `promise`, or a rejection that says what was waited for when `limitMs` pass first. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  limitMs: number = patienceMs,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const error = new Error(`waited ${limitMs} ms in vain for ${what}`);
    timer = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until `read` gives the same number for `steadyMs`: the only way to see that something has
 * stopped. Gives that number.
 */
export async function untilSteady(
  what: string,
  read: () => number,
  steadyMs = 400,
  limitMs: number = patienceMs,
): Promise<number> {
  let value = read();
  let sinceMs = performance.now();
  return until(
    `${what} to stand still`,
    () => {
      const next = read();
      if (next !== value) {
        value = next;
        sinceMs = performance.now();
      }
      // An object, because zero is a number like any other.
      return performance.now() - sinceMs >= steadyMs ? { value } : null;
    },
    limitMs,
  ).then((steady) => steady.value);
}
