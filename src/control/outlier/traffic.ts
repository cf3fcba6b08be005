// What one interval's traffic says of a backend's servers: too many failures, or connects much
// slower than those of the others. Arithmetic on counters only; who is ejected for it, and for how
// long, is decided in backend-outliers.ts.
import type { OutlierPlan } from "../../config/plan.ts";
import { serverField } from "../../scoreboard/fields.ts";
import type { Scoreboard } from "../../scoreboard/scoreboard.ts";

/**
 * A mean that is slower by less says more about our own event loop than about the server: connects
 * are timed from turn to turn.
 */
export const slownessMinMs = 1;

/** Of one server: since its row was cleared, or in one interval. */
export interface Traffic {
  /** Connects that were answered, one way or the other. */
  readonly attempts: number;
  /** Of these: refused, timed out, or reset before the first byte. */
  readonly failures: number;
  readonly established: number;
  /** What the established ones took, summed. */
  readonly connectMs: number;
}

export function readTraffic({ servers }: Scoreboard, row: number): Traffic {
  const established = servers.sum(row, serverField.sessions);
  const failed =
    servers.sum(row, serverField.connectFailures) + servers.sum(row, serverField.connectTimeouts);
  return {
    attempts: established + failed,
    failures: failed + servers.sum(row, serverField.earlyAborts),
    established,
    connectMs: servers.sum(row, serverField.connectMs),
  };
}

export function trafficSince(now: Traffic, before: Traffic): Traffic {
  return {
    attempts: now.attempts - before.attempts,
    failures: now.failures - before.failures,
    established: now.established - before.established,
    connectMs: now.connectMs - before.connectMs,
  };
}

/** A candidate for ejection, and why, for people. `T`: whatever stands for a server. */
export interface Verdict<T> {
  readonly of: T;
  readonly reason: string;
  /** The worse, the higher; failures are worse than slowness. */
  readonly severity: number;
}

/** All that one interval says, the worst first: not all of them may be ejected. */
export function judge<T>(
  traffic: ReadonlyMap<T, Traffic>,
  plan: OutlierPlan,
): readonly Verdict<T>[] {
  const verdicts = [...failing(traffic, plan), ...slow(traffic, plan)];
  return verdicts.toSorted((a, b) => b.severity - a.severity);
}

function failing<T>(traffic: ReadonlyMap<T, Traffic>, plan: OutlierPlan): Verdict<T>[] {
  const { errorRate, minSessions, intervalMs } = plan;
  if (errorRate === 0) return [];
  return [...traffic].flatMap(([of, { attempts, failures }]) => {
    if (attempts === 0 || attempts < minSessions) return [];
    // A session of the interval before may have broken in this one.
    const percent = Math.min(100, (failures * 100) / attempts);
    if (percent < errorRate) return [];
    const seconds = intervalMs / 1000;
    const reason = `${Math.round(percent)} % of ${attempts} sessions failed in ${seconds} s`;
    return [{ of, reason, severity: 1e6 + percent }];
  });
}

function slow<T>(traffic: ReadonlyMap<T, Traffic>, plan: OutlierPlan): Verdict<T>[] {
  const { latencyFactor, minSessions } = plan;
  if (latencyFactor === 0) return [];
  const means = [...traffic]
    .filter(([, { established }]) => established > 0 && established >= minSessions)
    .map(([of, { connectMs, established }]) => ({ of, ms: connectMs / established }))
    .toSorted((a, b) => a.ms - b.ms);
  const sorted = means.map(({ ms }) => ms);
  return means.flatMap(({ of, ms }, i) => {
    const median = medianWithout(sorted, i);
    if (median === null || ms - median < slownessMinMs || ms < latencyFactor * median) return [];
    const reason = `connects take ${ms.toFixed(1)} ms, its peers' median is ${median.toFixed(1)} ms`;
    return [{ of, reason, severity: Math.min(ms / Math.max(median, 0.001), 1e6) }];
  });
}

/** The median of sorted numbers without the one at `index`; null when no other is there. */
export function medianWithout(sorted: readonly number[], index: number): number | null {
  const peers = sorted.length - 1;
  if (peers < 1) return null;
  const at = (i: number): number => sorted[i < index ? i : i + 1] as number;
  return (at((peers - 1) >> 1) + at(peers >> 1)) / 2;
}
