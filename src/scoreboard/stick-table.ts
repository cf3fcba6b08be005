// A sticky table: which server a key was led to before, in shared memory that all workers use at
// once. Sessions look up and store; stick-control.ts lists and sweeps. No thread ever waits for
// another: what cannot be had after some attempts is given up, and at worst one key's latest server
// is forgotten or one entry more is evicted. Nothing here allocates or throws.
import { none, StickBuckets } from "./stick-buckets.ts";
import { StickKey } from "./stick-key.ts";
import {
  bucketCells,
  bucketSlots,
  type StickCounter,
  type StickTableMemory,
} from "./stick-memory.ts";
import { StickSlots } from "./stick-slots.ts";
import { idleTicks, tickMs, tickOf } from "./stick-time.ts";

/** Each attempt fails only because another thread changed or had the very slot in between. */
const attemptsMax = 8;

export class StickTable {
  /**
   * Entries that it holds. While workers store at the same moment there may be one more for each;
   * the last of them evicts again.
   */
  readonly size: number;
  protected readonly slots: StickSlots;
  protected readonly expireTicks: number;
  private readonly memory: StickTableMemory;
  private readonly cells: Int32Array<SharedArrayBuffer>;
  private readonly bucketsAt: number;
  private readonly buckets: StickBuckets;

  constructor(memory: StickTableMemory, writer: number) {
    this.size = memory.size;
    this.slots = new StickSlots(memory, writer);
    this.expireTicks = Math.ceil(memory.expireMs / tickMs);
    this.memory = memory;
    this.cells = this.slots.cells;
    this.bucketsAt = this.slots.places.bucketsAt;
    this.buckets = new StickBuckets(this.cells, this.slots.places);
  }

  /** An empty key of this table's, to be filled again and again. */
  newKey(): StickKey {
    return new StickKey(this.memory.seed);
  }

  /** Entries now, those included that have expired and were not swept yet. */
  get used(): number {
    return this.slots.entries();
  }

  /** One of the table's counters, over all threads. */
  total(counter: StickCounter): number {
    return this.slots.total(counter);
  }

  /**
   * The server that the key was stored with, as its stickServer number, and 0 when there is none or
   * it has expired. A use: the entry lives `expireMs` from `nowMs`, the monotonic clock of all threads.
   */
  lookup(key: StickKey, nowMs: number): number {
    const slot = this.find(key);
    const now = tickOf(nowMs);
    if (slot === none || this.expired(now, this.slots.usedTick)) {
      this.slots.count("misses");
      return 0;
    }
    // Not before the clock has moved: many sessions of one client share the line.
    if (now !== this.slots.usedTick && idleTicks(now, this.slots.usedTick) > 0) {
      this.slots.touch(slot, now);
    }
    this.slots.count("hits");
    return this.slots.server;
  }

  /**
   * From now on the key leads to `server`, a stickServer number. False: there is no key, or other
   * threads were at the same slots all the time, and the key leads where it led before.
   */
  store(key: StickKey, server: number, nowMs: number): boolean {
    if (key.kind === 0 || server === 0) return false;
    this.buckets.avoided = none;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const slot = this.find(key);
      const stored =
        slot === none ? this.insert(key, server, nowMs) : this.renew(slot, key, server, nowMs);
      if (!stored) continue;
      this.slots.count("stores");
      return true;
    }
    this.slots.count("storesLost");
    return false;
  }

  /** The key leads nowhere any more. True when it had led somewhere. */
  forget(key: StickKey): boolean {
    let forgotten = false;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const slot = this.find(key);
      if (slot === none) return forgotten;
      if (this.remove(slot, key)) forgotten = true;
    }
    return forgotten;
  }

  protected expired(now: number, used: number): boolean {
    return idleTicks(now, used) > this.expireTicks;
  }

  /** The slot that holds the key, with its server and time in `slots`; or none. */
  private find(key: StickKey): number {
    if (key.kind === 0) return none;
    this.buckets.choose(key);
    const { first, second } = this.buckets;
    const slot = this.findIn(first, key);
    return slot !== none || second === first ? slot : this.findIn(second, key);
  }

  private findIn(bucket: number, key: StickKey): number {
    const tag = tagOf(key);
    const at = this.bucketsAt + bucket * bucketCells;
    for (let i = 0; i < bucketSlots; i++) {
      if (this.cells[at + i] !== tag) continue;
      const slot = bucket * bucketSlots + i;
      if (this.slots.read(slot, key)) return slot;
    }
    return none;
  }

  /** Stores where the key is already. */
  private renew(slot: number, key: StickKey, server: number, nowMs: number): boolean {
    if (!this.slots.take(slot)) return false;
    const same = this.slots.holds(slot, key);
    const now = tickOf(nowMs);
    const anew = same && this.expired(now, this.slots.used(slot));
    if (anew) {
      this.slots.count("expirations");
      this.slots.fill(slot, key, tagOf(key), server, now, Math.floor(nowMs / 1000));
    } else if (same) {
      this.slots.redirect(slot, server);
      this.slots.touch(slot, now);
    }
    this.slots.release(slot);
    if (anew) this.removeDoubles(slot, key);
    return same;
  }

  /** Stores in an empty slot, or in the place of the oldest when the table or both buckets are full. */
  private insert(key: StickKey, server: number, nowMs: number): boolean {
    const now = tickOf(nowMs);
    let slot = this.used < this.size ? this.buckets.emptySlot() : none;
    if (slot === none) slot = this.buckets.oldestSlot(now, none);
    if (slot === none) slot = this.buckets.emptySlot();
    if (slot === none) return false;
    if (!this.slots.take(slot)) {
      this.buckets.avoided = slot;
      return false;
    }
    const asChosen = this.slots.idle(slot, now) >= this.buckets.chosenIdle;
    if (asChosen) {
      if (this.slots.tag(slot) !== 0) this.countRemoved(slot, now);
      this.slots.fill(slot, key, tagOf(key), server, now, Math.floor(nowMs / 1000));
    }
    this.slots.release(slot);
    if (!asChosen) return false;
    this.removeDoubles(slot, key);
    if (this.used > this.size) this.evictAnother(slot, now);
    return true;
  }

  private countRemoved(slot: number, now: number): void {
    this.slots.count(this.expired(now, this.slots.used(slot)) ? "expirations" : "evictions");
  }

  /**
   * Two threads may store one key in two slots at once, for neither sees a slot that is being
   * filled. Each looks for the other's afterwards, and both keep the first on find()'s way.
   */
  private removeDoubles(slot: number, key: StickKey): void {
    let kept = none;
    const { first, second } = this.buckets;
    const ways = second === first ? 1 : 2;
    for (let way = 0; way < ways; way++) {
      const from = (way === 0 ? first : second) * bucketSlots;
      for (let each = from; each < from + bucketSlots; each++) {
        if (this.slots.tag(each) !== tagOf(key)) continue;
        if (each !== slot && !this.slots.read(each, key)) continue;
        if (kept === none) kept = each;
        else this.remove(each, key);
      }
    }
  }

  private remove(slot: number, key: StickKey): boolean {
    if (!this.slots.take(slot)) return false;
    const same = this.slots.holds(slot, key);
    if (same) this.slots.empty(slot);
    this.slots.release(slot);
    return same;
  }

  /** One more was stored than there is room for: the oldest near the new one goes. */
  private evictAnother(slot: number, now: number): void {
    for (let step = 0; step < this.buckets.count; step++) {
      const oldest = this.buckets.oldestSlot(now, slot);
      if (oldest !== none && this.slots.take(oldest)) {
        const held = this.slots.tag(oldest) !== 0;
        if (held) {
          this.countRemoved(oldest, now);
          this.slots.empty(oldest);
        }
        this.slots.release(oldest);
        return;
      }
      // Nothing there, which only a nearly empty or very contended place has.
      this.buckets.next();
    }
  }
}

function tagOf(key: StickKey): number {
  return key.hashLow === 0 ? 1 : key.hashLow;
}
