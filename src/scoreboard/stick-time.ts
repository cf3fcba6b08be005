// Time in a sticky table: hundredths of a second in 32 bits, which start anew every 497 days of the
// monotonic clock. Entries live 365 days unused at most, so an age is never mistaken for another.

/** A moment of `nowMs`, as a signed 32-bit number. */
export function tickOf(nowMs: number): number {
  return Math.floor(nowMs / tickMs) | 0;
}

export const tickMs = 10;

/**
 * Ticks from `used` to `now`. Threads read their clocks at different moments: a use that seems to lie
 * up to a minute ahead is one just now.
 */
export function idleTicks(now: number, used: number): number {
  const ticks = (now - used) >>> 0;
  return ticks >= 0x1_0000_0000 - aheadTicks ? 0 : ticks;
}

const aheadTicks = 60_000 / tickMs;
