import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { latencyDecayMs, observeLatency } from "./latency.ts";
import { leasttime, surveyEveryMs } from "./leasttime.ts";
import { policyConformance, request, stage, type Stage } from "./policy.conformance.ts";
import { PickRequest } from "./policy.ts";

// Without measured times it is leastconn with one session more on each: small weights get a little
// less than their share, as one session on them is much.
policyConformance("leasttime", () => leasttime, 0.35);

function observe(on: Stage, index: number, sampleUs: number, nowMs: number): void {
  const board = on.workers[index % 3] as (typeof on.workers)[number];
  observeLatency(board, on.candidates.rows[index] as number, sampleUs, nowMs);
}

function begin(on: Stage, index: number, delta = 1, field = serverField.active): void {
  on.workers[0]?.servers.gaugeAdd(on.candidates.rows[index] as number, field, delta);
}

function pickAt(on: Stage, nowMs: number, excluded: readonly number[] | null = null): number {
  const asked = excluded === null ? new PickRequest() : request(excluded, on.candidates.count);
  asked.nowMs = nowMs;
  return on.pickers[0]?.pick(asked) as number;
}

interface Run {
  /** Sessions that each server got. */
  readonly counts: number[];
  /** Most sessions that a server had at once. */
  readonly peaks: number[];
}

/**
 * Sessions begin every `everyMs` from `fromMs` on; a server's connect takes `latencyMs(server)`,
 * and the session as long again. Everything is events in order of time.
 */
function run(
  on: Stage,
  span: { readonly fromMs: number; readonly toMs: number; readonly everyMs: number },
  latencyMs: (server: number, nowMs: number) => number,
): Run {
  const events: { readonly atMs: number; readonly act: () => void }[] = [];
  const servers = on.candidates.count;
  const counts = Array.from({ length: servers }, () => 0);
  const peaks = Array.from({ length: servers }, () => 0);
  const active = Array.from({ length: servers }, () => 0);
  const due = (nowMs: number): void => {
    while (events[0] !== undefined && events[0].atMs <= nowMs) events.shift()?.act();
  };
  const later = (atMs: number, act: () => void): void => {
    const behind = events.findIndex((event) => event.atMs > atMs);
    events.splice(behind === -1 ? events.length : behind, 0, { atMs, act });
  };
  for (let nowMs = span.fromMs; nowMs < span.toMs; nowMs += span.everyMs) {
    due(nowMs);
    const server = pickAt(on, nowMs);
    const took = latencyMs(server, nowMs);
    begin(on, server);
    active[server] = (active[server] as number) + 1;
    counts[server] = (counts[server] as number) + 1;
    peaks[server] = Math.max(peaks[server] as number, active[server]);
    later(nowMs + took, () => observe(on, server, took * 1000, nowMs + took));
    later(nowMs + 2 * took, () => {
      begin(on, server, -1);
      active[server] = (active[server] as number) - 1;
    });
  }
  due(Infinity);
  return { counts, peaks };
}

describe("leasttime", () => {
  it("multiplies the time by the sessions, active and queued, with the new one", () => {
    const on = stage(leasttime, [1, 1]);
    observe(on, 0, 1000, 0);
    observe(on, 1, 3100, 0);
    begin(on, 0, 1);
    expect(pickAt(on, 10)).toBe(0);
    begin(on, 0, 1, serverField.queued);
    expect(pickAt(on, 10)).toBe(0);
    begin(on, 0, 1);
    expect(pickAt(on, 10)).toBe(1);
    expect(pickAt(on, 10, [1])).toBe(0);
  });

  it("picks the first of the cheapest from the cursor on, among any number", () => {
    const server = fc.record({
      weight: fc.integer({ min: 1, max: 3 }),
      timeUs: fc.integer({ min: 1, max: 4 }).map((times) => times * 600),
      active: fc.nat({ max: 5 }),
      queued: fc.nat({ max: 2 }),
      tried: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
    });
    const servers = fc.array(server, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(servers, fc.nat({ max: 100 }), (all, cursor) => {
        const on = stage(
          leasttime,
          all.map(({ weight }) => weight),
        );
        for (const [i, { timeUs, active, queued }] of all.entries()) {
          observe(on, i, timeUs, 0);
          begin(on, i, active);
          begin(on, i, queued, serverField.queued);
        }
        on.control.backends.store(on.backend, backendField.cursor, cursor);
        const fromCursor = [...all.keys()].map((i) => (i + cursor) % all.length);
        let wanted = -1;
        let least = Infinity;
        for (const i of fromCursor) {
          const { weight, timeUs, active, queued, tried } = all[i] as (typeof all)[number];
          const cost = (active + queued + 1) * (timeUs / weight);
          if (tried || cost >= least) continue;
          wanted = i;
          least = cost;
        }
        const tried = [...all.keys()].filter((i) => all[i]?.tried);
        expect(pickAt(on, 0, tried)).toBe(wanted);
      }),
      { numRuns: 300 },
    );
  });

  it("overlooks nobody, wherever the only better one stands and the search begins", () => {
    const servers = 37;
    const on = stage(leasttime, Array(servers).fill(1));
    for (let i = 0; i < servers; i++) begin(on, i, 2);
    for (let better = 0; better < servers; better++) {
      begin(on, better, -1);
      for (let cursor = 0; cursor < servers; cursor++) {
        on.control.backends.store(on.backend, backendField.cursor, cursor);
        expect(pickAt(on, 0)).toBe(better);
      }
      begin(on, better, 1);
    }
  });

  it("divides by the weight", () => {
    const on = stage(leasttime, [100, 400]);
    observe(on, 0, 1000, 0);
    observe(on, 1, 3900, 0);
    expect(pickAt(on, 0)).toBe(1);
    observe(on, 1, 4100, 0);
    expect(pickAt(on, surveyEveryMs)).toBe(0);
  });

  it("takes a server that was never measured for the mean of the others", () => {
    const on = stage(leasttime, [1, 1, 1]);
    observe(on, 0, 1000, 0);
    observe(on, 1, 5000, 0);
    // The third counts as 3000: better than the second, worse than the first.
    expect(pickAt(on, 0)).toBe(0);
    expect(pickAt(on, 0, [0])).toBe(2);
    begin(on, 0, 3);
    expect(pickAt(on, 0)).toBe(2);
  });

  it("takes turns while nobody is measured, and among equals", () => {
    const on = stage(leasttime, [1, 1, 1]);
    expect([0, 1, 2, 3].map(() => pickAt(on, 0))).toEqual([0, 1, 2, 0]);
    for (const index of [0, 1, 2]) observe(on, index, 700, 50);
    expect([0, 1, 2, 3].map(() => pickAt(on, 50))).toEqual([1, 2, 0, 1]);
  });

  it("never takes a faded estimate for better than the best that was measured", () => {
    const on = stage(leasttime, [1, 1]);
    observe(on, 0, 500_000, 0);
    const muchLater = 100 * latencyDecayMs;
    observe(on, 1, 1000, muchLater);
    // The slow one has faded to nothing and counts as 1000, as the other does: so they take turns
    // by load, and the slow one gets one session and not all of them.
    const picked = Array.from({ length: 6 }, () => {
      const server = pickAt(on, muchLater);
      begin(on, server);
      return server;
    });
    expect(picked.filter((server) => server === 0).length).toBe(3);
  });

  it("finds the slow server and gives it little", () => {
    const on = stage(leasttime, Array(5).fill(1));
    const times = { fromMs: 0, toMs: 180_000, everyMs: 4 };
    const { counts } = run(on, times, (server) => (server === 2 ? 400 : 4));
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(counts[2]).toBeLessThan(total / 500);
    // Never none: each probe tells whether it has recovered.
    expect(counts[2]).toBeGreaterThanOrEqual(4);
  });

  it("lets it recover: soon after it is fast again it has its share", () => {
    const on = stage(leasttime, Array(5).fill(1));
    const slowUntilMs = 60_000;
    const latency = (server: number, nowMs: number): number =>
      server === 2 && nowMs < slowUntilMs ? 400 : 4;
    run(on, { fromMs: 0, toMs: slowUntilMs, everyMs: 4 }, latency);
    run(on, { fromMs: slowUntilMs, toMs: 150_000, everyMs: 4 }, latency);
    const { counts } = run(on, { fromMs: 150_000, toMs: 180_000, everyMs: 4 }, latency);
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(counts[2]).toBeGreaterThan(total / 10);
  });

  it("does not herd onto a slow server that was away for long", () => {
    const on = stage(leasttime, Array(5).fill(1));
    observe(on, 2, 400_000, 0);
    const later = 10 * 60_000;
    for (const index of [0, 1, 3, 4]) observe(on, index, 4000, later);
    const times = { fromMs: later, toMs: later + 2000, everyMs: 1 };
    const { counts, peaks } = run(on, times, (server) => (server === 2 ? 400 : 4));
    // Until its first answer 400 sessions begin; it gets no more than the others have at once.
    expect(peaks[2]).toBeLessThanOrEqual(Math.max(...peaks.filter((_, i) => i !== 2)) + 1);
    expect(counts[2]).toBeLessThan(20);
  });
});
