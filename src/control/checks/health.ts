// Rise and fall: what a row of results makes of a server. One number, as in HAProxy: below `rise`
// it is down, and each success adds one; from `rise` on it is up, and each failure takes one away.
// Whoever changes sides, or proves the side it is on, is at the far end of it at once, so only
// results in a row count.
import type { CheckPlan } from "../../config/check-plan.ts";

export class Health {
  readonly #rise: number;
  /** The most: fully up. */
  readonly #full: number;
  #value: number;
  /** Results in a row that speak against the side it is on, the last one included. */
  #against: number;

  constructor({ rise, fall, initState }: CheckPlan) {
    this.#rise = rise;
    this.#full = rise + fall - 1;
    this.#value = { up: rise, fullyUp: this.#full, down: rise - 1, fullyDown: 0 }[initState];
    this.#against = 0;
  }

  get up(): boolean {
    return this.#value >= this.#rise;
  }

  /** As sure as it gets: HAProxy's `inter` and `downinter` hold here, `fastinter` elsewhere. */
  get settled(): boolean {
    return this.#value === (this.up ? this.#full : 0);
  }

  /** It is known to be on this side already: after a reload that changed the check only. */
  assume(up: boolean): void {
    if (up !== this.up) this.#value = up ? this.#full : 0;
  }

  /** Takes a result; answers what it adds up to, such as `2 of 3 failed`, or nothing. */
  take(ok: boolean): string {
    const wasUp = this.up;
    if (ok === wasUp) {
      this.#value = wasUp ? this.#full : 0;
      this.#against = 0;
      return "";
    }
    this.#value += ok ? 1 : -1;
    this.#against++;
    const count = this.#against;
    const missing = ok ? this.#rise - this.#value : this.#value - this.#rise + 1;
    if (this.up !== wasUp) {
      this.#value = ok ? this.#full : 0;
      this.#against = 0;
    }
    return `${count} of ${count + missing} ${ok ? "passed" : "failed"}`;
  }
}
