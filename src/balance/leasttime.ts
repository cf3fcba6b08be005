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

/**
 * Servers looked at in one turn of the loop, as long as none of them is better. V8 (11.3) checks
 * the arrays anew in every turn (kind, length, address); when eight servers share that, a pick among
 * 1,000 takes 1.2 us instead of 2.1.
 */
const strideServers = 8;

/** Of one session more on a candidate; a plain function with all at hand, so that it is inlined. */
function costOf(
  cells: Int32Array,
  places: Int32Array,
  costs: Float64Array,
  beside: number,
  candidate: number,
): number {
  const place = places[candidate] as number;
  const sessions = (cells[place] as number) + (cells[place + beside] as number) + 1;
  return (sessions | 0) * (costs[candidate] as number);
}

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

  /** The first of the cheapest from `start` on, around the end. */
  private least(start: number, excluded: Uint8Array | null): number {
    const { count, costs, loads } = this;
    const { cells, places } = loads;
    // An imported constant is read, and asked whether it is set yet, at every use.
    const beside = queuedBeside;
    let best = -1;
    let bestCost = Infinity;
    for (let part = 0; part < 2; part++) {
      const end = (part === 0 ? count : start) | 0;
      let candidate = (part === 0 ? start : 0) | 0;
      while (candidate < end) {
        let next = (candidate + strideServers) | 0;
        if (next > end) next = end;
        else if (
          costOf(cells, places, costs, beside, candidate) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 1) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 2) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 3) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 4) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 5) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 6) >= bestCost &&
          costOf(cells, places, costs, beside, candidate + 7) >= bestCost
        ) {
          candidate = next;
          continue;
        }
        for (; candidate < next; candidate++) {
          const cost = costOf(cells, places, costs, beside, candidate);
          if (cost >= bestCost) continue;
          if (excluded !== null && excluded[candidate] !== 0) continue;
          best = candidate;
          bestCost = cost;
        }
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
