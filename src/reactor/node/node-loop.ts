// What the connections, listeners and timers of one node reactor share: the clock, who is open, and
// where a handler's exception goes. Knows nothing of sockets.
import type { Connection, ReactorHandler, Timer } from "../reactor.ts";

/** Something that stop() must shut without calling anybody. */
export interface Stoppable {
  stop(): void;
}

export class NodeLoop {
  readonly handler: ReactorHandler;
  readonly connections: Set<Connection> = new Set();
  readonly listeners: Set<Stoppable> = new Set();
  /** Armed timers. */
  readonly timers: Set<Timer> = new Set();
  stopped: boolean;
  turns: number;
  #lastId: number;
  #nowMs: number;
  #fresh: boolean;

  constructor(handler: ReactorHandler) {
    this.handler = handler;
    this.stopped = false;
    this.turns = 0;
    this.#lastId = 0;
    this.#nowMs = 0;
    this.#fresh = false;
  }

  /** Monotonic milliseconds, read once a turn. */
  get nowMs(): number {
    this.enter();
    return this.#nowMs;
  }

  /**
   * Every callback of libuv comes through here. A turn is all of them between two check phases of
   * its loop; the first one counts the turn and reads the clock.
   */
  enter(): void {
    if (this.#fresh) return;
    this.#fresh = true;
    this.turns++;
    this.#nowMs = Math.floor(performance.now());
    setImmediate(this.#expire);
  }

  nextId(): number {
    this.#lastId++;
    return this.#lastId;
  }

  thrown(error: unknown): void {
    this.handler.onHandlerError(error);
  }

  /** Aborts and closes all that is open; nobody is called back. */
  shut(): void {
    this.stopped = true;
    for (const connection of this.connections) connection.abort();
    for (const listener of this.listeners) listener.stop();
    for (const timer of this.timers) timer.cancel();
  }

  readonly #expire = (): void => {
    this.#fresh = false;
  };
}
