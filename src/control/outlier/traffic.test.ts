import { describe, expect, test } from "vitest";
import type { OutlierPlan } from "../../config/plan.ts";
import { judge, medianWithout, type Traffic, trafficSince } from "./traffic.ts";

const off: OutlierPlan = {
  consecutiveErrors: 0,
  errorRate: 0,
  latencyFactor: 0,
  minSessions: 10,
  intervalMs: 10_000,
  ejectForMs: 30_000,
  ejectForMaxMs: 300_000,
  maxEjectedPercent: 50,
};
const byRate = { ...off, errorRate: 30 };
const byLatency = { ...off, latencyFactor: 3 };

function traffic(attempts: number, failures: number, meanMs = 1): Traffic {
  const established = attempts - failures;
  return { attempts, failures, established, connectMs: established * meanMs };
}

function judged(plan: OutlierPlan, servers: Record<string, Traffic>): [string, string][] {
  return judge(new Map(Object.entries(servers)), plan).map(({ of, reason }) => [of, reason]);
}

test("the median of peers leaves oneself out", () => {
  expect(medianWithout([7], 0)).toBe(null);
  expect(medianWithout([1, 9], 0)).toBe(9);
  expect(medianWithout([1, 9], 1)).toBe(1);
  expect(medianWithout([1, 2, 9], 2)).toBe(1.5);
  expect(medianWithout([1, 2, 3, 9], 1)).toBe(3);
  expect(medianWithout([1, 2, 3, 9], 3)).toBe(2);
});

test("an interval is what has come since the one before", () => {
  const before: Traffic = { attempts: 10, failures: 1, established: 9, connectMs: 20 };
  const now: Traffic = { attempts: 25, failures: 4, established: 21, connectMs: 50 };
  const since = { attempts: 15, failures: 3, established: 12, connectMs: 30 };
  expect(trafficSince(now, before)).toEqual(since);
});

describe("error rate", () => {
  test("at or above the limit is told in words", () => {
    const servers = { s1: traffic(120, 46), s2: traffic(100, 30), s3: traffic(100, 29) };
    expect(judged(byRate, servers)).toEqual([
      ["s1", "38 % of 120 sessions failed in 10 s"],
      ["s2", "30 % of 100 sessions failed in 10 s"],
    ]);
  });

  test("says nothing below minSessions, of no traffic at all, or when it is off", () => {
    const servers = { s1: traffic(9, 9), s2: traffic(0, 0) };
    expect(judged(byRate, servers)).toEqual([]);
    expect(judged({ ...byRate, minSessions: 0 }, { s2: traffic(0, 0) })).toEqual([]);
    expect(judged(off, { s1: traffic(100, 100) })).toEqual([]);
  });

  test("is never more than all: sessions of the interval before may have broken in this one", () => {
    const servers = { s1: { attempts: 10, failures: 14, established: 10, connectMs: 0 } };
    expect(judged(byRate, servers)[0]?.[1]).toBe("100 % of 10 sessions failed in 10 s");
  });
});

describe("latency", () => {
  test("a multiple of the peers' median is told in words", () => {
    const servers = {
      s1: traffic(20, 0, 1),
      s2: traffic(20, 0, 1.2),
      s3: traffic(20, 0, 12),
    };
    expect(judged(byLatency, servers)).toEqual([
      ["s3", "connects take 12.0 ms, its peers' median is 1.1 ms"],
    ]);
  });

  test("one slow peer does not hide another", () => {
    const servers = {
      s1: traffic(20, 0, 1),
      s2: traffic(20, 0, 1),
      s3: traffic(20, 0, 1),
      s4: traffic(20, 0, 30),
      s5: traffic(20, 0, 40),
    };
    expect(judged(byLatency, servers).map(([of]) => of)).toEqual(["s5", "s4"]);
  });

  test("less than a millisecond more says nothing, whatever the factor", () => {
    expect(judged(byLatency, { s1: traffic(20, 0, 0.1), s2: traffic(20, 0, 1) })).toEqual([]);
    expect(judged(byLatency, { s1: traffic(20, 0, 0.1), s2: traffic(20, 0, 1.2) }).length).toBe(1);
  });

  test("says nothing without peers, below minSessions, or when it is off", () => {
    const slow = traffic(20, 0, 50);
    expect(judged(byLatency, { s1: slow })).toEqual([]);
    expect(judged(byLatency, { s1: slow, s2: traffic(9, 0, 1) })).toEqual([]);
    expect(judged(byLatency, { s1: traffic(9, 0, 50), s2: traffic(20, 0, 1) })).toEqual([]);
    expect(judged(off, { s1: slow, s2: traffic(20, 0, 1) })).toEqual([]);
  });
});

test("the worst comes first, and failures are worse than slowness", () => {
  const servers = {
    s1: traffic(100, 0, 1),
    s2: traffic(100, 0, 90),
    s3: traffic(100, 40, 1),
    s4: traffic(100, 80, 1),
    s5: traffic(100, 0, 1),
  };
  const plan = { ...byRate, latencyFactor: 3 };
  expect(judged(plan, servers).map(([of]) => of)).toEqual(["s4", "s3", "s2"]);
});
