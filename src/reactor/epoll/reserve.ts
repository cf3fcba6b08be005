// Descriptors held back, so that whoever is accepted can also be connected: when the process runs
// out, accepting must stop before connecting does, or clients wait inside for a server that no
// descriptor is left for. Accepting asks has(); connecting may take().
import type { Ownership } from "./ownership.ts";

export class Reserve {
  readonly size: number;
  readonly #held: number[];
  readonly #ownership: Ownership;

  constructor(size: number, ownership: Ownership) {
    this.size = size;
    this.#held = [];
    this.#ownership = ownership;
    this.has(size);
  }

  /** Whether `count` are held, after trying to take back what was given away. */
  has(count: number): boolean {
    while (this.#held.length < this.size) {
      // The cheapest descriptor there is; nothing ever signals it.
      const descriptor = this.#ownership.eventfd();
      if (descriptor < 0) break;
      this.#held.push(descriptor);
    }
    return this.#held.length >= count;
  }

  /** Gives one back to the process; false when none is left. The next socket() gets it. */
  take(): boolean {
    const descriptor = this.#held.pop();
    if (descriptor === undefined) return false;
    this.#ownership.close(descriptor);
    return true;
  }

  closeAll(): void {
    while (this.take());
  }
}
