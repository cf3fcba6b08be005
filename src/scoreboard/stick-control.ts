// A sticky table as the control plane has it: it lists entries, sweeps expired ones away and cleans up
// after workers whose threads have ended. It may also store and forget, as workers do. It allocates,
// and it never stops a worker: everything happens slot by slot.
import { KeyKind, keyText, type StickKey } from "./stick-key.ts";
import {
  keptBytes,
  recordCell,
  recordCells,
  type StickCounter,
  stickCounters,
  type StickTableMemory,
} from "./stick-memory.ts";
import { StickTable } from "./stick-table.ts";
import { idleTicks, tickMs, tickOf } from "./stick-time.ts";

export interface StickEntry {
  readonly kind: "ipv4" | "ipv6" | "text";
  /** The key; only its beginning and "..." of a text of more than 48 bytes. */
  readonly key: string;
  /** The stickServer number of its server. */
  readonly server: number;
  readonly ageMs: number;
  /** Since it was last used. */
  readonly idleMs: number;
  readonly expiresInMs: number;
}

/** Slots of a table: from 0 to its capacity at most. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** Copies of a record that may fail because a worker is changing it. */
const copiesMax = 4;

export class ControlStickTable extends StickTable {
  private readonly workers: number;
  /** Where the next sweep begins. */
  private sweepAt: number;
  private readonly copy: Int32Array;

  constructor(memory: StickTableMemory) {
    super(memory, memory.workers);
    this.workers = memory.workers;
    this.sweepAt = 0;
    this.copy = new Int32Array(recordCells);
  }

  /** Slots in all: a sweep of so many sees each entry once. */
  get capacity(): number {
    return this.slots.places.slots;
  }

  /**
   * Up to `limit` entries that have not expired and that `matches` takes, in no meaningful order. An
   * entry that is used, moved or made meanwhile is told as it was at some moment, or not at all.
   * Among all slots, or those from `from` to before `to`: a full table costs a microsecond a slot.
   */
  entries(
    nowMs: number,
    limit: number,
    matches: (entry: StickEntry) => boolean = () => true,
    { from, to }: SlotRange = { from: 0, to: this.capacity },
  ): StickEntry[] {
    const found: StickEntry[] = [];
    for (let slot = from; slot < to && found.length < limit; slot++) {
      const entry = this.entry(slot, nowMs);
      if (entry !== null && matches(entry)) found.push(entry);
    }
    return found;
  }

  /**
   * Removes the expired ones among the next `count` slots; returns how many. Call it every so often
   * with a part of `capacity`: it costs some nanoseconds a slot.
   */
  sweep(nowMs: number, count: number): number {
    const now = tickOf(nowMs);
    let removed = 0;
    for (let i = 0; i < Math.min(count, this.capacity); i++) {
      const slot = this.sweepAt;
      this.sweepAt = slot + 1 < this.capacity ? slot + 1 : 0;
      if (this.isExpired(slot, now) && this.removeExpired(slot, now)) removed++;
    }
    return removed;
  }

  /** Removes one key's entry; false when it had none. */
  clear(key: StickKey): boolean {
    return this.forget(key);
  }

  /**
   * Gives back the slot that a dead worker may still own; an entry that it was writing is gone.
   * Call it after the thread has ended and before its successor starts.
   */
  releaseWorker(worker: number): void {
    if (worker < this.workers) this.slots.recover(worker);
  }

  /** All counters by name, over all threads. */
  counters(): Record<StickCounter, number> {
    const totals = stickCounters.map((counter) => [counter, this.total(counter)] as const);
    return Object.fromEntries(totals) as Record<StickCounter, number>;
  }

  private isExpired(slot: number, now: number): boolean {
    return this.slots.tag(slot) !== 0 && this.expired(now, this.slots.used(slot));
  }

  private removeExpired(slot: number, now: number): boolean {
    if (!this.slots.take(slot)) return false;
    const still = this.isExpired(slot, now);
    if (still) {
      this.slots.count("expirations");
      this.slots.empty(slot);
    }
    this.slots.release(slot);
    return still;
  }

  private entry(slot: number, nowMs: number): StickEntry | null {
    if (this.slots.tag(slot) === 0) return null;
    let copies = 0;
    while (!this.slots.copy(slot, this.copy)) if (++copies === copiesMax) return null;
    const idle = idleTicks(tickOf(nowMs), this.slots.usedTick);
    if (idle > this.expireTicks) return null;
    const form = this.cell(recordCell.form);
    const bytes = new Uint8Array(this.copy.buffer, recordCell.key * 4, keptBytes);
    const kind = (form >> 16) as KeyKind;
    const created = this.cell(recordCell.createdS);
    return {
      kind: kind === KeyKind.ipv4 ? "ipv4" : kind === KeyKind.ipv6 ? "ipv6" : "text",
      key: keyText(kind, bytes, form & 0xffff),
      server: this.cell(recordCell.server),
      ageMs: Math.max(0, nowMs - (created >>> 0) * 1000),
      idleMs: idle * tickMs,
      expiresInMs: Math.max(0, (this.expireTicks - idle) * tickMs),
    };
  }

  private cell(number: number): number {
    return this.copy[number] as number;
  }
}

/** Opens the memory as worker number `worker`, from 0, or as the control plane. */
export function openStickTable(memory: StickTableMemory, worker: number): StickTable;
export function openStickTable(memory: StickTableMemory, worker: null): ControlStickTable;
export function openStickTable(memory: StickTableMemory, worker: number | null): StickTable {
  if (worker === null) return new ControlStickTable(memory);
  if (Number.isInteger(worker) && worker >= 0 && worker < memory.workers) {
    return new StickTable(memory, worker);
  }
  throw new RangeError(`the sticky table has workers 0 to ${memory.workers - 1}: ${worker}`);
}
