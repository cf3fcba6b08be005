// The worker threads: started, introduced to each other, watched over, and replaced when they die.
// What they run is the supervisor's decision; it hands in the assignments.
import type { ReactorKind } from "../config/plan.ts";
import type { Assignment } from "../proxy/assignment.ts";
import { workerField } from "../scoreboard/fields.ts";
import type { Waker } from "../reactor/reactor.ts";
import type { ScoreboardMemory } from "../scoreboard/memory.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import { Conditions } from "./conditions.ts";
import type { Descriptors } from "./descriptors.ts";
import type { Log } from "./log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { WorkerHandle, type WorkerEvents } from "./worker-handle.ts";

/** A worker that dies again so soon is replaced only after a pause. */
const crashPauseMs = 1000;
/** Workers that are told to exit do so within a turn; one that hangs is ended by force. */
const exitMs = 2000;

export interface PoolOptions {
  readonly reactor: ReactorKind;
  readonly memory: ScoreboardMemory;
  readonly board: ControlScoreboard;
  readonly descriptors: Descriptors;
  readonly log: Log;
  /** Takes back what a dead worker held in shared memory. */
  readonly release: (worker: number) => void;
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
  /** What is waited for of the workers' states. */
  readonly #conditions: Conditions;
  /** How often the workers were introduced to each other. */
  #round: number;
  #started: boolean;
  /** Why a worker of the first generation died; empty while none has. */
  #startFailure: string;
  #stopping: boolean;
  /** Wakers of the dead that their peers may still write to, until they have ended too. */
  readonly #kept: number[];

  constructor(options: PoolOptions) {
    this.workers = [];
    this.#options = options;
    this.#startedMs = [];
    this.#turns = [];
    this.#conditions = new Conditions();
    this.#round = 0;
    this.#started = false;
    this.#startFailure = "";
    this.#stopping = false;
    this.#kept = [];
  }

  /**
   * Starts `count` workers; resolves when all of them are ready. Rejects when one dies before: what
   * cannot start once cannot start a second time.
   */
  async start(count: number): Promise<void> {
    for (let worker = 0; worker < count; worker++) this.#spawn(worker);
    await this.until(
      () => this.workers.every(({ waker }) => waker !== null) || this.#startFailure !== "",
    );
    if (this.#startFailure !== "") {
      await this.exit();
      throw new Error(this.#startFailure);
    }
    this.#started = true;
    this.#introduce();
  }

  /** From now on nobody is replaced: whoever dies has stopped. */
  stop(): void {
    this.#stopping = true;
    this.broadcast({ type: "stop" });
  }

  #spawn(worker: number): void {
    const { reactor, memory, descriptors, assignment } = this.#options;
    this.#startedMs[worker] = performance.now();
    const predecessor = this.workers[worker];
    const handle = new WorkerHandle(
      {
        worker,
        reactor,
        board: memory,
        owners: descriptors.owners,
        spare: descriptors.spare,
        assignment: assignment(worker),
      },
      this,
    );
    // The listening sockets stay: so do the addresses, until the successor says otherwise.
    handle.addresses = predecessor?.addresses ?? [];
    this.workers[worker] = handle;
  }

  /** Tells every worker how to wake the others. */
  #introduce(): void {
    const wakers = this.workers.map(({ waker }) => waker).filter((waker) => waker !== null);
    if (wakers.length < this.workers.length) return;
    this.#round++;
    this.broadcast({ type: "peers", wakers, round: this.#round });
  }

  broadcast(message: ToWorker): void {
    for (const worker of this.workers) worker.send(message);
  }

  /** Ends every thread; nothing is replaced from now on. */
  async exit(): Promise<void> {
    this.#stopping = true;
    this.broadcast({ type: "exit" });
    await this.until(() => this.workers.every(({ ended }) => ended), exitMs);
    await Promise.all(this.workers.filter(({ ended }) => !ended).map((one) => this.#force(one)));
    const { reactor, descriptors } = this.#options;
    for (const descriptor of this.#kept.splice(0)) await descriptors.close(descriptor);
    // Their wakers: until now any of them, and this thread, could have woken another that had gone.
    if (reactor !== "epoll") return;
    for (const { worker } of this.workers) await descriptors.closeOf(worker, -1);
  }

  async #force(handle: WorkerHandle): Promise<void> {
    const { reactor, descriptors, log } = this.#options;
    const { worker } = handle;
    log.error({ worker }, `worker ${worker} hangs in one event: ended by force`);
    await handle.terminate();
    if (reactor === "epoll") await descriptors.closeOf(worker, -1);
    this.#options.release(worker);
  }

  onMessage(worker: WorkerHandle, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        worker.addresses = message.addresses;
        worker.ready(message.waker);
        break;
      case "applied":
        worker.addresses = message.addresses;
        worker.version = message.version;
        break;
      case "failed":
        this.#options.log.error(
          { worker: worker.worker },
          `worker ${worker.worker} could not take the plan: ${message.error}`,
        );
        worker.version = message.version;
        break;
      case "introduced":
        worker.introduced = message.round;
        break;
      case "stopped":
        worker.stopped = true;
        break;
      case "drained":
        worker.drained = true;
        break;
      case "sessions":
        this.#options.onMessage(message);
        break;
      default:
        this.#options.onMessage(message);
        return;
    }
    this.#conditions.look();
  }

  onExit(handle: WorkerHandle, code: number, error: Error | null): void {
    const { waker } = handle;
    handle.waker = null;
    const why = error === null ? `exit code ${code}` : (error.stack ?? error.message);
    if (!this.#started) this.#startFailure ||= `worker ${handle.worker} cannot start: ${why}`;
    this.#conditions.look();
    if (handle.leaving || !this.#started) return;
    void this.#replace(handle.worker, waker, why);
  }

  /** Tidies up after a dead worker, which could not do so itself, and starts its successor. */
  async #replace(worker: number, waker: Waker | null, why: string): Promise<void> {
    const { reactor, descriptors, log } = this.#options;
    // Its peers still wake it: its eventfd must not become somebody's connection before they know.
    const kept = waker?.kind === "eventfd" ? waker.descriptor : -1;
    const closed = reactor === "epoll" ? await descriptors.closeOf(worker, kept) : 0;
    // Not before: a server must not see the next session while it has the dead one's.
    this.#options.release(worker);
    this.broadcast({ type: "look" });
    log.error(
      { worker, descriptors: closed },
      `worker ${worker} died and its sessions with it (${closed} descriptors closed); ` +
        `${this.#stopping ? "it is not replaced, because we stop" : "starting another"}: ${why}`,
    );
    if (!this.#stopping && performance.now() - (this.#startedMs[worker] ?? 0) < crashPauseMs) {
      await new Promise((resolve) => setTimeout(resolve, crashPauseMs));
    }
    if (!this.#stopping) {
      this.#spawn(worker);
      const round = this.#round;
      const successor = this.workers[worker] as WorkerHandle;
      await this.until(() => successor.waker !== null || successor.ended);
      this.#introduce();
      await this.until(() => this.workers.every((w) => w.ended || w.introduced > round));
    }
    if (kept < 0) return;
    // Without a successor nobody is introduced, so its peers go on knowing it while they live.
    if (this.#stopping && !this.workers.every(({ ended }) => ended)) this.#kept.push(kept);
    else await descriptors.close(kept);
  }

  /**
   * A worker that has not turned since the last look, `sinceMs` ago, is told; at the second time it
   * is ended, so that a successor takes over its listening sockets. Once is forgiven: the whole
   * process may have been stopped meanwhile.
   */
  watch(sinceMs: number): void {
    const { board, log } = this.#options;
    for (const handle of this.workers) {
      const { worker, waker } = handle;
      const turns = board.workers.column(worker, 0, workerField.turns);
      const looks = waker !== null && turns === this.#turns[worker] ? handle.stillLooks + 1 : 0;
      handle.stillLooks = looks;
      this.#turns[worker] = turns;
      if (looks === 0) continue;
      const still = `worker ${worker} has not turned for ${(looks * sinceMs) / 1000} s`;
      log.error({ worker }, `${still}: it hangs in one event${looks > 1 ? ", and is ended" : ""}`);
      if (looks > 1) void handle.terminate();
    }
  }

  /** Waits until the workers' states fit; false when `limitMs` passes first. */
  until(fits: () => boolean, limitMs?: number): Promise<boolean> {
    return this.#conditions.until(fits, limitMs);
  }
}
