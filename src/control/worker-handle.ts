// The control plane's end of one worker thread: starting it, talking to it, and hearing of its
// death. It decides nothing; the supervisor does.
import { Worker } from "node:worker_threads";
import type { Waker } from "../reactor/reactor.ts";
import { wake } from "../reactor/wake.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";

export interface WorkerEvents {
  onMessage(worker: WorkerHandle, message: FromWorker): void;
  /** The thread has ended; `error` says why when it died of an exception. */
  onExit(worker: WorkerHandle, code: number, error: Error | null): void;
}

/**
 * Of a worker's memory what is made and forgotten within moments. V8's own choice is several times as much: it grows
 * with every burst of connections and is never given back, and requests make too little for it to save anything.
 */
const youngMebibytes = 4;

const entry = new URL("./worker-thread.js", import.meta.url);

export class WorkerHandle {
  readonly worker: number;
  /**
   * Null until it is ready, and again once it is told to exit or has ended: its descriptor will be
   * somebody else's soon.
   */
  waker: Waker | null;
  /** Where it listens. */
  addresses: readonly string[];
  /** The version of the plan that it has taken. */
  version: number;
  /** The round of introductions that it has heard of. */
  introduced: number;
  /** Looks in a row at which it had not turned. */
  stillLooks: number;
  /** It accepts no more. */
  stopped: boolean;
  drained: boolean;
  /** Its thread is gone. */
  ended: boolean;
  /** It was told to exit: its end is no accident. */
  leaving: boolean;
  readonly #thread: Worker;

  constructor(start: WorkerStart, events: WorkerEvents) {
    this.worker = start.worker;
    this.waker = null;
    this.addresses = [];
    this.version = start.assignment.version;
    this.introduced = 0;
    this.stillLooks = 0;
    this.stopped = false;
    this.drained = false;
    this.ended = false;
    this.leaving = false;
    const resourceLimits = { maxYoungGenerationSizeMb: youngMebibytes };
    const name = `worker ${start.worker}`;
    this.#thread = new Worker(entry, { workerData: start, name, resourceLimits });
    let failure: Error | null = null;
    this.#thread.on("message", (message: FromWorker) => events.onMessage(this, message));
    this.#thread.on("error", (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    this.#thread.once("exit", (code) => {
      this.stopped = true;
      this.drained = true;
      this.ended = true;
      events.onExit(this, code, failure);
    });
  }

  /** It runs; what was sent to it before waits to be read. */
  ready(waker: Waker): void {
    if (!this.leaving) this.waker = waker;
    wake(waker);
  }

  send(message: ToWorker): void {
    if (message.type === "exit") this.leaving = true;
    this.#thread.postMessage(message);
    if (this.waker !== null) wake(this.waker);
    // It may have read that, and ended, between these two lines: its waker stays open until all have.
    if (this.leaving) this.waker = null;
  }

  /** Ends the thread as a crash would: nothing of it is tidied up. */
  async terminate(): Promise<void> {
    const ended = this.#thread.terminate();
    // A thread that waits in the kernel notices only when it returns from there.
    if (this.waker !== null) wake(this.waker);
    await ended;
  }
}
