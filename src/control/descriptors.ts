// Descriptors of the whole process: how many sessions they allow, and whose they are. A session
// takes two. A worker thread that dies leaves its descriptors open, because they are the
// process's; the table of owners says which to close.
import type { Plan, ReactorKind } from "../config/plan.ts";

/** Node itself, the logs, the control plane's own sockets. */
const processReserve = 128;
/** An epoll descriptor, a waker, and room to spare. */
const workerReserve = 8;
/** Of each worker: pipes for splicing (two descriptors each), and as many held for connects. */
const spareMax = 64;
const spareMin = 4;
/** A check under way takes one, a program three. No more than this part is kept for them. */
const checksPart = 1 / 8;
/** Fewer sessions than this are worth a word even if nobody asked for more. */
const sessionsFew = 1000;
/** Where the limit is unknown or infinite, more than this is not planned with. */
const descriptorsMax = 1024 * 1024;

export class Descriptors {
  /** How many this process may have. */
  readonly limit: number;
  /** By descriptor: 1 + the worker that opened it; 0: the control plane's, or closed. */
  readonly owners: SharedArrayBuffer;

  /** Pipes, and descriptors held for connects, of each worker: few where the limit is low. */
  readonly spare: number;
  readonly workers: number;

  constructor(limit: number, workers: number) {
    this.limit = Math.min(limit, descriptorsMax);
    this.spare = Math.min(spareMax, Math.max(spareMin, Math.floor(this.limit / workers / 32)));
    this.workers = workers;
    this.owners = new SharedArrayBuffer(this.limit);
  }

  /** Raises the limit as far as this process may, and reads it. */
  static async open(reactor: ReactorKind, workers: number): Promise<Descriptors> {
    if (reactor === "node") return new Descriptors(descriptorsMax, workers);
    const { raiseDescriptorLimit } = await import("../sys/descriptor-limit.ts");
    return new Descriptors(raiseDescriptorLimit(), workers);
  }

  /** Sessions that fit at once, over all workers. */
  sessionsMax(plan: Plan): number {
    const others = processReserve + this.#ofWorkers(plan) + this.#ofChecks(plan);
    return Math.max(1, Math.floor((this.limit - others) / 2));
  }

  /** All checks at once, if servers are slow; those that find none left wait. */
  #ofChecks(plan: Plan): number {
    const checked = plan.backends.flatMap(({ servers }) => servers.map(({ check }) => check));
    const needed = checked.reduce((sum, check) => {
      if (check === null) return sum;
      return sum + (check.probe.kind === "exec" ? 3 : 1);
    }, 0);
    return Math.min(needed, Math.floor(this.limit * checksPart));
  }

  /** Why this plan cannot run at all with so few descriptors; empty when it can. */
  obstacle(plan: Plan): string {
    const needed = processReserve + this.#ofWorkers(plan) + 2;
    if (needed <= this.limit) return "";
    return (
      `${this.workers} worker(s) need ${needed} descriptors before the first session, and this ` +
      `process may have ${this.limit} (ulimit -n); raise the limit or lower global.workers`
    );
  }

  #ofWorkers(plan: Plan): number {
    const binds = plan.frontends.reduce((sum, frontend) => sum + frontend.binds.length, 0);
    return this.workers * (workerReserve + 3 * this.spare + binds);
  }

  /** A sentence for every frontend whose maxconn cannot be held, or that has none while few fit. */
  complaints(plan: Plan): string[] {
    const possible = this.sessionsMax(plan);
    const has =
      `this process may have ${this.limit} (ulimit -n), enough for ${possible} sessions; ` +
      `raise the limit (LimitNOFILE in systemd, nofile in limits.conf)`;
    const tooLarge = plan.frontends
      .filter(({ maxconn }) => maxconn > possible)
      .map(
        ({ name, maxconn }) =>
          `frontend ${name}: maxconn ${maxconn} would need ${maxconn * 2} descriptors, and ${has} ` +
          `or lower maxconn`,
      );
    const unlimited = plan.frontends.some(({ maxconn }) => maxconn === 0);
    return unlimited && possible < sessionsFew
      ? [...tooLarge, `few descriptors: ${has}`]
      : tooLarge;
  }

  /**
   * Closes all that a dead worker has left but `kept` (-1: nothing is kept); returns how many. Its
   * peers see their ends.
   */
  async closeOf(worker: number, kept: number): Promise<number> {
    const { close } = await import("../sys/libc.ts");
    const owners = new Uint8Array(this.owners);
    if (kept >= 0) owners[kept] = 0;
    let closed = 0;
    for (let descriptor = owners.indexOf(worker + 1); descriptor >= 0;) {
      owners[descriptor] = 0;
      close(descriptor);
      closed++;
      descriptor = owners.indexOf(worker + 1, descriptor + 1);
    }
    return closed;
  }

  /** Closes what closeOf() kept. */
  async close(descriptor: number): Promise<void> {
    const { close } = await import("../sys/libc.ts");
    close(descriptor);
  }
}
