// Bytes that a socket has not taken yet, copied, in the order in which they were written. The outlet
// fills and drains it. The buffer doubles, so that many small writes to a slow peer cost what their
// bytes cost: appending by copying everything again was quadratic.

export class Kept {
  #bytes: Buffer;
  #start: number;
  #end: number;
  /** Bytes moved to make room so far: what appending has cost. */
  moved: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = Buffer.from(bytes.subarray(start, end));
    this.#start = 0;
    this.#end = end - start;
    this.moved = 0;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const added = end - start;
    if (this.#end + added > this.#bytes.length) this.#makeRoom(added);
    this.#bytes.set(bytes.subarray(start, end), this.#end);
    this.#end += added;
  }

  /** Copies the oldest bytes to `target`, as many as fit; how many. */
  copy(target: Uint8Array): number {
    const length = Math.min(this.length, target.length);
    target.set(this.#bytes.subarray(this.#start, this.#start + length));
    return length;
  }

  /** The oldest `length` bytes have been sent. */
  drop(length: number): void {
    this.#start += length;
  }

  /** Moves what is kept to the front of a buffer that has room for as much again. */
  #makeRoom(added: number): void {
    const { length } = this;
    const needed = length + added;
    const old = this.#bytes;
    // In place only while half of it is free: then each byte pays for one move at most.
    if (needed > old.length / 2) this.#bytes = Buffer.allocUnsafeSlow(needed * 2);
    old.copy(this.#bytes, 0, this.#start, this.#end);
    this.#start = 0;
    this.#end = length;
    this.moved += length;
  }
}
