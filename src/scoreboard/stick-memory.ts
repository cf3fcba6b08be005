// What a sticky table's SharedArrayBuffer holds, described once; every offset is derived from here.
// The control plane creates the memory, stick-slots.ts alone reads and writes it.
//
//   writers: one block for each worker, one for the control plane
//   buckets: 16 tags, then 16 times of last use: a line of memory each
//   records: one for each slot, 16 in a row for each bucket
//
// A key may lie in either of two buckets that its hash names, and a new one goes to the emptier. A
// table has a quarter more slots than entries, and 80 % full no key finds both its buckets full
// (measured with 10 to 1,000,000 entries). Nothing is ever moved, so a reader walks without a lock.
// The oldest of a full table's two buckets, some 26 entries, is evicted: half of all evictions hit the
// oldest 3 % of the table, 99 % the oldest 18 % (stick-table.test.ts).
import { randomBytes } from "node:crypto";
import type { HashSeed } from "./keyed-hash.ts";

/** Everything that another thread needs to open a sticky table; structured-cloneable. */
export interface StickTableMemory {
  readonly buffer: SharedArrayBuffer;
  /** Entries that it is to hold; see StickTable.size. */
  readonly size: number;
  readonly workers: number;
  /** An entry that nobody used for so long counts as absent. */
  readonly expireMs: number;
  readonly seed: HashSeed;
}

export interface StickTableOptions {
  /** Entries, from 1 to stickSizeMax. About 110 bytes each, whatever the key. */
  readonly size: number;
  /** From 1 to stickExpireMsMax. */
  readonly expireMs: number;
  readonly workers: number;
  /** Of the keys' hashes; random when absent. */
  readonly seed?: HashSeed;
}

export const stickSizeMax = 10_000_000;
/** 365 days. Times are kept in 32 bits, which hold 497 days of them. */
export const stickExpireMsMax: number = 365 * 86_400_000;

/** Bytes of a key that are kept. Of a longer one these, its length and its 64-bit hash are compared. */
export const keptBytes = 48;
/** Slots of a bucket, as a shift. */
export const bucketShift = 4;
export const bucketSlots: number = 1 << bucketShift;
const slotsPerEntry = 1.25;

/** Int32 cells of a slot's record, beside the key itself. */
const recordNames = [
  /** 0, or 1 + the writer that has the slot. Who has it may write; readers do not look here. */
  "owner",
  /** Odd while what follows is being written: a reader takes nothing that such a time overlaps. */
  "version",
  /** A KeyKind in the upper half, the key's whole length in bytes in the lower. */
  "form",
  "hashLow",
  "hashHigh",
  /** A server's stickServer number, never 0. */
  "server",
  /** Monotonic seconds. */
  "createdS",
] as const;

/** Int32 cells of a writer's block. Only that writer writes them; all may read. */
const writerNames = [
  /** Slots that it filled less those that it emptied. All writers' sum: the entries. */
  "balance",
  /** 1 + the last slot that it wanted to own. */
  "wanted",
  /** What `balance` must be should it die while it changes the slot that it owns. */
  "balanceIfLost",
] as const;

/** Counters of a writer's block: Float64, only grow. */
const counterNames = [
  /** Lookups that gave a server. */
  "hits",
  /** Lookups that did not. */
  "misses",
  /** Entries made or renewed. */
  "stores",
  /** Stores given up because other threads were at the same slots all the time. */
  "storesLost",
  /** Entries that had to go, before they expired, to make room. */
  "evictions",
  /** Entries removed because they had expired. */
  "expirations",
] as const;

export type StickCounter = (typeof counterNames)[number];
export const stickCounters: readonly StickCounter[] = counterNames;

function numbered<const N extends string>(names: readonly N[], first = 0): Record<N, number> {
  return Object.fromEntries(names.map((name, i) => [name, first + i])) as Record<N, number>;
}

const cellBytes = Int32Array.BYTES_PER_ELEMENT;
const lineCells = 64 / cellBytes;

function lines(cells: number): number {
  return Math.ceil(cells / lineCells) * lineCells;
}

export const recordCell: Record<(typeof recordNames)[number] | "key", number> = numbered([
  ...recordNames,
  "key",
]);
export const recordCells: number = recordCell.key + keptBytes / cellBytes;
export const writerCell: Record<(typeof writerNames)[number], number> = numbered(writerNames);
/** Float64 numbers from the start of a writer's block: the counters have a line of their own. */
export const writerCounter: Record<StickCounter, number> = numbered(
  counterNames,
  lines(writerNames.length) / 2,
);
export const writerCells: number = lines(writerNames.length) + lines(2 * counterNames.length);
/** A bucket's cells: tags, then times of last use. */
export const bucketCells: number = 2 * bucketSlots;

/** Where everything lies, in Int32 cells from the start of the buffer. */
export interface StickPlaces {
  /** The workers and the control plane, which comes last. */
  readonly writers: number;
  readonly buckets: number;
  readonly slots: number;
  readonly bucketsAt: number;
  readonly recordsAt: number;
  readonly bytes: number;
}

export function stickPlaces(size: number, workers: number): StickPlaces {
  const writers = workers + 1;
  const buckets = Math.max(1, Math.ceil((size * slotsPerEntry) / bucketSlots));
  const slots = buckets * bucketSlots;
  const bucketsAt = writers * writerCells;
  const recordsAt = bucketsAt + buckets * bucketCells;
  const bytes = (recordsAt + slots * recordCells) * cellBytes;
  return { writers, buckets, slots, bucketsAt, recordsAt, bytes };
}

/** Allocates an empty table. Throws a RangeError for options that cannot be. */
export function createStickTable(options: StickTableOptions): StickTableMemory {
  const { size, expireMs, workers } = options;
  check("size", size, stickSizeMax);
  check("expireMs", expireMs, stickExpireMsMax);
  check("workers", workers, 0xffff);
  const random = randomBytes(8);
  const seed = options.seed ?? { low: random.readInt32LE(0), high: random.readInt32LE(4) };
  const buffer = new SharedArrayBuffer(stickPlaces(size, workers).bytes);
  return { buffer, size, workers, expireMs, seed };
}

function check(name: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  throw new RangeError(
    `a sticky table's ${name} must be a whole number from 1 to ${max}: ${value}`,
  );
}
