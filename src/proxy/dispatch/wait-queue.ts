// The sessions of one worker that wait for a place: on one server, or on any of a backend. The
// oldest is first. Since when it waits stands in the scoreboard as this worker's mark, so that
// whoever frees a place finds the oldest over all workers. What happens next is decided in queues.ts.
import type { Field } from "../../scoreboard/fields.ts";
import type { WorkerTable } from "../../scoreboard/table.ts";
import type { Server } from "./backend.ts";
import type { Dispatch } from "./dispatch.ts";

/** Marks above it are of workers that stood back: later than every moment. */
const behind = 2 ** 48;

/** One session in one queue. */
export class Waiting {
  readonly dispatch: Dispatch;
  readonly queue: WaitQueue;
  /** The only server it waits for; null: any of its backend. */
  server: Server | null;
  /** Its place in the order: monotonic milliseconds, the same clock on every worker. */
  readonly sinceMs: number;
  older: Waiting | null;
  newer: Waiting | null;

  constructor(dispatch: Dispatch, queue: WaitQueue, server: Server | null, sinceMs: number) {
    this.dispatch = dispatch;
    this.queue = queue;
    this.server = server;
    this.sinceMs = sinceMs;
    this.older = null;
    this.newer = null;
  }
}

/** A queue, whatever it is for. */
export interface WaitQueue {
  readonly row: number;
  readonly oldest: Waiting | null;
  /** Sessions in it over all workers. */
  readonly total: number;
  /** The worker whose oldest session waits longest; -1: nobody waits. */
  earliestWorker(): number;
  /** None here can use the place that is free: others come first, until stepForward(). */
  standBack(): void;
  stepForward(): void;
  add(waiting: Waiting): void;
  remove(waiting: Waiting): void;
}

export class RowQueue<T extends "server" | "backend"> implements WaitQueue {
  readonly row: number;
  oldest: Waiting | null;
  readonly #table: WorkerTable<T>;
  readonly #head: Field<T, "mark">;
  readonly #queued: Field<T, "gauge">;
  #newest: Waiting | null;
  /** The oldest that no server has failed. */
  #unfailed: Waiting | null;
  #stoodBack: boolean;

  constructor(
    table: WorkerTable<T>,
    row: number,
    head: Field<T, "mark">,
    queued: Field<T, "gauge">,
  ) {
    this.row = row;
    this.oldest = null;
    this.#table = table;
    this.#head = head;
    this.#queued = queued;
    this.#newest = null;
    this.#unfailed = null;
    this.#stoodBack = false;
  }

  get total(): number {
    return this.#table.gauge(this.row, this.#queued);
  }

  earliestWorker(): number {
    return this.#table.earliest(this.row, this.#head);
  }

  standBack(): void {
    this.#stoodBack = true;
    this.#mark();
  }

  stepForward(): void {
    if (!this.#stoodBack) return;
    this.#stoodBack = false;
    this.#mark();
  }

  /** In the order of their age: who comes back after a failed connect keeps its place. */
  add(waiting: Waiting): void {
    let older = this.#newest;
    while (older !== null && older.sinceMs > waiting.sinceMs) ({ older } = older);
    const newer = older === null ? this.oldest : older.newer;
    waiting.older = older;
    waiting.newer = newer;
    if (older === null) this.oldest = waiting;
    else older.newer = waiting;
    if (newer === null) this.#newest = waiting;
    else newer.older = waiting;
    const { dispatch, sinceMs } = waiting;
    const unfailed = this.#unfailed;
    if (dispatch.excluded === null && (unfailed === null || sinceMs < unfailed.sinceMs)) {
      this.#unfailed = waiting;
    }
    // The mark first: who sees the gauge looks for the mark.
    this.#mark();
    this.#table.gaugeAdd(this.row, this.#queued, 1);
  }

  remove(waiting: Waiting): void {
    const { older, newer } = waiting;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    waiting.older = null;
    waiting.newer = null;
    if (this.#unfailed === waiting) {
      // Who waits stays failed or not. So nobody is passed over twice.
      let next = newer;
      while (next !== null && next.dispatch.excluded !== null) next = next.newer;
      this.#unfailed = next;
    }
    this.#table.gaugeAdd(this.row, this.#queued, -1);
    this.#mark();
  }

  /**
   * The oldest that would take any server: one that some server has failed may not be able to use
   * the place that is free, and must not keep other workers from it.
   */
  #mark(): void {
    const first = this.#unfailed ?? this.oldest;
    const sinceMs = first === null ? 0 : first.sinceMs + (this.#stoodBack ? behind : 0);
    this.#table.setMark(this.row, this.#head, sinceMs);
  }
}
