// Sessions of clients that are given no tickets, in memory that all workers share: whichever worker the
// client comes back to finds its session. It knows sessions as bytes and never looks into them. Nobody
// waits for anybody: what another worker is writing counts as absent, and costs a whole handshake.
//
// Buckets of eight slots. A session's id is random and made here, so its first bytes choose two buckets, and
// it goes to the emptier: so a table that is four fifths full has room for nearly every one. When both are
// full, the one that ends first makes room.
/** Everything that another thread needs to open it; structured-cloneable. */
export interface SessionCacheMemory {
  readonly buffer: SharedArrayBuffer;
  readonly slotBytes: number;
}

/** Bytes of a session's id (RFC 5246 section 7.4.1.2); OpenSSL makes no shorter ones. */
export const sessionIdBytes = 32;
/** A session without a client's certificate has some 130 bytes. */
const slotBytesSmall = 512;
/** With one it has that as well. */
const slotBytesLarge = 4096;

const bucketSlots = 8;
/** Of both buckets. */
const placesOfId = 2 * bucketSlots;
const slotsPerSession = 1.25;

/** Cells of a slot. */
const cell = {
  /** Odd while somebody writes: a reader takes nothing that such a time overlaps. */
  version: 0,
  /** When it ends, in whole seconds of the monotonic clock. */
  ends: 1,
  /** Of the session, in bytes; 0: the slot is empty. */
  length: 2,
  id: 3,
  data: 3 + sessionIdBytes / 4,
} as const;

/** Memory for `size` sessions, from 1 on; pages that nobody uses cost nothing. */
export function createSessionCache(size: number, certified: boolean): SessionCacheMemory {
  const slotBytes = certified ? slotBytesLarge : slotBytesSmall;
  const buckets = Math.ceil((size * slotsPerSession) / bucketSlots);
  return { buffer: new SharedArrayBuffer(buckets * bucketSlots * slotBytes), slotBytes };
}

/** One thread's view. */
export class SessionCache {
  /** The longest session that there is room for. */
  readonly sessionBytesMax: number;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #slotCells: number;
  readonly #buckets: number;
  readonly #id: Int32Array;
  readonly #idBytes: Uint8Array;
  readonly #data: Int32Array;
  readonly #dataBytes: Uint8Array;

  constructor({ buffer, slotBytes }: SessionCacheMemory) {
    this.#cells = new Int32Array(buffer);
    this.#slotCells = slotBytes / 4;
    this.#buckets = buffer.byteLength / slotBytes / bucketSlots;
    this.sessionBytesMax = slotBytes - cell.data * 4;
    this.#id = new Int32Array(sessionIdBytes / 4);
    this.#idBytes = new Uint8Array(this.#id.buffer);
    this.#data = new Int32Array(this.sessionBytesMax / 4);
    this.#dataBytes = new Uint8Array(this.#data.buffer);
  }

  /**
   * Keeps `data` for `lastsMs` of the clock that `nowMs` is on, which all threads share. False: it is too
   * long, its id has another length, or another worker was in the way.
   */
  put(id: Uint8Array, data: Uint8Array, lastsMs: number, nowMs: number): boolean {
    if (data.length > this.sessionBytesMax || !this.#look(id)) return false;
    const slot = this.#slotFor();
    if (!this.#take(slot)) return false;
    const cells = this.#cells;
    for (let i = 0; i < this.#id.length; i++) {
      Atomics.store(cells, slot + cell.id + i, this.#id[i] as number);
    }
    this.#dataBytes.set(data);
    for (let i = 0; i < Math.ceil(data.length / 4); i++) {
      Atomics.store(cells, slot + cell.data + i, this.#data[i] as number);
    }
    Atomics.store(cells, slot + cell.ends, Math.ceil((nowMs + lastsMs) / 1000));
    Atomics.store(cells, slot + cell.length, data.length);
    Atomics.add(cells, slot + cell.version, 1);
    return true;
  }

  /** The session, valid until the next call; null: there is none, or it has ended. */
  get(id: Uint8Array, nowMs: number): Uint8Array | null {
    if (!this.#look(id)) return null;
    const cells = this.#cells;
    for (let i = 0; i < placesOfId; i++) {
      const slot = this.#place(i);
      const version = Atomics.load(cells, slot + cell.version);
      if ((version & 1) !== 0 || !this.#holds(slot)) continue;
      const length = Atomics.load(cells, slot + cell.length);
      if (length <= 0 || length > this.sessionBytesMax || this.#ended(slot, nowMs)) continue;
      for (let at = 0; at < Math.ceil(length / 4); at++) {
        this.#data[at] = Atomics.load(cells, slot + cell.data + at);
      }
      if (Atomics.load(cells, slot + cell.version) === version) {
        return this.#dataBytes.subarray(0, length);
      }
    }
    return null;
  }

  /** It must not be gone on with any more. */
  remove(id: Uint8Array): void {
    if (!this.#look(id)) return;
    for (let i = 0; i < placesOfId; i++) {
      const slot = this.#place(i);
      if (!this.#holds(slot) || !this.#take(slot)) continue;
      if (this.#holds(slot)) Atomics.store(this.#cells, slot + cell.length, 0);
      Atomics.add(this.#cells, slot + cell.version, 1);
    }
  }

  /** The id as numbers; false: no id of ours is like this. */
  #look(id: Uint8Array): boolean {
    if (id.length !== sessionIdBytes) return false;
    this.#idBytes.set(id);
    return true;
  }

  /** The slots where a session of this id may be, those of its first bucket before those of its second. */
  #place(i: number): number {
    const bucket = ((this.#id[i < bucketSlots ? 0 : 1] as number) >>> 0) % this.#buckets;
    return (bucket * bucketSlots + (i % bucketSlots)) * this.#slotCells;
  }

  #holds(slot: number): boolean {
    if (Atomics.load(this.#cells, slot + cell.length) === 0) return false;
    for (let i = 0; i < this.#id.length; i++) {
      if (Atomics.load(this.#cells, slot + cell.id + i) !== this.#id[i]) return false;
    }
    return true;
  }

  #ended(slot: number, nowMs: number): boolean {
    return Atomics.load(this.#cells, slot + cell.ends) * 1000 <= nowMs;
  }

  /** Its own if it is there, else one of the emptier bucket, else the one that ends first, or has. */
  #slotFor(): number {
    let best = this.#place(0);
    let earliest = Infinity;
    const empty = [0, 0];
    const free = [-1, -1];
    for (let i = 0; i < placesOfId; i++) {
      const slot = this.#place(i);
      if (this.#holds(slot)) return slot;
      const bucket = i < bucketSlots ? 0 : 1;
      const ends = Atomics.load(this.#cells, slot + cell.ends);
      if (Atomics.load(this.#cells, slot + cell.length) === 0) {
        empty[bucket] = (empty[bucket] as number) + 1;
        free[bucket] = slot;
      } else if (ends < earliest) {
        earliest = ends;
        best = slot;
      }
    }
    const emptier = (empty[1] as number) > (empty[0] as number) ? 1 : 0;
    return (empty[emptier] as number) > 0 ? (free[emptier] as number) : best;
  }

  /** True: the slot is ours until its version is even again. */
  #take(slot: number): boolean {
    const version = Atomics.load(this.#cells, slot + cell.version);
    if ((version & 1) !== 0) return false;
    const at = slot + cell.version;
    return Atomics.compareExchange(this.#cells, at, version, version + 1) === version;
  }
}
