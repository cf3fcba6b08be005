// What a worker has to say to the operator: filtered by level before it costs anything, and lasting
// conditions told now and then instead of each time. The control plane writes it to its log.
import { formatAddress } from "../config/address.ts";
import type { LogLevel } from "../config/plan.ts";
import type { Listener, Reactor } from "../reactor/reactor.ts";
import type { Frontend } from "./accept/frontend.ts";

/** Something for the process log. */
export interface Report {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** A limit that stays reached, or is reached again and again, is told this often. */
const repeatMs = 60_000;

export class Reports {
  readonly #reactor: Reactor;
  readonly #ship: (report: Report) => void;
  #level: number;
  /** When each lasting condition was last told. */
  readonly #toldMs: Map<string, number>;

  constructor(reactor: Reactor, ship: (report: Report) => void) {
    this.#reactor = reactor;
    this.#ship = ship;
    this.#level = levels.indexOf("info");
    this.#toldMs = new Map();
  }

  configure(level: LogLevel): void {
    this.#level = levels.indexOf(level);
  }

  /** Below the level nothing is sent, so a flood of these costs nothing. */
  tell(report: Report): void {
    if (levels.indexOf(report.level) >= this.#level) this.#ship(report);
  }

  /** True when a condition that comes and goes is to be told again. */
  mayRepeat(subject: string): boolean {
    const { nowMs } = this.#reactor;
    if (nowMs - (this.#toldMs.get(subject) ?? -Infinity) < repeatMs) return false;
    this.#toldMs.set(subject, nowMs);
    return true;
  }

  /** Descriptors ran out while this frontend accepted. */
  exhausted(frontend: Frontend, listener: Listener, message: string): void {
    if (!this.mayRepeat(`exhausted ${frontend.name}`)) return;
    this.tell({
      level: "error",
      message:
        `frontend ${frontend.name} cannot accept: ${message}; connections wait in the kernel's ` +
        `backlog and accepting goes on as soon as descriptors are free`,
      fields: { frontend: frontend.name, address: formatAddress(listener.address) },
    });
  }

  /** A frontend stopped accepting because a limit is reached: its own, or the process's. */
  full(frontend: Frontend, processMax: number | null): void {
    if (!this.mayRepeat(processMax === null ? frontend.name : "")) return;
    const limit = processMax ?? frontend.plan.maxconn;
    const what =
      processMax === null
        ? `frontend ${frontend.name} is at its maxconn of`
        : "the process is at its limit of";
    this.tell({
      level: "warn",
      message: `${what} ${limit} sessions; further connections wait in the kernel's backlog`,
      fields: { frontend: frontend.name, limit },
    });
  }
}
