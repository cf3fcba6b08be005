// The worker threads: started, introduced to each other, watched over, and replaced when they die.
// What they run is the supervisor's decision; it hands in the assignments.
import type { ReactorKind } from "../config/plan.ts";
import type { Assignment } from "../proxy/assignment.ts";
import { workerField } from "../scoreboard/fields.ts";
import type { ScoreboardMemory } from "../scoreboard/memory.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import type { Descriptors } from "./descriptors.ts";
import type { Log } from "./log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { WorkerHandle, type WorkerEvents } from "./worker-handle.ts";

/** A worker that dies again so soon is replaced only after a pause. */
const crashPauseMs = 1000;

export interface PoolOptions {
  readonly reactor: ReactorKind;
  readonly memory: ScoreboardMemory;
  readonly board: ControlScoreboard;
  readonly descriptors: Descriptors;
  readonly log: Log;
  /** What a worker that starts now is to run. */
  readonly assignment: (worker: number) => Assignment;
  /** Messages that are not about the worker's own state. */
  readonly onMessage: (message: FromWorker) => void;
}

export class WorkerPool implements WorkerEvents {
  readonly workers: WorkerHandle[];
  readonly #options: PoolOptions;
  readonly #startedMs: number[];
  /** Turns of each worker at the last look. */
  readonly #turns: number[];
  /** Called whenever a worker's state has changed: whoever waits looks again. */
  readonly #waiting: Set<() => void>;
  #stopping: boolean;

  constructor(options: PoolOptions) {
    this.workers = [];
    this.#options = options;
    this.#startedMs = [];
    this.#turns = [];
    this.#waiting = new Set();
    this.#stopping = false;
  }

  /** Starts `count` workers; resolves when all of them are ready. */
  async start(count: number): Promise<void> {
    for (let worker = 0; worker < count; worker++) this.#spawn(worker);
    await this.until(() => this.workers.every(({ waker }) => waker !== null));
    this.#introduce();
  }

  #spawn(worker: number): void {
    const { reactor, memory, descriptors, assignment } = this.#options;
    this.#startedMs[worker] = performance.now();
    this.workers[worker] = new WorkerHandle(
      {
        worker,
        reactor,
        board: memory,
        owners: descriptors.owners,
        assignment: assignment(worker),
      },
      this,
    );
  }

  /** Tells every worker how to wake the others. */
  #introduce(): void {
    const wakers = this.workers.map(({ waker }) => waker).filter((waker) => waker !== null);
    if (wakers.length < this.workers.length) return;
    this.broadcast({ type: "peers", wakers });
  }

  broadcast(message: ToWorker): void {
    for (const worker of this.workers) worker.send(message);
  }

  /** Ends every thread; nothing is replaced from now on. */
  async exit(): Promise<void> {
    this.#stopping = true;
    this.broadcast({ type: "exit" });
    await Promise.all(this.workers.map(({ exited }) => exited));
  }

  onMessage(worker: WorkerHandle, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        worker.waker = message.waker;
        break;
      case "applied":
        worker.version = message.version;
        break;
      case "failed":
        this.#options.log.error(
          { worker: worker.worker },
          `worker ${worker.worker} could not take the plan: ${message.error}`,
        );
        worker.version = message.version;
        break;
      case "drained":
        worker.drained = true;
        break;
      default:
        this.#options.onMessage(message);
        return;
    }
    this.#look();
  }

  onExit(handle: WorkerHandle, code: number, error: Error | null): void {
    handle.drained = true;
    this.#look();
    if (handle.leaving) return;
    const why = error === null ? `exit code ${code}` : (error.stack ?? error.message);
    void this.#replace(handle.worker, why);
  }

  /** Tidies up after a dead worker, which could not do so itself, and starts its successor. */
  async #replace(worker: number, why: string): Promise<void> {
    const { reactor, descriptors, board, log } = this.#options;
    const closed = reactor === "epoll" ? await descriptors.closeOf(worker) : 0;
    board.releaseWorker(worker);
    log.error(
      { worker, descriptors: closed },
      `worker ${worker} died and its sessions with it (${closed} descriptors closed); ` +
        `starting another: ${why}`,
    );
    if (performance.now() - (this.#startedMs[worker] ?? 0) < crashPauseMs) {
      await new Promise((resolve) => setTimeout(resolve, crashPauseMs));
    }
    if (this.#stopping) return;
    this.#spawn(worker);
    await this.until(() => this.workers[worker]?.waker !== null);
    this.#introduce();
  }

  /** Says so when a worker has not turned since the last look, `sinceMs` ago. */
  watch(sinceMs: number): void {
    const { board, log } = this.#options;
    for (const { worker, waker } of this.workers) {
      const turns = board.workers.column(worker, 0, workerField.turns);
      if (waker !== null && turns === this.#turns[worker]) {
        log.error(
          { worker },
          `worker ${worker} has not turned for ${sinceMs / 1000} s: it hangs in one event`,
        );
      }
      this.#turns[worker] = turns;
    }
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  /** Waits until the workers' states fit; false when `limitMs` passes first. */
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
