// The queues of one worker, and the hand-over of places between workers. A place is a number on the
// scoreboard that anybody may take; fairness is kept by three rules:
// - who comes new while others wait, waits behind them;
// - who frees a place wakes the worker whose session waits longest, whichever that is;
// - a worker serves its own only while no other worker has an older one in the same queue.
// A session is in the queue before it looks for a place once more, and a place is free before its
// owner looks at the queue: so one of the two always sees the other.
import type { Waker } from "../../reactor/reactor.ts";
import { wake } from "../../reactor/wake.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import type { WorkerScoreboard } from "../../scoreboard/scoreboard.ts";
import type { Server } from "./backend.ts";
import { connectTo, placeAndConnect } from "./connecting.ts";
import { hasRoom, Hope, leaveQueue, placeWaiting } from "./placing.ts";
import type { Dispatch } from "./dispatch.ts";
import { RowQueue, type WaitQueue, Waiting } from "./wait-queue.ts";

/** What the queues need of their worker. */
export interface QueueHost {
  readonly board: WorkerScoreboard;
  readonly peers: readonly Waker[];
}

export class Queues {
  readonly #host: QueueHost;
  /** By row; only those in which a session of this worker waits. */
  readonly #servers: Map<number, WaitQueue>;
  readonly #backends: Map<number, WaitQueue>;
  #serving: boolean;
  /** Something came free while places were given away. */
  #again: boolean;
  /** Nobody is placed any more: the sessions are being cut. */
  #closed: boolean;

  constructor(host: QueueHost) {
    this.#host = host;
    this.#servers = new Map();
    this.#backends = new Map();
    this.#serving = false;
    this.#again = false;
    this.#closed = false;
  }

  /** Puts a session into the queue of `server`, or of its backend (null). */
  wait(dispatch: Dispatch, server: Server | null, sinceMs: number): void {
    const queue = server === null ? this.#ofBackend(dispatch.backend.row) : this.#ofServer(server);
    dispatch.waiting = new Waiting(dispatch, queue, server, sinceMs);
    queue.add(dispatch.waiting);
    if (server !== null)
      this.#host.board.backends.gaugeAdd(server.backendRow, backendField.bound, 1);
    // Somebody may have left just before: then nobody will wake us.
    this.serve();
  }

  /** Takes a session out of its queue, if it waits in one. */
  leave(dispatch: Dispatch): void {
    const { waiting } = dispatch;
    if (waiting === null) return;
    dispatch.waiting = null;
    const { queue, server } = waiting;
    queue.remove(waiting);
    if (server !== null)
      this.#host.board.backends.gaugeAdd(server.backendRow, backendField.bound, -1);
    if (queue.oldest === null) (server === null ? this.#backends : this.#servers).delete(queue.row);
  }

  #ofServer({ row }: Server): WaitQueue {
    let queue = this.#servers.get(row);
    if (queue === undefined) {
      const { servers } = this.#host.board;
      queue = new RowQueue(servers, row, serverField.queueHead, serverField.queued);
      this.#servers.set(row, queue);
    }
    return queue;
  }

  #ofBackend(row: number): WaitQueue {
    let queue = this.#backends.get(row);
    if (queue === undefined) {
      const { backends } = this.#host.board;
      queue = new RowQueue(backends, row, backendField.queueHead, backendField.queued);
      this.#backends.set(row, queue);
    }
    return queue;
  }

  /** A place on this server came free: the one who waits longest for it, or for any, is told. */
  freed({ row: serverRow, backendRow, shared }: Server): void {
    const { servers, backends } = this.#host.board;
    if (shared && backends.gauge(backendRow, backendField.bound) > 0) {
      // It may be a place for who waits for another server, which only his worker knows.
      for (let worker = 0; worker < servers.workers; worker++) this.#tell(worker);
      return;
    }
    const bound = servers.gauge(serverRow, serverField.queued);
    const any = backends.gauge(backendRow, backendField.queued);
    if (bound + any === 0) return;
    const one = servers.earliest(serverRow, serverField.queueHead);
    const other = backends.earliest(backendRow, backendField.queueHead);
    let worker = Math.max(one, other);
    if (one >= 0 && other >= 0) {
      const boundMs = servers.mark(one, serverRow, serverField.queueHead);
      const anyMs = backends.mark(other, backendRow, backendField.queueHead);
      worker = boundMs <= anyMs ? one : other;
    }
    this.#tell(worker);
  }

  #tell(worker: number): void {
    if (worker === this.#host.board.worker) {
      this.serve();
      return;
    }
    const waker = this.#host.peers[worker];
    if (waker !== undefined) wake(waker);
  }

  /** Gives away what places there are, the oldest first. */
  serve(): void {
    if (this.#servers.size + this.#backends.size === 0 || this.#closed) return;
    this.#again = true;
    if (this.#serving) return;
    this.#serving = true;
    for (const queue of this.#servers.values()) queue.stepForward();
    for (const queue of this.#backends.values()) queue.stepForward();
    while (this.#again) {
      this.#again = false;
      const queues = [...this.#servers.values(), ...this.#backends.values()];
      queues.sort(byAge);
      for (const queue of queues) this.#serveOne(queue);
    }
    this.#serving = false;
  }

  #serveOne(queue: WaitQueue): void {
    let { oldest } = queue;
    if (oldest === null || !hasRoom(oldest)) return;
    const worker = queue.earliestWorker();
    if (worker >= 0 && worker !== this.#host.board.worker) {
      this.#tell(worker);
      return;
    }
    let index = placeWaiting(oldest);
    // The only place may be on a server that has failed it: the next one gets it then.
    while (index === Hope.waits && oldest.dispatch.excluded !== null) {
      oldest = oldest.newer;
      if (oldest === null) {
        queue.standBack();
        this.passOn(queue);
        return;
      }
      index = placeWaiting(oldest);
    }
    if (index === Hope.waits) return;
    const { dispatch } = oldest;
    this.#again = true;
    leaveQueue(dispatch);
    if (index >= 0) connectTo(dispatch, index);
    else placeAndConnect(dispatch);
    // There may be more places than this one: whoever is next in line looks for himself.
    this.passOn(queue);
  }

  /** Another worker's turn has come, if it has the session that waits longest. */
  passOn(queue: WaitQueue): void {
    const next = queue.earliestWorker();
    if (next >= 0 && next !== this.#host.board.worker) this.#tell(next);
  }

  /** From now on nobody is placed. */
  close(): void {
    this.#closed = true;
  }
}

function byAge(one: WaitQueue, other: WaitQueue): number {
  return (one.oldest?.sinceMs ?? 0) - (other.oldest?.sinceMs ?? 0);
}
