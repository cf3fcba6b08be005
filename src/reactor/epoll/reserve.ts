// Descriptors held back, so that whoever is accepted can also be connected: when the process runs
// out, accepting must stop before connecting does, or clients wait inside for a server that no
// descriptor is left for. Accepting asks has(); connecting may take().
import { EFD_CLOEXEC } from "../../sys/constants.ts";
import { close, eventfd } from "../../sys/libc.ts";

export class Reserve {
  readonly size: number;
  readonly #held: number[];
  /** As Poll.owners: by descriptor, 1 + the worker that holds it. */
  readonly #owners: Uint8Array | null;
  readonly #owner: number;

  constructor(size: number, owners: Uint8Array | null, owner: number) {
    this.size = size;
    this.#held = [];
    this.#owners = owners;
    this.#owner = owner;
    this.has(size);
  }

  /** Whether `count` are held, after trying to take back what was given away. */
  has(count: number): boolean {
    while (this.#held.length < this.size) {
      // The cheapest descriptor there is; nothing ever signals it.
      const descriptor = eventfd(0, EFD_CLOEXEC);
      if (descriptor < 0) break;
      if (this.#owners !== null) this.#owners[descriptor] = this.#owner + 1;
      this.#held.push(descriptor);
    }
    return this.#held.length >= count;
  }

  /** Gives one back to the process; false when none is left. The next socket() gets it. */
  take(): boolean {
    const descriptor = this.#held.pop();
    if (descriptor === undefined) return false;
    if (this.#owners !== null) this.#owners[descriptor] = 0;
    close(descriptor);
    return true;
  }

  closeAll(): void {
    while (this.take());
  }
}
