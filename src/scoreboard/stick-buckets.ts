// Where a key of a sticky table may lie: two buckets of 16 slots. This chooses among their slots by
// plain reads, which are hints: stick-table.ts takes the slot and looks again.
import type { StickKey } from "./stick-key.ts";
import { bucketCells, bucketSlots, type StickPlaces } from "./stick-memory.ts";
import { idleTicks } from "./stick-time.ts";

/** No slot. */
export const none = -1;

export class StickBuckets {
  /** The two buckets of the key in hand; the same twice in a table that has one. */
  first: number;
  second: number;
  /** A slot that could not be had at the last attempt: the next one looks elsewhere. */
  avoided: number;
  /** How long the slot last chosen has been unused, in ticks; Infinity for an empty one. */
  chosenIdle: number;
  readonly count: number;
  private readonly cells: Int32Array<SharedArrayBuffer>;
  private readonly at: number;

  constructor(cells: Int32Array<SharedArrayBuffer>, places: StickPlaces) {
    this.first = 0;
    this.second = 0;
    this.avoided = none;
    this.chosenIdle = 0;
    this.count = places.buckets;
    this.cells = cells;
    this.at = places.bucketsAt;
  }

  /** The two buckets of a key: by a half of its hash each, and never the same if there are two. */
  choose(key: StickKey): void {
    const first = scaled(key.hashLow, this.count);
    this.first = first;
    this.second = first;
    if (this.count === 1) return;
    const second = scaled(key.hashHigh, this.count - 1);
    this.second = second < first ? second : second + 1;
  }

  /** An empty slot of the emptier bucket. */
  emptySlot(): number {
    this.chosenIdle = Infinity;
    const first = this.emptyIn(this.first);
    const second = this.second === this.first ? none : this.emptyIn(this.second);
    if (first === none || second === none) return first === none ? second : first;
    return this.free(this.second) > this.free(this.first) ? second : first;
  }

  private emptyIn(bucket: number): number {
    const at = this.at + bucket * bucketCells;
    for (let i = 0; i < bucketSlots; i++) {
      if (this.cells[at + i] === 0 && bucket * bucketSlots + i !== this.avoided) {
        return bucket * bucketSlots + i;
      }
    }
    return none;
  }

  private free(bucket: number): number {
    const at = this.at + bucket * bucketCells;
    let free = 0;
    for (let i = 0; i < bucketSlots; i++) if (this.cells[at + i] === 0) free++;
    return free;
  }

  /** The longest unused entry of the two buckets, `except` and `avoided` aside. */
  oldestSlot(now: number, except: number): number {
    this.chosenIdle = -1;
    const first = this.olderIn(this.first, now, except, none);
    return this.second === this.first ? first : this.olderIn(this.second, now, except, first);
  }

  /** The oldest slot of a bucket if it is older than `chosen`, the oldest so far. */
  private olderIn(bucket: number, now: number, except: number, chosen: number): number {
    const at = this.at + bucket * bucketCells;
    let oldest = chosen;
    for (let i = 0; i < bucketSlots; i++) {
      const slot = bucket * bucketSlots + i;
      if (this.cells[at + i] === 0 || slot === except || slot === this.avoided) continue;
      const idle = idleTicks(now, this.cells[at + bucketSlots + i] as number);
      if (idle <= this.chosenIdle) continue;
      this.chosenIdle = idle;
      oldest = slot;
    }
    return oldest;
  }

  /** Both buckets become the one after: for a walk over all of them. */
  next(): void {
    this.first = this.first + 1 < this.count ? this.first + 1 : 0;
    this.second = this.first;
  }
}

/** Of 0 to `count - 1`, by the upper bits of a hash. */
function scaled(hash: number, count: number): number {
  return Math.floor(((hash >>> 0) * count) / 0x1_0000_0000);
}
