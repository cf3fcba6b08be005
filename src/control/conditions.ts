// Waiting until the states of workers fit. Whoever changes a state calls look(); whoever waits looks
// again then, and at no other time.

export class Conditions {
  readonly #waiting: Set<() => void>;

  constructor() {
    this.#waiting = new Set();
  }

  /** Something has changed: whoever waits looks again. */
  look(): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves to true once `fits` says so, to false when `limitMs` passes first. */
  until(fits: () => boolean, limitMs: number = Infinity): Promise<boolean> {
    if (fits()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (value: boolean): void => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(value);
      };
      const look = (): void => {
        if (fits()) done(true);
      };
      const timer = limitMs === Infinity ? undefined : setTimeout(() => done(false), limitMs);
      this.#waiting.add(look);
    });
  }
}
