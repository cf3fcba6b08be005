// When hash tables are computed. A ring of thousands of servers takes a tenth of a second, in which
// the control plane does nothing else; a server that flaps would have it computed without end. So
// after a table that took long comes a pause of nine times as long, for all long tables together:
// they take a tenth of the control plane at most. Whoever comes in a pause is told when it is over,
// so the last change is never lost. backend-status.ts runs its tables through this.

/** A table that takes less is not worth a pause: some hundred servers on a ring. */
const smallMs = 2;
/** Pause for each millisecond of work. */
const pausePerMs = 9;
/** A machine that stood still during a computation says nothing about the table. */
const pauseMaxMs = 5000;

export class TablePace<Owner> {
  readonly #onDue: (owner: Owner) => void;
  readonly #clock: () => number;
  /** Milliseconds that each owner's last table took. */
  readonly #costs: Map<Owner, number>;
  /** In the order in which their turns come. */
  readonly #waiting: Set<Owner>;
  #pauseUntilMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** `onDue` is to lead to run() for that owner. `clock`: monotonic milliseconds. */
  constructor(onDue: (owner: Owner) => void, clock: () => number = () => performance.now()) {
    this.#onDue = onDue;
    this.#clock = clock;
    this.#costs = new Map();
    this.#waiting = new Set();
    this.#pauseUntilMs = -Infinity;
    this.#timer = undefined;
  }

  /** Computes at once what is new or small, and what it is the turn of; else `onDue` comes later. */
  run(owner: Owner, compute: () => void): void {
    const beganMs = this.#clock();
    const cost = this.#costs.get(owner) ?? 0;
    const [first = owner] = this.#waiting;
    if (cost >= smallMs && (beganMs < this.#pauseUntilMs || first !== owner)) {
      this.#waiting.add(owner);
      this.#arm(beganMs);
      return;
    }
    compute();
    const endedMs = this.#clock();
    const tookMs = endedMs - beganMs;
    this.#costs.set(owner, tookMs);
    this.#waiting.delete(owner);
    if (tookMs < smallMs) return;
    const pauseMs = Math.min(pauseMaxMs, tookMs * pausePerMs);
    this.#pauseUntilMs = Math.max(this.#pauseUntilMs, endedMs + pauseMs);
  }

  /** It is gone, or has a new table: which workers are about to read, so it waits for nothing. */
  forget(owner: Owner): void {
    this.#costs.delete(owner);
    this.#waiting.delete(owner);
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(nowMs: number): void {
    const delayMs = Math.max(0, Math.ceil(this.#pauseUntilMs - nowMs));
    this.#timer ??= setTimeout(() => this.#pauseOver(), delayMs).unref();
  }

  #pauseOver(): void {
    this.#timer = undefined;
    const nowMs = this.#clock();
    const [first] = this.#waiting;
    // The pause has grown since the timer was set if something new was computed in it.
    if (first !== undefined && nowMs >= this.#pauseUntilMs) this.#onDue(first);
    if (this.#waiting.size > 0) this.#arm(this.#clock());
  }
}
