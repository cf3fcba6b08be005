// The control plane's centre: it turns plans into running workers, hands new plans over, and stops.
// It never touches traffic.
import type { GlobalPlan, Plan, ReactorKind } from "../config/plan.ts";
import type { Assignment } from "../proxy/assignment.ts";
import { workerField } from "../scoreboard/fields.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import { AccessLogs } from "./access-logs.ts";
import type { AdminContext } from "./admin/admin-context.ts";
import { AdminServer } from "./admin/admin-server.ts";
import { assign, unassigned } from "./assigning.ts";
import { Binds, type PreparedBinds } from "./binds.ts";
import { Descriptors } from "./descriptors.ts";
import { Names } from "./discovery/names.ts";
import { Secrets } from "./certificates/secrets.ts";
import { complainOfFixed } from "./fixed-keys.ts";
import type { Log } from "./log.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { chooseReactor } from "./reactor-choice.ts";
import { Rows } from "./rows.ts";
import { ServerStates } from "./server-states.ts";
import { SessionQuestions } from "./session-questions.ts";
import { releaseSticky, sweepSticky } from "./sticky.ts";
import { followPlan, openWatchers, type Watcher } from "./watchers.ts";
import type { WorkerHandle } from "./worker-handle.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Watches over the workers and frees drained rows. */
const tickMs = 5000;
/** A worker takes a plan between two turns; one that has not by then hangs. */
const handOverMs = 10_000;

export class Supervisor implements AdminContext {
  plan: Plan;
  /** Grows with every plan. */
  version: number;
  readonly log: Log;
  readonly reactor: ReactorKind;
  readonly board: ControlScoreboard;
  readonly states: ServerStates;
  readonly rows: Rows;
  readonly sessions: SessionQuestions;
  readonly admin: AdminServer;
  readonly #workerCount: number;
  readonly #descriptors: Descriptors;
  readonly #names: Names;
  readonly #secrets: Secrets;
  readonly #binds: Binds;
  readonly #pool: WorkerPool;
  readonly #watchers: readonly Watcher[];
  readonly #accessLogs: AccessLogs;
  /** What a worker runs, or is about to: with the addresses of this moment. */
  #assignment: (worker: number) => Assignment;
  /** What only a restart can change. */
  readonly #startedWith: GlobalPlan;
  #stopping: boolean;
  #tick: NodeJS.Timeout | undefined;

  private constructor(plan: Plan, log: Log, reactor: ReactorKind, descriptors: Descriptors) {
    this.plan = plan;
    this.version = 0;
    this.log = log;
    this.reactor = reactor;
    this.#workerCount = descriptors.workers;
    this.#descriptors = descriptors;
    this.rows = new Rows(plan, this.#workerCount);
    this.board = this.rows.board;
    this.states = new ServerStates(this.board, log, () => this.#pool.broadcast({ type: "look" }));
    this.#names = new Names(log);
    const broadcast = (message: ToWorker): void => this.#pool.broadcast(message);
    this.#secrets = new Secrets({ log, broadcast });
    this.#binds = new Binds(reactor, this.#workerCount);
    this.#pool = new WorkerPool({
      reactor,
      memory: this.rows.memory,
      board: this.board,
      descriptors,
      log,
      release: (worker) => this.#release(worker),
      assignment: (worker) => this.#assignment(worker),
      onMessage: (message) => this.#onMessage(message),
    });
    this.sessions = new SessionQuestions(this.#pool);
    this.admin = new AdminServer(this);
    const [names, secrets] = [this.#names, this.#secrets];
    const { states, board } = this;
    const watchers = openWatchers({ states, board, log, names, secrets, broadcast });
    this.#watchers = [...watchers, this.admin];
    this.#accessLogs = new AccessLogs(plan.global.log.access, log, this.board);
    this.#assignment = unassigned;
    this.#startedWith = plan.global;
    this.#stopping = false;
    this.#tick = undefined;
  }

  /** Where it listens, port 0 replaced by the real one. */
  get addresses(): readonly string[] {
    return this.workers[0]?.addresses ?? [];
  }

  get workers(): readonly WorkerHandle[] {
    return this.#pool.workers;
  }

  /** Starts everything; resolves when every worker is ready. Rejects when it cannot listen. */
  static async start(plan: Plan, log: Log): Promise<Supervisor> {
    const { kind, reason } = await chooseReactor(plan.global.reactor);
    if (reason !== "") {
      log.warn({ reactor: kind }, `using the slower node reactor with one worker: ${reason}`);
    } else if (kind === "node" && plan.global.workers > 1) {
      log.warn("the node reactor runs one worker, whatever global.workers says");
    }
    // The node reactor cannot share a port between threads.
    const workers = kind === "node" ? 1 : plan.global.workers;
    const supervisor = new Supervisor(plan, log, kind, await Descriptors.open(kind, workers));
    await supervisor.#start();
    return supervisor;
  }

  async #start(): Promise<void> {
    await this.#accessLogs.open();
    const binds = await this.#prepare(this.plan);
    await binds.commit();
    try {
      await this.#pool.start(this.#workerCount);
      for (const watcher of this.#watchers) await watcher.apply(this.plan);
    } catch (error) {
      for (const watcher of this.#watchers) await watcher.close();
      await this.#pool.exit();
      this.states.close();
      await this.#binds.closeAll();
      await this.#accessLogs.close(0);
      throw error;
    }
    this.#tick = setInterval(() => this.#watch(), tickMs);
    this.#tick.unref();
  }

  /** Opens, resolves and assigns: all that can fail comes before any worker hears of it. */
  async #prepare(plan: Plan): Promise<PreparedBinds> {
    const obstacle = this.rows.fits(plan) ?? this.#descriptors.obstacle(plan);
    if (obstacle !== "") throw new Error(obstacle);
    for (const complaint of this.#descriptors.complaints(plan)) this.log.warn(complaint);
    const secrets = this.#secrets.prepare(plan);
    await this.#names.prepare(plan);
    const binds = await this.#binds.prepare(plan.frontends);
    if (this.#stopping) {
      await binds.rollback();
      throw new Error("it is stopping");
    }
    this.#secrets.use(secrets);
    this.states.apply(plan, this.rows, this.#names.resolution(plan));
    this.version++;
    const sessionsMax = this.#descriptors.sessionsMax(plan);
    const { version, rows, states } = this;
    const common = { plan, version, rows, binds, states, secrets: this.#secrets, sessionsMax };
    this.#assignment = (worker) => assign({ ...common, worker });
    return binds;
  }

  /**
   * Replaces the plan in place: what keeps its name keeps its sessions, counters and listeners.
   * Rejects, changing nothing, when the new plan cannot run.
   */
  async replace(plan: Plan): Promise<void> {
    if (this.#stopping) throw new Error("it is stopping");
    const accessLog = await this.#accessLogs.prepare(plan.global.log.access);
    const binds = await this.#prepare(plan).catch(async (error: unknown) => {
      await this.#accessLogs.discard(accessLog);
      throw error;
    });
    complainOfFixed(plan.global, this.#startedWith, this.log);
    this.#accessLogs.commit(accessLog, this.version);
    this.plan = plan;
    this.log.level = plan.global.log.level;
    for (const worker of this.workers) {
      worker.send({ type: "assign", assignment: this.#assignment(worker.worker) });
    }
    // Whoever dies while we stop has no successor that could take it.
    const taken = (): boolean =>
      this.workers.every(
        ({ version, ended }) => version === this.version || (ended && this.#stopping),
      );
    if (!(await this.#pool.until(taken, handOverMs))) {
      this.log.error(`a worker has not taken the plan within ${handOverMs / 1000} s: it hangs`);
      await this.#pool.until(taken);
    }
    await binds.commit();
    this.states.drainRemoved();
    this.rows.retain(plan);
    await followPlan(this.#watchers, plan, this.log);
    await this.#accessLogs.closePrevious();
    const { draining } = this.rows;
    if (draining.length > 0) {
      this.log.info({ servers: draining }, `${draining.length} removed server(s) drain`);
    }
  }

  /** Reopens the access log's file, after a rotation. */
  async reopenLogs(): Promise<void> {
    await this.#accessLogs.reopen();
  }

  /** Stops accepting, lets sessions end for at most shutdownTimeout, then cuts them. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const { shutdownTimeoutMs } = this.plan.global;
    const untilMs = performance.now() + shutdownTimeoutMs;
    this.#pool.stop();
    for (const watcher of this.#watchers) await watcher.close();
    // A socket that went on listening would take connections that nobody serves.
    const stopped = (): boolean => this.workers.every((worker) => worker.stopped);
    if (await this.#pool.until(stopped, shutdownTimeoutMs)) await this.#binds.closeAll();
    const drained = (): boolean => this.workers.every((worker) => worker.drained);
    if (!(await this.#pool.until(drained, untilMs - performance.now()))) {
      const sessions = this.board.workers.gauge(0, workerField.active);
      const patience = `${shutdownTimeoutMs / 1000} s`;
      this.log.warn({ sessions }, `${sessions} session(s) cut after ${patience} of shutdown`);
      this.#pool.broadcast({ type: "kill" });
    }
    await this.#pool.exit();
    clearInterval(this.#tick);
    this.states.close();
    await this.#binds.closeAll();
    await this.#accessLogs.close();
  }

  #onMessage(message: FromWorker): void {
    if (message.type === "log") this.#accessLogs.take(message.version, message.batch);
    if (message.type === "sessions") this.sessions.take(message);
    if (message.type !== "report") return;
    const { level, message: text, fields } = message.report;
    this.log[level](fields, text);
  }

  #release(worker: number): void {
    this.board.releaseWorker(worker);
    releaseSticky(this.states.backends.values(), worker);
  }

  #watch(): void {
    sweepSticky(this.states.backends.values());
    for (const name of this.rows.sweep()) {
      this.log.info({ server: name }, `removed server ${name} has drained`);
    }
    this.#accessLogs.watch();
    this.#pool.watch(tickMs);
  }
}
