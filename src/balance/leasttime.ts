// leasttime: the server where a session is expected to be served soonest: its response time times
// the sessions it would have, for its weight. The times are those of latency.ts, seen by all workers
// together. Equals have turns in round robin, as in leastconn.
import { backendField } from "../scoreboard/fields.ts";
import type { Table } from "../scoreboard/table.ts";
import { fadedLatency } from "./latency.ts";
import { latencyAtBeside, latencyBeside, Loads, queuedBeside } from "./loads.ts";
import type { Candidates, Picker, PickRequest, Policy, PolicyContext } from "./policy.ts";

/**
 * Estimates are looked at once in so long, loads at every pick: an exponential for each of 1,000
 * servers costs several times what the rest of a pick does.
 */
export const surveyEveryMs = 10;

class LeastTime implements Picker {
  private readonly count: number;
  private readonly loads: Loads;
  private readonly backends: Table<"backend">;
  private readonly backend: number;
  private readonly weights: Int32Array;
  private surveyedAtMs: number;
  /** What one session more costs on an otherwise idle server: estimate / weight, by candidate. */
  private readonly costs: Float64Array;

  constructor(candidates: Candidates, context: PolicyContext) {
    this.count = candidates.count;
    this.loads = new Loads(candidates, context.board);
    this.backends = context.board.backends;
    this.backend = context.backend;
    this.weights = candidates.weights;
    this.surveyedAtMs = -Infinity;
    this.costs = new Float64Array(candidates.count);
  }

  pick(request: PickRequest): number {
    const { count } = this;
    if (count === 0) return -1;
    const { nowMs } = request;
    if (Math.abs(nowMs - this.surveyedAtMs) >= surveyEveryMs) this.survey(nowMs);
    // See leastconn for the cursor.
    const cursor = this.backends.fetchAdd(this.backend, backendField.cursor, 1);
    const best = this.least((cursor >>> 0) % count, request.excluded);
    this.backends.replace(this.backend, backendField.cursor, (cursor + 1) | 0, best + 1);
    return best;
  }

  private least(start: number, excluded: Uint8Array | null): number {
    const { count, costs } = this;
    const { cells, places } = this.loads;
    let best = -1;
    let bestCost = Infinity;
    for (let part = 0; part < 2; part++) {
      const end = part === 0 ? count : start;
      for (let candidate = part === 0 ? start : 0; candidate < end; candidate++) {
        const place = places[candidate] as number;
        const load = ((cells[place] as number) + (cells[place + queuedBeside] as number)) | 0;
        const cost = (load + 1) * (costs[candidate] as number);
        if (cost >= bestCost) continue;
        if (excluded !== null && excluded[candidate] !== 0) continue;
        best = candidate;
        bestCost = cost;
      }
    }
    return best;
  }

  /**
   * An idle server's estimate fades, so that a slow one is tried again (else it would never show
   * that it has recovered). But nobody counts as better than the best that was measured: who was
   * out for long would otherwise take every session until its first answer. A server that was
   * never measured is taken for the mean.
   */
  private survey(nowMs: number): void {
    const { cells, places } = this.loads;
    const { costs, weights } = this;
    this.surveyedAtMs = nowMs;
    let bestUs = Infinity;
    for (const place of places) {
      const measuredUs = cells[place + latencyBeside] as number;
      if (measuredUs !== 0 && measuredUs < bestUs) bestUs = measuredUs;
    }
    let sum = 0;
    let known = 0;
    for (let candidate = 0; candidate < this.count; candidate++) {
      const place = places[candidate] as number;
      const measuredUs = cells[place + latencyBeside] as number;
      costs[candidate] = 0;
      if (measuredUs === 0) continue;
      const fadedUs = fadedLatency(measuredUs, cells[place + latencyAtBeside] as number, nowMs);
      const estimateUs = Math.max(bestUs, fadedUs);
      costs[candidate] = estimateUs / (weights[candidate] as number);
      sum += estimateUs;
      known++;
    }
    const meanUs = known === 0 ? 1 : sum / known;
    for (let candidate = 0; candidate < this.count; candidate++) {
      if (costs[candidate] === 0) costs[candidate] = meanUs / (weights[candidate] as number);
    }
  }
}

export const leasttime: Policy = {
  name: "leasttime",
  summary: "takes the server with the lowest response time x (sessions + 1) for its weight",
  prepare: (candidates: Candidates, context: PolicyContext): Picker =>
    new LeastTime(candidates, context),
};
