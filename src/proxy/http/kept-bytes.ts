// Bytes that must outlive the turn in which they arrived: part of a head, requests that come before
// their turn, a body that may have to be sent again. Grows by doubling, so that a peer that sends
// byte by byte costs no more than one that does not.

const bytesAtFirst = 512;

export class KeptBytes {
  bytes: Uint8Array;
  length: number;

  constructor() {
    this.bytes = nothing;
    this.length = 0;
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
    const grown = new Uint8Array(Math.max(bytesAtFirst, this.bytes.length * 2, needed));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Empties it; memory beyond what the next user will need is given back. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > bytesAtFirst * 8) this.bytes = nothing;
  }
}

const nothing = new Uint8Array(0);
