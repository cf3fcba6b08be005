// What stands between a client's wish and a server: which backend has it, which servers were tried,
// whether it waits, on which one it has a place. A TCP session has one, an HTTP exchange another.
// This file holds the state; placing.ts, connecting.ts and queues.ts are what happens to it.
import type { SessionKey } from "../../config/plan.ts";
import type { Timer } from "../../reactor/reactor.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import type { StickKey } from "../../scoreboard/stick-key.ts";
import type { DataPlane } from "../data-plane.ts";
import { type Ended, Phase } from "../termination.ts";
import type { Backend, Server } from "./backend.ts";
import { type Began, DispatchState } from "./dispatch-state.ts";
import { giveUpWaiting } from "./placing.ts";
import type { Waiting } from "./wait-queue.ts";

/** Who is dispatched. */
export interface Dispatched {
  /** A place on this server is taken, and it has an address: begin to connect. */
  connectTo(server: Server): Began;
  /** The attempt took too long: let go of it. */
  dropAttempt(): void;
  /** No server can be found, or none was found in time. */
  abandon(ended: Ended, phase: Phase): void;
  /** The server, by its index, that its cookie leads to; -1: none. */
  persisted(): number;
  /** What hash methods pick by; `noKey`: it has nothing of that kind. */
  keyHash(on: SessionKey): number;
  /** What sticky tables keep; empty: it has nothing of that kind. */
  fillKey(key: StickKey, on: SessionKey): void;
}

export class Dispatch {
  readonly plane: DataPlane;
  readonly owner: Dispatched;
  /** Its owner's: armed here for queue, connect and pause. The owner calls dispatchTimerFired(). */
  readonly timer: Timer;
  backend: Backend;
  state: DispatchState;
  /** The server picked; counted as active there until left. */
  target: Server | null;
  targetIndex: number;
  /** When the search for a server began; -1: not yet. */
  startMs: number;
  /** How long connecting took, without queues; -1: never established. */
  connectMs: number;
  attemptStartMs: number;
  /** Failures in a row that its server had when it accepted: see outcome.ts. */
  errorsTaken: number;
  attempts: number;
  redispatched: boolean;
  /** What was last said of a failure: in the log it tells a refused connect from a lost route. */
  reason: string;
  /** The server of the last attempt that failed; null while none has. */
  failed: Server | null;
  /** That attempt was the last one; false when the next has been counted as a retry of it. */
  failedLast: boolean;
  /** Null: it does not wait. */
  waiting: Waiting | null;
  /** When it began to wait, and how long it has waited before. */
  queuedAtMs: number;
  queueMs: number;
  /** How many waited before it, for its server and for its backend. */
  serverQueue: number;
  backendQueue: number;
  /** Another backend than the first has it, because that could not take it. */
  failedOver: boolean;
  /** Servers that were tried in vain; null while there are none. */
  excluded: Uint8Array | null;

  /** `backend` null: renew() says which before anybody asks. */
  constructor(plane: DataPlane, owner: Dispatched, timer: Timer, backend: Backend | null) {
    this.plane = plane;
    this.owner = owner;
    this.timer = timer;
    this.backend = backend as Backend;
    this.state = DispatchState.idle;
    this.target = null;
    this.targetIndex = -1;
    this.startMs = -1;
    this.connectMs = -1;
    this.attemptStartMs = -1;
    this.errorsTaken = 0;
    this.attempts = 0;
    this.redispatched = false;
    this.reason = "";
    this.failed = null;
    this.failedLast = false;
    this.waiting = null;
    this.queuedAtMs = 0;
    this.queueMs = 0;
    this.serverQueue = 0;
    this.backendQueue = 0;
    this.failedOver = false;
    this.excluded = null;
  }

  /** Its owner, that is used again, has found a backend. */
  renew(backend: Backend): void {
    this.backend = backend;
  }

  /** As if nothing had been looked for yet. */
  clear(): void {
    this.state = DispatchState.idle;
    this.target = null;
    this.targetIndex = -1;
    this.startMs = -1;
    this.connectMs = -1;
    this.errorsTaken = 0;
    this.attempts = 0;
    this.redispatched = false;
    this.reason = "";
    this.failed = null;
    this.failedLast = false;
    this.waiting = null;
    this.queueMs = 0;
    this.serverQueue = 0;
    this.backendQueue = 0;
    this.failedOver = false;
    this.excluded = null;
  }

  /** From now on its backend counts it: one that may still be needed keeps its rows. */
  enter(): void {
    this.plane.board.backends.gaugeAdd(this.backend.row, backendField.active, 1);
  }

  /** It is over: gives up its place, in a queue or on a server, and leaves its backend. */
  leave(): void {
    giveUpWaiting(this);
    this.leaveServer();
    this.plane.board.backends.gaugeAdd(this.backend.row, backendField.active, -1);
    this.state = DispatchState.idle;
  }

  /** Gives up its place on the server picked. */
  leaveServer(): void {
    if (this.target === null) return;
    const { target } = this;
    const { board, queues } = this.plane;
    board.servers.gaugeAdd(target.row, serverField.active, -1);
    board.backends.gaugeAdd(target.backendRow, backendField.placed, -1);
    this.target = null;
    queues.freed(target);
  }

  /** The phase that a premature end falls into while it has no server. */
  phase(): Phase {
    return this.state === DispatchState.queued ? Phase.queue : Phase.connect;
  }
}
