// A hash table from byte strings to their places in a list, made when the plan is built. The hash is
// the caller's (field-name.ts has its step), because callers compute it while they walk; every find
// is verified, so that a stranger who makes hashes meet gains nothing.

export class ByteTable {
  readonly size: number;
  readonly #keys: readonly Uint8Array[];
  readonly #hashes: Int32Array;
  /** Index of a key; -1: free. At most half are taken. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(keys: readonly Uint8Array[], hashes: readonly number[]) {
    this.size = keys.length;
    this.#keys = keys;
    this.#hashes = Int32Array.from(hashes);
    let slots = 4;
    while (slots < keys.length * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots).fill(-1);
    for (let i = 0; i < keys.length; i++) {
      let slot = this.#slotOf(this.#hashes[i] as number);
      while (this.#slots[slot] !== -1) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = i;
    }
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 9) ^ (hash >>> 18)) & this.#mask;
  }

  /** The index of the key that is `bytes[start..end)`; -1: none is. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & this.#mask) {
      const i = this.#slots[slot] as number;
      if (i < 0) return -1;
      if (this.#hashes[i] === hash && equalBytes(this.#keys[i] as Uint8Array, bytes, start, end))
        return i;
    }
  }
}

/** Whether `bytes[start..end)` is this key. */
export function equalBytes(
  key: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return end - start === key.length && beginsWith(key, bytes, start, end);
}

/** Whether `bytes[start..end)` begins with this key. */
export function beginsWith(
  key: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start < key.length) return false;
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
}
