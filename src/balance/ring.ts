// ring: consistent hashing on a circle of points (libketama's), the default of hash methods. A key
// belongs to the first point from its hash on. When a server leaves, its keys go to the servers
// behind its points, and no other key moves.
import { weightUnit } from "../scoreboard/layout.ts";
import { candidatesByPlace, type Chooser, type HashMethod, orderByName } from "./hash-method.ts";
import type { Candidates } from "./policy.ts";
import { ringPoints } from "./ring-points.ts";

/** Points of a server of reference weight: libketama's 40 digests. */
const pointsPerServer = 160;

/** The mean weight is below 1.5 references, and each server has a point at least. */
const pointsPerServerMax = 1.5 * pointsPerServer + 2;

// A table: how many points there are, the points in ascending order, for each a place, and an index:
// for each value of a key's upper bits the first point that is not below it. So a pick reads one
// entry of the index and one or two points, where a binary search of 1,600 would guess eleven times.

/**
 * Points of each candidate, by weight. libketama divides by the mean weight, so that any change of
 * one weight (a slow start, a server leaving) adds or removes points of all others, and their keys
 * move among them. So the reference is not the mean but the nearest weight of 1/4, 1/2, 1, 2, 4..:
 * it stays while the mean wanders, and servers of weight 1 have exactly libketama's points.
 */
export function pointCounts(weights: Int32Array): Int32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = Math.max(1, total) / Math.max(1, weights.length);
  let reference = weightUnit;
  while (reference * 1.5 <= mean) reference *= 2;
  while (reference * 0.75 > mean) reference /= 2;
  return weights.map((weight) => Math.max(1, Math.round((pointsPerServer * weight) / reference)));
}

function fill(candidates: Candidates, table: Int32Array): void {
  const order = orderByName(candidates);
  const counts = pointCounts(candidates.weights);
  const total = counts.reduce((sum, count) => sum + count, 0);
  // One number to sort: the point, and for equal points the order of names. Exact up to 2^53.
  const marks = new Float64Array(total);
  let at = 0;
  for (const [rank, candidate] of order.entries()) {
    const count = counts[candidate] as number;
    const points = ringPoints(candidates.names[candidate] as string, count);
    for (let i = 0; i < count; i++) {
      marks[at++] = (points[i] as number) * candidates.count + rank;
    }
  }
  marks.sort();
  const capacity = capacityOf(table);
  const shift = shiftOf(capacity);
  let bucket = 0;
  for (let i = 0; i < total; i++) {
    const mark = marks[i] as number;
    // Exact for up to 2^20 servers, and several times faster than a remainder of doubles.
    const point = Math.floor(mark / candidates.count);
    const rank = mark - point * candidates.count;
    table[1 + i] = point;
    table[1 + capacity + i] = candidates.places[order[rank] as number] as number;
    for (; bucket <= point >>> shift; bucket++) table[1 + 2 * capacity + bucket] = i;
  }
  // Behind the last point the first one follows.
  table.fill(0, 1 + 2 * capacity + bucket);
  table[0] = total;
}

/** How many points a table has room for; the index is as long. */
function capacityOf(table: Int32Array): number {
  return (table.length - 1) / 3;
}

/** A key shifted right by so many bits is below the capacity. */
function shiftOf(capacity: number): number {
  return Math.clz32(capacity) + 1;
}

class Ring implements Chooser {
  private readonly points: Uint32Array;
  private readonly places: Int32Array;
  private readonly index: Int32Array;
  private readonly shift: number;
  private readonly candidates: Int32Array;

  constructor(candidates: Candidates, table: Int32Array) {
    const capacity = capacityOf(table);
    // The table may be another's by now: nothing that it says is believed without looking.
    const total = Math.min(capacity, Math.max(0, table[0] as number));
    this.points = new Uint32Array(table.buffer, table.byteOffset + 4, total);
    this.places = table.subarray(1 + capacity, 1 + capacity + total);
    this.index = table.subarray(1 + 2 * capacity);
    this.shift = shiftOf(capacity);
    this.candidates = candidatesByPlace(candidates);
  }

  choose(key: number, excluded: Uint8Array | null): number {
    const { points, places, candidates } = this;
    const total = points.length;
    let at = (this.index[key >>> this.shift] as number) >>> 0;
    while (at < total && (points[at] as number) < key) at++;
    for (let step = 0; step < total; step++) {
      if (at >= total) at = 0;
      const place = places[at] as number;
      const candidate =
        place >= 0 && place < candidates.length ? (candidates[place] as number) : -1;
      if (candidate !== -1 && (excluded === null || excluded[candidate] === 0)) return candidate;
      at++;
    }
    return -1;
  }
}

export const ring: HashMethod = {
  name: "ring",
  summary: "is consistent hashing on a ring of points: when a server leaves, only its keys move",
  tableCells: (servers: number): number => 1 + 3 * pointsPerServerMax * Math.max(1, servers),
  fill,
  chooser: (candidates: Candidates, table: Int32Array | null): Chooser =>
    new Ring(candidates, table ?? new Int32Array(4)),
};
