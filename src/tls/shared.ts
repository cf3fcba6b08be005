// Something of OpenSSL's that several hold: whoever made it, and connections that are about to begin
// with it. It is freed when the last of them lets it go.

export abstract class Shared {
  #holders: number;

  constructor() {
    this.#holders = 1;
  }

  /** One more holds it. */
  hold(): void {
    this.#holders++;
  }

  /** Held no more by whoever says so, who must not use it again. */
  drop(): void {
    this.#holders--;
    if (this.#holders === 0) this.free();
  }

  protected abstract free(): void;
}
