// When an exchange of a backend may be tried again: the causes that its configuration names, and a
// budget, so that a backend in trouble is not given several times the load it cannot bear.
import type { RetryCause, RetryPlan } from "../../config/http-plan.ts";

/** Why an attempt came to nothing. */
export const Cause = {
  emptyResponse: 0,
  junkResponse: 1,
  responseTimeout: 2,
  /** The response's status. */
  status: 3,
} as const;
export type Cause = (typeof Cause)[keyof typeof Cause];

const words: Readonly<Record<Exclude<Cause, typeof Cause.status>, RetryCause>> = {
  [Cause.emptyResponse]: "emptyResponse",
  [Cause.junkResponse]: "junkResponse",
  [Cause.responseTimeout]: "responseTimeout",
};

/** Over this time exchanges and retries are counted for the budget. */
const windowMs = 10_000;

export class RetryRules {
  readonly attempts: number;
  readonly nonIdempotent: boolean;
  /** Bytes of a body that are kept to be sent again. */
  readonly bodyBytes: number;
  readonly #causes: readonly boolean[];
  /** Index: the status; 1: it is tried again. */
  readonly #statuses: Uint8Array;
  /** Some status is: else a response need not be looked at. */
  readonly #anyStatus: boolean;
  readonly #percent: number;
  readonly #always: number;
  #windowMs: number;
  #exchanges: number;
  #retries: number;

  constructor(plan: RetryPlan) {
    this.attempts = plan.attempts;
    this.nonIdempotent = plan.nonIdempotent;
    this.bodyBytes = plan.bodyBytes;
    const causes = [Cause.emptyResponse, Cause.junkResponse, Cause.responseTimeout] as const;
    this.#causes = causes.map((cause) => plan.on.includes(words[cause]));
    this.#statuses = new Uint8Array(600);
    for (const cause of plan.on) if (typeof cause === "number") this.#statuses[cause] = 1;
    this.#anyStatus = this.#statuses.includes(1);
    this.#percent = plan.budgetPercent;
    this.#always = (plan.budgetMin * windowMs) / 1000;
    this.#windowMs = 0;
    this.#exchanges = 0;
    this.#retries = 0;
  }

  wants(cause: Cause, status: number): boolean {
    if (cause !== Cause.status) return this.#causes[cause] as boolean;
    return this.#anyStatus && this.#statuses[status] === 1;
  }

  /** One more exchange, which is what the budget is a share of. */
  note(nowMs: number): void {
    this.#turn(nowMs);
    this.#exchanges++;
  }

  /** Takes a retry out of the budget; false: it is used up. */
  spend(nowMs: number): boolean {
    if (this.#percent === 0) return true;
    this.#turn(nowMs);
    const allowed = Math.max(this.#always, (this.#exchanges * this.#percent) / 100);
    if (this.#retries >= allowed) return false;
    this.#retries++;
    return true;
  }

  /** Half of what was counted stays, so that a window does not begin with nothing. */
  #turn(nowMs: number): void {
    if (nowMs - this.#windowMs < windowMs) return;
    const past = nowMs - this.#windowMs >= 2 * windowMs ? 0 : 0.5;
    this.#windowMs = nowMs;
    this.#exchanges = Math.floor(this.#exchanges * past);
    this.#retries = Math.floor(this.#retries * past);
  }
}
