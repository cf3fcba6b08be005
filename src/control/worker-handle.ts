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

const entry = new URL("./worker-thread.js", import.meta.url);

export class WorkerHandle {
  readonly worker: number;
  /** Null until it is ready. */
  waker: Waker | null;
  /** The version of the plan that it has taken. */
  version: number;
  drained: boolean;
  /** It was told to exit: its end is no accident. */
  leaving: boolean;
  readonly exited: Promise<void>;
  readonly #thread: Worker;

  constructor(start: WorkerStart, events: WorkerEvents) {
    this.worker = start.worker;
    this.waker = null;
    this.version = start.assignment.version;
    this.drained = false;
    this.leaving = false;
    this.#thread = new Worker(entry, { workerData: start, name: `worker ${start.worker}` });
    let failure: Error | null = null;
    this.#thread.on("message", (message: FromWorker) => events.onMessage(this, message));
    this.#thread.on("error", (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    this.exited = new Promise((resolve) => {
      this.#thread.once("exit", (code) => {
        events.onExit(this, code, failure);
        resolve();
      });
    });
  }

  send(message: ToWorker): void {
    if (message.type === "exit") this.leaving = true;
    this.#thread.postMessage(message);
    if (this.waker !== null) wake(this.waker);
  }

  /** Ends the thread as a crash would: nothing of it is tidied up. */
  async terminate(): Promise<void> {
    const ended = this.#thread.terminate();
    // A thread that waits in the kernel notices only when it returns from there.
    if (this.waker !== null) wake(this.waker);
    await ended;
  }
}
