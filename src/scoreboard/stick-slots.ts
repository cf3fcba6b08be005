// The slots of a sticky table and the protocol by which threads share them. Used by stick-table.ts and
// stick-control.ts only, which decide what goes where.
//
// Who writes takes the slot first (`owner`, by one compare-and-swap, never waited for), makes the
// version odd, writes, makes it even again, and gives the slot back. Who reads takes the version
// before and after: a seqlock. Every cell of a record is read and written with Atomics, for plain
// accesses may be reordered around the version on ARM. A writer says in its block which slot it wants
// before it takes it and what its balance is to be if the slot is lost: so a thread that is ended
// between any two steps leaves one slot at most, and recover() puts it and the balance right.
import type { StickKey } from "./stick-key.ts";
import {
  bucketCells,
  bucketShift,
  bucketSlots,
  keptBytes,
  recordCell,
  recordCells,
  type StickCounter,
  type StickPlaces,
  stickPlaces,
  type StickTableMemory,
  writerCell,
  writerCells,
  writerCounter,
} from "./stick-memory.ts";
import { idleTicks } from "./stick-time.ts";

const { owner, version, form, hashLow, hashHigh, server, createdS, key: keyAt } = recordCell;
const { balance, wanted, balanceIfLost } = writerCell;

export class StickSlots {
  readonly places: StickPlaces;
  /** The whole buffer. Only this class writes it. */
  readonly cells: Int32Array<SharedArrayBuffer>;
  /** Server and time of last use that the last read() that said yes has seen. */
  server: number;
  usedTick: number;
  private readonly counters: Float64Array<SharedArrayBuffer>;
  /** 1 + the number of this thread's block, and where that begins. */
  private readonly mark: number;
  private readonly blockAt: number;
  private readonly recordsAt: number;
  private readonly bucketsAt: number;

  /** `writer`: a worker's number, or the number of workers for the control plane. */
  constructor(memory: StickTableMemory, writer: number) {
    this.places = stickPlaces(memory.size, memory.workers);
    this.cells = new Int32Array(memory.buffer);
    this.server = 0;
    this.usedTick = 0;
    this.counters = new Float64Array(memory.buffer, 0, (this.places.writers * writerCells) / 2);
    this.mark = writer + 1;
    this.blockAt = writer * writerCells;
    this.recordsAt = this.places.recordsAt;
    this.bucketsAt = this.places.bucketsAt;
  }

  /** Where a slot's tag is: 0 for an empty slot. May be looked at without any care, as a hint. */
  tagAt(slot: number): number {
    return this.bucketsAt + (slot >> bucketShift) * bucketCells + (slot & (bucketSlots - 1));
  }

  tag(slot: number): number {
    return Atomics.load(this.cells, this.tagAt(slot));
  }

  used(slot: number): number {
    return Atomics.load(this.cells, this.tagAt(slot) + bucketSlots);
  }

  /** Ticks since its last use; Infinity for an empty slot, which is older than any. */
  idle(slot: number, now: number): number {
    return this.tag(slot) === 0 ? Infinity : idleTicks(now, this.used(slot));
  }

  /** A later use than the one noted. Needs no lock: of two at once the wrong one may stay. */
  touch(slot: number, tick: number): void {
    Atomics.store(this.cells, this.tagAt(slot) + bucketSlots, tick);
  }

  /** True when the slot holds the key, with `server` and `usedTick` as they then were. */
  read(slot: number, key: StickKey): boolean {
    const record = this.recordAt(slot);
    const before = Atomics.load(this.cells, record + version);
    if ((before & 1) !== 0 || !this.matches(record, key)) return false;
    this.server = Atomics.load(this.cells, record + server);
    this.usedTick = this.used(slot);
    if (this.tag(slot) === 0) return false;
    return Atomics.load(this.cells, record + version) === before;
  }

  /** The same for the slot's owner. */
  holds(slot: number, key: StickKey): boolean {
    return this.tag(slot) !== 0 && this.matches(this.recordAt(slot), key);
  }

  /** A consistent copy of the record into `copy` (recordCells long); false: empty or in change. */
  copy(slot: number, copy: Int32Array): boolean {
    const record = this.recordAt(slot);
    const before = Atomics.load(this.cells, record + version);
    if ((before & 1) !== 0) return false;
    for (let i = 0; i < recordCells; i++) copy[i] = Atomics.load(this.cells, record + i);
    this.usedTick = this.used(slot);
    return this.tag(slot) !== 0 && Atomics.load(this.cells, record + version) === before;
  }

  /** True when this thread now owns the slot; nobody else changes it until release(). */
  take(slot: number): boolean {
    Atomics.store(this.cells, this.blockAt + wanted, slot + 1);
    const at = this.recordAt(slot) + owner;
    return Atomics.compareExchange(this.cells, at, 0, this.mark) === 0;
  }

  release(slot: number): void {
    Atomics.store(this.cells, this.recordAt(slot) + owner, 0);
  }

  /** Fills the slot that this thread owns, whatever it held. */
  fill(slot: number, key: StickKey, tag: number, to: number, tick: number, seconds: number): void {
    const { cells } = this;
    const record = this.recordAt(slot);
    this.begin(slot);
    Atomics.store(cells, record + form, formOf(key));
    Atomics.store(cells, record + hashLow, key.hashLow);
    Atomics.store(cells, record + hashHigh, key.hashHigh);
    Atomics.store(cells, record + server, to);
    Atomics.store(cells, record + createdS, seconds);
    const words = keyWords(key.length);
    for (let i = 0; i < words; i++) {
      Atomics.store(cells, record + keyAt + i, key.words[i] as number);
    }
    this.touch(slot, tick);
    Atomics.store(cells, this.tagAt(slot), tag);
    this.end(slot, 1);
  }

  /** Empties the slot that this thread owns. */
  empty(slot: number): void {
    this.begin(slot);
    Atomics.store(this.cells, this.tagAt(slot), 0);
    this.end(slot, 0);
  }

  /** Changes the server of the slot that this thread owns: one cell, so no version. */
  redirect(slot: number, to: number): void {
    Atomics.store(this.cells, this.recordAt(slot) + server, to);
  }

  /** Entries now: the sum of all writers' balances. */
  entries(): number {
    let sum = 0;
    const end = this.places.writers * writerCells;
    for (let at = balance; at < end; at += writerCells) sum += Atomics.load(this.cells, at);
    return sum;
  }

  count(counter: StickCounter): void {
    const at = this.blockAt / 2 + writerCounter[counter];
    this.counters[at] = (this.counters[at] as number) + 1;
  }

  total(counter: StickCounter): number {
    let sum = 0;
    for (let writer = 0; writer < this.places.writers; writer++) {
      sum += this.counters[(writer * writerCells) / 2 + writerCounter[counter]] as number;
    }
    return sum;
  }

  /** Puts right what a writer whose thread has ended left; its entry under change is lost. */
  recover(writer: number): void {
    const { cells } = this;
    const block = writer * writerCells;
    const slot = Atomics.load(cells, block + wanted) - 1;
    if (slot < 0) return;
    const record = this.recordAt(slot);
    if (Atomics.load(cells, record + owner) !== writer + 1) return;
    if ((Atomics.load(cells, record + version) & 1) !== 0) {
      Atomics.store(cells, this.tagAt(slot), 0);
      Atomics.store(cells, block + balance, Atomics.load(cells, block + balanceIfLost));
      Atomics.add(cells, record + version, 1);
    }
    this.release(slot);
  }

  private begin(slot: number): void {
    const held = this.tag(slot) === 0 ? 0 : 1;
    const without = Atomics.load(this.cells, this.blockAt + balance) - held;
    Atomics.store(this.cells, this.blockAt + balanceIfLost, without);
    Atomics.add(this.cells, this.recordAt(slot) + version, 1);
  }

  private end(slot: number, held: number): void {
    const without = Atomics.load(this.cells, this.blockAt + balanceIfLost);
    Atomics.store(this.cells, this.blockAt + balance, without + held);
    Atomics.add(this.cells, this.recordAt(slot) + version, 1);
  }

  private matches(record: number, key: StickKey): boolean {
    const { cells } = this;
    if (Atomics.load(cells, record + hashHigh) !== key.hashHigh) return false;
    if (Atomics.load(cells, record + form) !== formOf(key)) return false;
    if (key.length > keptBytes && Atomics.load(cells, record + hashLow) !== key.hashLow) {
      return false;
    }
    const words = keyWords(key.length);
    for (let i = 0; i < words; i++) {
      if (Atomics.load(cells, record + keyAt + i) !== key.words[i]) return false;
    }
    return true;
  }

  private recordAt(slot: number): number {
    return this.recordsAt + slot * recordCells;
  }
}

function formOf(key: StickKey): number {
  return (key.kind << 16) | key.length;
}

/** Cells that a key of so many bytes fills. */
function keyWords(length: number): number {
  return (length < keptBytes ? length + 3 : keptBytes) >> 2;
}
