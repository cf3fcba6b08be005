// What a worker has to say to the operator: filtered by level before it costs anything, and lasting
// conditions told now and then instead of each time. The control plane writes it to its log.
import { formatAddress, type SocketAddress } from "../config/address.ts";
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
/** What clients bring about is told so often in so much time, by each worker. */
const floodLines = 10;
const floodMs = 1000;

export class Reports {
  readonly #reactor: Reactor;
  readonly #ship: (report: Report) => void;
  #level: number;
  /** When each lasting condition was last told. */
  readonly #toldMs: Map<string, number>;
  /** Since when, and how many, in the second at hand. */
  #floodMs: number;
  #flood: number;
  #untold: number;

  constructor(reactor: Reactor, ship: (report: Report) => void) {
    this.#reactor = reactor;
    this.#ship = ship;
    this.#level = levels.indexOf("info");
    this.#toldMs = new Map();
    this.#floodMs = -Infinity;
    this.#flood = 0;
    this.#untold = 0;
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

  /** A client could not agree on TLS with us. A flood of these is told by its number. */
  handshakeFailed(frontend: Frontend, client: SocketAddress, problem: string): void {
    const { nowMs } = this.#reactor;
    if (nowMs - this.#floodMs >= floodMs) {
      this.#floodMs = nowMs;
      this.#flood = 0;
    }
    this.#flood++;
    if (this.#flood > floodLines) {
      this.#untold++;
      return;
    }
    const more = this.#untold > 0 ? ` (${this.#untold} more before it were not told)` : "";
    this.#untold = 0;
    const peer = formatAddress(client);
    this.tell({
      level: "info",
      message: `frontend ${frontend.name}: TLS handshake with ${peer} failed: ${problem}${more}`,
      fields: { frontend: frontend.name, peer, problem },
    });
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
