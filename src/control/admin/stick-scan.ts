// Looks through a sticky table of any size without standing in anybody's way: a slice of slots in one
// turn of the event loop, and one slice a turn however many ask. stick.ts calls it.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ControlStickTable, StickEntry } from "../../scoreboard/stick-control.ts";

/** Slots looked at in one turn: two or three milliseconds if all are taken. */
export const sliceSlots = 2048;

/** Settles when all slices that were asked for before have had a turn. */
let last: Promise<unknown> = Promise.resolve();

/** A turn of the event loop that no other scan uses. */
function ownTurn(): Promise<unknown> {
  last = last.then(() => nextTurn());
  return last;
}

/**
 * Up to `limit` entries that `matches` takes, in no meaningful order. One that moves to another slot
 * meanwhile may be told twice or not at all. `turn` is waited for before each slice.
 */
export async function scanStickTable(
  table: Pick<ControlStickTable, "capacity" | "entries">,
  nowMs: () => number,
  limit: number,
  matches: (entry: StickEntry) => boolean,
  turn: () => Promise<unknown> = ownTurn,
): Promise<StickEntry[]> {
  const found: StickEntry[] = [];
  for (let from = 0; from < table.capacity && found.length < limit; from += sliceSlots) {
    await turn();
    const slots = { from, to: Math.min(table.capacity, from + sliceSlots) };
    found.push(...table.entries(nowMs(), limit - found.length, matches, slots));
  }
  return found;
}
