// A server's response time as all workers share it: a peak EWMA, as in Finagle and Envoy. The data
// plane calls observeLatency() after each connect in tcp mode, after each response's head in http mode;
// leasttime reads. Nobody else writes these two cells.
import { serverField } from "../scoreboard/fields.ts";
import type { Scoreboard } from "../scoreboard/scoreboard.ts";

/** Time constant in which better samples replace worse ones, and an idle estimate fades. */
export const latencyDecayMs = 10_000;

/**
 * Better samples count once in so long. They could move the estimate by less than a microsecond
 * otherwise, which is lost in whole numbers, and every connect would write to a shared cache line.
 */
const betterEveryMs = 100;

/** Two threads that write at once: one tries again so often, then its sample is let go. */
const attempts = 4;

const low31 = 0x7fff_ffff;
/** An observer's clock may have been read a turn of its loop before ours; more is real age. */
const clockSlackMs = 60_000;

/**
 * Milliseconds since `atMs`, both of the monotonic clock, of which 31 bits are known: right for 24
 * days, and never negative.
 */
export function ageMs(nowMs: number, atMs: number): number {
  const age = (nowMs - atMs) & low31;
  return age > low31 - clockSlackMs ? 0 : age;
}

/** What is left of an estimate of `atMs` that nobody has renewed since. */
export function fadedLatency(measuredUs: number, atMs: number, nowMs: number): number {
  return measuredUs * Math.exp(-ageMs(nowMs, atMs) / latencyDecayMs);
}

/**
 * Feeds one measured time. A worse one than the estimate replaces it at once; a better one pulls it
 * down by as much as has passed since the last: a burst of quick answers does not hide a slow one.
 * `sampleUs`: microseconds, from 0. `nowMs`: monotonic milliseconds, the same clock on all threads.
 */
export function observeLatency(
  board: Scoreboard,
  row: number,
  sampleUs: number,
  nowMs: number,
): void {
  const { servers } = board;
  // 0 in the cell means that nothing is known.
  const sample = Math.min(low31, Math.max(1, Math.round(sampleUs)));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = servers.glance(row, serverField.latencyUs);
    let after = sample;
    if (sample < before) {
      const age = ageMs(nowMs, servers.glance(row, serverField.latencyAtMs));
      if (age < betterEveryMs) return;
      // Rounded down: the last microseconds must not take for ever.
      after = sample + Math.floor((before - sample) * Math.exp(-age / latencyDecayMs));
    }
    if (!servers.replace(row, serverField.latencyUs, before, after)) continue;
    servers.store(row, serverField.latencyAtMs, nowMs & low31);
    return;
  }
}
