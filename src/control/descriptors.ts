// Descriptors of the whole process: how many sessions they allow, and whose they are. A session
// takes two. A worker thread that dies leaves its descriptors open, because they are the
// process's; the table of owners says which to close.
import type { Plan, ReactorKind } from "../config/plan.ts";

/** Node itself, the logs, the control plane's own sockets. */
const processReserve = 128;
/** Pipes for splicing (128), the reserve for connects (64), epoll, a waker, listeners. */
const workerReserve = 224;
/** Where the limit is unknown or infinite, more than this is not planned with. */
const descriptorsMax = 1024 * 1024;

export class Descriptors {
  /** How many this process may have. */
  readonly limit: number;
  /** By descriptor: 1 + the worker that opened it; 0: the control plane's, or closed. */
  readonly owners: SharedArrayBuffer;

  constructor(limit: number) {
    this.limit = Math.min(limit, descriptorsMax);
    this.owners = new SharedArrayBuffer(this.limit);
  }

  /** Raises the limit as far as this process may, and reads it. */
  static async open(reactor: ReactorKind): Promise<Descriptors> {
    if (reactor === "node") return new Descriptors(descriptorsMax);
    const { raiseDescriptorLimit } = await import("../sys/descriptor-limit.ts");
    return new Descriptors(raiseDescriptorLimit());
  }

  /** Sessions that fit at once. */
  sessionsMax(workers: number): number {
    return Math.max(1, Math.floor((this.limit - processReserve - workers * workerReserve) / 2));
  }

  /** A sentence for every frontend whose maxconn cannot be held. */
  complaints(plan: Plan, workers: number): string[] {
    const possible = this.sessionsMax(workers);
    return plan.frontends
      .filter(({ maxconn }) => maxconn > possible)
      .map(
        ({ name, maxconn }) =>
          `frontend ${name}: maxconn ${maxconn} would need ${maxconn * 2} descriptors, and this ` +
          `process may have ${this.limit} (ulimit -n), enough for ${possible} sessions; raise the ` +
          `limit (LimitNOFILE in systemd, nofile in limits.conf) or lower maxconn`,
      );
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
