// One name that servers have: the address in use, the last problem with it, and when it is asked
// for again. It asks nobody itself and starts no timer; names.ts does.
import type { ResolvePlan } from "../../config/plan.ts";
import { type Answer, type HostAddress, sameHost } from "./answer.ts";

/** Bounds of a TTL: below, a name server would be asked all the time; above, a slip lasts a day. */
const ttlMinMs = 1000;
const ttlMaxMs = 3_600_000;
/** Where nobody says how long an answer holds; HAProxy's `hold valid`. */
const untoldMs = 10_000;
const backoffMinMs = 1000;
const backoffMaxMs = 30_000;

export class Name {
  readonly host: string;
  /** In use, also while nobody confirms it any more; null until the name has resolved. */
  address: HostAddress | null;
  /** Why the last question failed; empty: it did not. */
  problem: string;
  /** Failed questions in a row. */
  failures: number;
  /** When to ask again, on performance.now()'s clock. */
  dueMs: number;
  timer: NodeJS.Timeout | undefined;
  /** The question under way. */
  asking: Promise<void> | null;

  constructor(host: string, address: HostAddress | null) {
    this.host = host;
    this.address = address;
    this.problem = "";
    this.failures = 0;
    this.dueMs = -Infinity;
    this.timer = undefined;
    this.asking = null;
  }

  /**
   * Takes an answer. The address in use stays while it is among several, so that answers in
   * changing order move nobody; else the first is taken. True: it is another one now.
   */
  learn(answer: Answer, plan: ResolvePlan, nowMs: number): boolean {
    const { addresses, ttlMs, missing } = answer;
    const { address } = this;
    const waitMs = plan.intervalMs > 0 ? plan.intervalMs : boundedTtl(ttlMs);
    this.problem = "";
    this.failures = 0;
    this.dueMs = nowMs + waitMs;
    if (address !== null) {
      const unknown = missing === address.family;
      if (unknown || addresses.some((one) => sameHost(one, address))) return false;
    }
    this.address = addresses[0] ?? null;
    return !sameHost(address, this.address);
  }

  /** Takes a failure; the address stays. True: it is the first after an answer. */
  fail(problem: string, plan: ResolvePlan, nowMs: number): boolean {
    const first = this.problem === "";
    const backoffMs = Math.min(backoffMinMs * 2 ** this.failures, backoffMaxMs);
    const waitMs = plan.intervalMs > 0 ? Math.min(plan.intervalMs, backoffMs) : backoffMs;
    this.problem = problem;
    this.failures++;
    this.dueMs = nowMs + waitMs;
    return first;
  }
}

function boundedTtl(ttlMs: number | null): number {
  if (ttlMs === null) return untoldMs;
  return Math.min(Math.max(ttlMs, ttlMinMs), ttlMaxMs);
}
