// Blocks of memory that the bodies of a worker's exchanges use one after the other. Memory outside the
// heap is dear: allocated, zeroed, and a full collection for every few hundred uploads.

/** Powers of two; what is larger is left to the collector. */
const leastBits = 12;
const mostBits = 17;
/** Of all sizes together, in each worker. */
const spareBytesMax = 2 * 1024 * 1024;

export class SpareBlocks {
  /** Index: bits of the size above the least. */
  readonly #spare: readonly Uint8Array[][];
  #bytes: number;

  constructor() {
    this.#spare = Array.from({ length: mostBits - leastBits + 1 }, () => []);
    this.#bytes = 0;
  }

  /** At least so long. What is in it is somebody else's, and over. */
  take(length: number): Uint8Array {
    const bits = Math.max(leastBits, 32 - Math.clz32(length - 1));
    if (bits > mostBits) return new Uint8Array(length);
    const block = this.#spare[bits - leastBits]?.pop();
    if (block === undefined) return new Uint8Array(1 << bits);
    this.#bytes -= block.length;
    return block;
  }

  /** For the next one: whoever gives it must have forgotten it. */
  giveBack(block: Uint8Array): void {
    const { length } = block;
    const bits = 31 - Math.clz32(length);
    if (length !== 1 << bits || this.#bytes + length > spareBytesMax) return;
    const spare = this.#spare[bits - leastBits];
    if (spare === undefined) return;
    spare.push(block);
    this.#bytes += length;
  }
}
