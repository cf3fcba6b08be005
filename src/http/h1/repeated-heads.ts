// Heads that have come before, byte for byte. Who polls, a service that calls another one, a load generator: they say
// the same thing again and again, and servers answer in the same words as long as their Date lasts. What such a head
// says is found again here, for the price of a comparison. Each parser owns one of these. It looks at
// one array only, that of the worker's receives, and keeps its copies in the same one: heads that are found are
// used and written out as those that were read.
import { fieldCells, type Head } from "../head.ts";

/** Heads that are kept; a power of two. */
export const placesMax = 32;
/** Of a head as it came; and of what became of it, which whoever writes heads keeps behind it. */
const readBytesMax = 4096;
export const writtenBytesMax = 4096;
const placeBytes = readBytesMax + writtenBytesMax;
const fieldsMax = 64;
/** The shortest that there is has more. */
const headBytesMin = 16;
/**
 * Heads in a row that are not the one at their place before one of them takes it: so many once it was found, twice as
 * many after each that never was. Where nothing repeats, next to nothing is kept.
 */
export const patienceMin = 8;
const patienceMax = 1024;

/** What a RepeatedHeads needs in the array. */
export const repeatedBytes: number = placesMax * placeBytes;

class Place<H extends Head> {
  /** Null: nothing has been kept here. */
  head: H | null;
  hash: number;
  misses: number;
  /** So many take it from its owner. */
  patience: number;
  /** Its fields as they were read, rewrites may have changed them since. */
  #count: number;
  readonly #flags: Uint8Array;
  readonly #cells: Int32Array;

  constructor() {
    this.head = null;
    this.hash = 0;
    this.misses = 0;
    this.patience = patienceMin;
    this.#count = 0;
    this.#flags = new Uint8Array(fieldsMax);
    this.#cells = new Int32Array(fieldsMax * fieldCells);
  }

  /** Gives the head that it has no use for any more; null: it had none. */
  take(head: H, hash: number): H | null {
    const before = this.head;
    this.head = head;
    this.hash = hash;
    this.#count = head.count;
    for (let i = 0; i < head.count; i++) this.#flags[i] = head.flags[i] as number;
    for (let i = 0; i < head.count * fieldCells; i++) this.#cells[i] = head.cells[i] as number;
    return before;
  }

  /** As it was read. */
  restore(): H {
    const head = this.head as H;
    const count = this.#count;
    head.count = count;
    head.addedLength = 0;
    for (let i = 0; i < count; i++) head.flags[i] = this.#flags[i] as number;
    if (head.replaced) {
      head.replaced = false;
      for (let i = 0; i < count * fieldCells; i++) head.cells[i] = this.#cells[i] as number;
    }
    return head;
  }
}

export class RepeatedHeads<H extends Head> {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  readonly #create: () => H;
  readonly #patienceMax: number;
  readonly #places: readonly Place<H>[];
  /** Where the head would stand that was looked for last; -1: it would not. */
  #asked: number;
  #hash: number;
  #edition: number;

  /** `repeatedBytes` from `start` in `bytes` are its own. `create` makes a head to read the next message into. */
  constructor(bytes: Uint8Array, start: number, create: () => H, patience: number = patienceMax) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = start;
    this.#create = create;
    this.#patienceMax = patience;
    this.#places = Array.from({ length: placesMax }, () => new Place<H>());
    this.#asked = -1;
    this.#hash = 0;
    this.#edition = 0;
  }

  /** The head that stands at `start`, as it was read when it came before; null: it has to be read. */
  find(bytes: Uint8Array, start: number, end: number): H | null {
    this.#asked = -1;
    if (bytes !== this.#bytes || end - start < headBytesMin) return null;
    const hash = this.#hashOf(start, end);
    const asked = hash & (placesMax - 1);
    const place = this.#places[asked] as Place<H>;
    const { head } = place;
    if (head !== null && place.hash === hash && this.#isAt(head, start, end)) {
      place.misses = 0;
      place.patience = patienceMin;
      return place.restore();
    }
    place.misses++;
    this.#asked = asked;
    this.#hash = hash;
    return null;
  }

  /** What was looked for last has been read, into `head`. Gives the head for the next message: `head` may be kept. */
  learn(head: H, start: number, end: number): H {
    const { count } = head;
    const length = end - start;
    if (this.#asked < 0 || length > readBytesMax || count > fieldsMax) return head;
    const place = this.#places[this.#asked] as Place<H>;
    if (place.head !== null) {
      if (place.misses < place.patience) return head;
      place.misses = 0;
      place.patience = Math.min(place.patience * 2, this.#patienceMax);
    }
    const at = this.#start + this.#asked * placeBytes;
    this.#bytes.copyWithin(at, start, end);
    head.relocate(this.#bytes, at - start);
    head.edition = ++this.#edition;
    head.length = length;
    head.place = this.#asked;
    head.writtenStart = at + readBytesMax;
    const unused = place.take(head, this.#hash) ?? this.#create();
    unused.edition = 0;
    return unused;
  }

  /** A few words of its beginning and its end, and how long it is with what is behind it. */
  #hashOf(start: number, end: number): number {
    const view = this.#view;
    const last = end - 4;
    let hash = end - start;
    const first = Math.min(start + 48, last);
    for (let at = start; at < first; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    }
    hash = (hash >>> 15) ^ hash;
    const from = Math.max(start, last - 12);
    for (let at = last; at >= from; at -= 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    }
    return (hash >>> 15) ^ hash;
  }

  /**
   * Looks at all of it, whatever the first bytes say: how long that takes must not tell somebody how much of
   * his guess at another's head, with its secrets, is right.
   */
  #isAt({ length, writtenStart }: H, start: number, end: number): boolean {
    if (end - start < length) return false;
    const view = this.#view;
    const shift = writtenStart - readBytesMax - start;
    const last = start + length - 4;
    let difference = view.getInt32(last, true) ^ view.getInt32(last + shift, true);
    for (let at = start; at < last; at += 4) {
      difference |= view.getInt32(at, true) ^ view.getInt32(at + shift, true);
    }
    return difference === 0;
  }
}
