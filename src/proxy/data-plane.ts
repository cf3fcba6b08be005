// The data plane of one worker: its frontends, backends and sessions. It takes plans between two
// turns, stops, and reports; what the control plane is, it does not know.
import type { Random } from "../balance/random.ts";
import type { Reactor, Waker } from "../reactor/reactor.ts";
import { wake } from "../reactor/wake.ts";
import { frontendField, workerField } from "../scoreboard/fields.ts";
import type { WorkerScoreboard } from "../scoreboard/scoreboard.ts";
import type { Assignment, FrontendAssignment } from "./assignment.ts";
import { type Backend, openBackends } from "./dispatch/backend.ts";
import { Frontend } from "./accept/frontend.ts";
import { HttpPlane } from "./http/http-plane.ts";
import { ProxyHeader } from "./proxy-protocol/proxy-header.ts";
import { Queues } from "./dispatch/queues.ts";
import { TlsPlane } from "./tls/tls-plane.ts";
import { type Report, Reports } from "./reports.ts";
import { replanSessions } from "./session/replan-sessions.ts";
import type { Session } from "./session/session.ts";
import { shutdownSessions } from "./session/shutdown-sessions.ts";
import { SessionList } from "./session/session-list.ts";
import { AccessLog } from "./access-log/access-log.ts";
import { Ended } from "./termination.ts";

export interface DataPlaneOptions {
  readonly reactor: Reactor;
  readonly board: WorkerScoreboard;
  readonly random: Random;
  readonly report: (report: Report) => void;
  /** Takes a batch of access log lines. */
  readonly ship: (batch: Uint8Array) => void;
  /** Called when it has stopped accepting and its last session has ended. */
  readonly onDrained: () => void;
}

export class DataPlane {
  readonly reactor: Reactor;
  readonly board: WorkerScoreboard;
  readonly random: Random;
  /** Reused by every PROXY protocol header that is read here. */
  readonly header: ProxyHeader;
  readonly log: AccessLog;
  readonly reports: Reports;
  readonly queues: Queues;
  readonly http: HttpPlane;
  readonly tls: TlsPlane;
  /** From the reactor's clock to the machine's monotonic one, which all threads share. */
  readonly clockOffsetMs: number;
  sessionsMax: number;
  /** Sessions of this worker, newest first, linked through them. */
  newest: Session | null;
  sessions: number;
  /** For whoever asks what sessions there are. */
  readonly list: SessionList;
  /** Of the plan in force, by name; frontends in its order. */
  readonly frontends: Map<string, Frontend>;
  backends: Map<string, Backend>;
  /** How to wake each worker, this one included. Index: the worker. */
  peers: readonly Waker[];
  readonly #options: DataPlaneOptions;
  /** Listeners that do not listen yet, or still take their backlog. */
  #unsettled: number;
  readonly #onTaken: (() => void)[];
  #stopping: boolean;

  constructor(options: DataPlaneOptions) {
    this.reactor = options.reactor;
    this.board = options.board;
    this.random = options.random;
    this.header = new ProxyHeader();
    this.log = new AccessLog(options.reactor, options.ship);
    this.reports = new Reports(options.reactor, options.report);
    this.queues = new Queues(this);
    this.http = new HttpPlane(this);
    this.tls = new TlsPlane(options.reactor, options.board);
    this.clockOffsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
    this.sessionsMax = 0;
    this.newest = null;
    this.sessions = 0;
    this.list = new SessionList(this);
    this.peers = [];
    this.#options = options;
    this.frontends = new Map();
    this.backends = new Map();
    this.#unsettled = 0;
    this.#onTaken = [];
    this.#stopping = false;
  }

  /**
   * Takes a plan. What keeps its name keeps its listeners and sessions. `onTaken` is called when
   * all new listeners listen and those that leave have taken their backlogs: then their
   * descriptors may be closed.
   */
  apply(assignment: Assignment, onTaken: () => void): void {
    const { log } = assignment.global;
    this.sessionsMax = assignment.sessionsMax;
    this.reports.configure(log.level);
    this.log.configure(log);
    this.tls.apply(assignment);
    this.backends = openBackends(assignment.backends, this.board, this.random, this.tls);
    // All that closes comes before all that opens: a bind may move from one frontend to another.
    const planned = new Map(assignment.frontends.map((frontend) => [frontend.plan.name, frontend]));
    for (const [name, frontend] of this.frontends) {
      const next = planned.get(name);
      if (next !== undefined) {
        frontend.retire(next);
        continue;
      }
      frontend.close();
      this.frontends.delete(name);
    }
    for (const next of planned.values()) this.#applyFrontend(next);
    replanSessions(this.newest);
    this.http.replan(this.backends);
    // Whoever waits on may find room that its queue did not have before.
    this.queues.serve();
    this.#onTaken.push(onTaken);
    this.#settle();
  }

  /** The backend of the plan in force with this name; null: it has none. */
  backend(name: string): Backend | null {
    return this.backends.get(name) ?? null;
  }

  /**
   * How to wake each worker. Until now this one could tell nobody of a place that came free, and
   * whoever is new was told of none: so all look now.
   */
  meet(peers: readonly Waker[]): void {
    this.peers = peers;
    for (const [worker, waker] of peers.entries()) if (worker !== this.board.worker) wake(waker);
  }

  /** Where it listens, in the plan's order; port 0 has become a real one. */
  addresses(): string[] {
    return [...this.frontends.values()].flatMap((frontend) => frontend.addresses());
  }

  /** A listener begins to open or to close; the plan is not taken before it has. */
  unsettled(): void {
    this.#unsettled++;
  }

  /** It listens, has failed to, or has taken its backlog and closed. */
  settled(): void {
    this.#unsettled--;
    this.#settle();
  }

  #settle(): void {
    if (this.#unsettled > 0) return;
    for (const onTaken of this.#onTaken.splice(0)) onTaken();
    if (!this.#stopping || this.sessions > 0) return;
    this.log.flush();
    this.#options.onDrained();
  }

  /** It accepts nobody any more and waits for its last session. */
  get stopping(): boolean {
    return this.#stopping;
  }

  #applyFrontend(next: FrontendAssignment): void {
    const { name } = next.plan;
    const frontend = this.frontends.get(name) ?? new Frontend(this, next);
    // Deleted and set, so that the map has the plan's order.
    this.frontends.delete(name);
    this.frontends.set(name, frontend);
    frontend.apply(next, this.backends);
  }

  /** Stops accepting: `onTaken` as in apply(); onDrained follows when the last session has ended. */
  stop(onTaken: () => void): void {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const frontend of this.frontends.values()) frontend.close();
    this.frontends.clear();
    let older: Session | null;
    for (let session = this.newest; session !== null; session = older) {
      ({ older } = session);
      session.stop();
    }
    this.http.pools.close();
    this.#onTaken.push(onTaken);
    this.#settle();
  }

  /** Aborts every session: the operator's patience is over. */
  kill(): void {
    this.queues.close();
    // The others are being cut too: who has ended by then has closed his waker.
    this.peers = [];
    for (let { newest } = this; newest !== null; newest = this.newest) {
      newest.abort(Ended.killed, newest.phase());
    }
  }

  /** Aborts the sessions of one server: it was found down and is not to keep them. */
  shutdown(serverRow: number): void {
    shutdownSessions(this.newest, serverRow);
  }

  enter(session: Session): void {
    session.older = this.newest;
    if (this.newest !== null) this.newest.newer = session;
    this.newest = session;
    this.sessions++;
    this.board.workers.count(0, workerField.sessions, 1);
  }

  leave(session: Session): void {
    this.list.skip(session);
    if (session.newer !== null) session.newer.older = session.older;
    else this.newest = session.older;
    if (session.older !== null) session.older.newer = session.newer;
    session.newer = null;
    session.older = null;
    this.sessions--;
    if (this.#stopping) this.#settle();
  }

  /** Monotonic milliseconds of this turn, on the clock that all threads share. */
  get clockMs(): number {
    return this.reactor.nowMs + this.clockOffsetMs;
  }

  /** Another worker ended a session that we may have waited for, or the servers have changed. */
  onWake(): void {
    for (const frontend of this.frontends.values()) frontend.tryResume();
    this.queues.serve();
    this.http.pools.hear();
  }

  /** Somebody left: wake the workers that wait for a place in this frontend or in the process. */
  wakeWaiting(frontendRow: number): void {
    const { board } = this;
    this.onWake();
    for (const [worker, waker] of this.peers.entries()) {
      const waits =
        board.frontends.share(worker, frontendRow, frontendField.waiting) !== 0 ||
        board.workers.share(worker, 0, workerField.waiting) !== 0;
      if (waits && worker !== board.worker) wake(waker);
    }
  }
}
