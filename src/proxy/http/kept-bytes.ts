// Bytes that must outlive the turn in which they arrived: part of a head, requests that come before
// their turn, a body that may have to be sent again. Grows by doubling, so that a peer that sends
// byte by byte costs no more than one that does not.
import type { SpareBlocks } from "./spare-blocks.ts";

const bytesAtFirst = 512;

export class KeptBytes {
  bytes: Uint8Array;
  length: number;
  /** Where its memory comes from and goes to; null: the collector's. */
  readonly #blocks: SpareBlocks | null;

  /** With `blocks` nobody may hold on to `bytes` beyond clear(). */
  constructor(blocks: SpareBlocks | null = null) {
    this.bytes = nothing;
    this.length = 0;
    this.#blocks = blocks;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const needed = this.length + length;
    if (needed > this.bytes.length) this.#grow(needed);
    const kept = this.bytes;
    let at = this.length;
    // A call into the engine's copy costs as much as some hundred bytes by hand.
    if (length < 256) for (let i = start; i < end; i++) kept[at++] = bytes[i] as number;
    else kept.set(bytes.subarray(start, end), at);
    this.length = needed;
  }

  #grow(needed: number): void {
    const length = Math.max(bytesAtFirst, this.bytes.length * 2, needed);
    const grown = this.#blocks?.take(length) ?? new Uint8Array(length);
    if (this.length > 0) grown.set(this.bytes.subarray(0, this.length));
    this.#blocks?.giveBack(this.bytes);
    this.bytes = grown;
  }

  /** Empties it; memory beyond what the next user will need is given back. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length <= bytesAtFirst * 8) return;
    this.#blocks?.giveBack(this.bytes);
    this.bytes = nothing;
  }
}

const nothing = new Uint8Array(0);
