import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { boundOf } from "./bounded-load.ts";
import { keyed, request, stage, type Stage } from "./policy.conformance.ts";
import { randomBelow, seededRandom } from "./random.ts";
import { hashMethodNames, policyNamed } from "./registry.ts";

function loadOf(on: Stage, server: number): number {
  const row = on.candidates.rows[server] as number;
  return (
    on.control.servers.gauge(row, serverField.active) +
    on.control.servers.gauge(row, serverField.queued)
  );
}

function add(on: Stage, server: number, delta: number, field = serverField.active): void {
  on.workers[0]?.servers.gaugeAdd(on.candidates.rows[server] as number, field, delta);
  on.workers[0]?.backends.gaugeAdd(on.backend, backendField.placed, delta);
}

function bounded(method: string, weights: readonly number[], boundedLoad: number): Stage {
  return stage(policyNamed(method), weights, 1, { boundedLoad });
}

describe("the bound", () => {
  it("is the factor times the mean with one session more, by weight, rounded up", () => {
    expect(boundOf(1.25, 7, 1, 4)).toBe(3);
    expect(boundOf(1, 7, 1, 4)).toBe(2);
    expect(boundOf(2, 0, 1, 1000)).toBe(1);
    expect(boundOf(1.5, 9, 3, 5)).toBe(9);
    // 1.1 x 10 / 11 is a little more than 1 in binary fractions.
    expect(boundOf(1.1, 9, 1, 11)).toBe(1);
  });
});

describe.each(hashMethodNames)("%s with boundedLoad", (method) => {
  it("never brings a server above its bound, whatever comes and goes", () => {
    const setup = fc.record({
      weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
      factor: fc.constantFrom(1, 1.05, 1.25, 2),
      hotKeys: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(setup, ({ weights, factor, hotKeys, seed }) => {
        const on = bounded(method, weights, factor);
        const random = seededRandom(seed);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const held: number[] = [];
        for (let i = 0; i < 120; i++) {
          const key = randomBelow(random, 3) === 0 ? random.next() : randomBelow(random, hotKeys);
          const server = on.pickers[i % 3]?.pick(keyed(key)) as number;
          const bound = boundOf(factor, held.length, weights[server] as number, total);
          expect(loadOf(on, server) + 1).toBeLessThanOrEqual(bound);
          add(on, server, 1);
          held.push(server);
          if (randomBelow(random, 3) > 0) continue;
          add(on, held.splice(randomBelow(random, held.length), 1)[0] as number, -1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("leaves every key where it is while no server is near its bound", () => {
    const on = bounded(method, Array(8).fill(100), 1.5);
    const free = stage(policyNamed(method), Array(8).fill(100));
    for (let server = 0; server < 8; server++) add(on, server, 20 + (server % 3));
    const random = seededRandom(5);
    for (let i = 0; i < 1000; i++) {
      const asked = keyed(random.next());
      expect(on.pickers[0]?.pick(asked)).toBe(free.pickers[0]?.pick(asked));
    }
  });

  it("picks as the method alone does with the full ones excluded too", () => {
    const server = fc.record({
      weight: fc.integer({ min: 1, max: 4 }),
      sessions: fc.nat({ max: 12 }),
      tried: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    });
    const setup = fc.record({
      servers: fc.array(server, { minLength: 1, maxLength: 12 }),
      factor: fc.constantFrom(1, 1.25, 2),
      keys: fc.array(fc.nat({ max: 0xffff_ffff }), { minLength: 10, maxLength: 10 }),
    });
    fc.assert(
      fc.property(setup, ({ servers, factor, keys }) => {
        const weights = servers.map(({ weight }) => weight);
        const on = bounded(method, weights, factor);
        const free = stage(policyNamed(method), weights);
        for (const [i, { sessions }] of servers.entries()) add(on, i, sessions);
        const total = servers.reduce((sum, { sessions }) => sum + sessions, 0);
        const sum = weights.reduce((all, weight) => all + weight, 0);
        const tried = [...servers.keys()].filter((i) => servers[i]?.tried);
        const full = [...servers.keys()].filter(
          (i) => loadOf(on, i) + 1 > boundOf(factor, total, weights[i] as number, sum),
        );
        const asked = request(tried, servers.length);
        const passing = request([...tried, ...full], servers.length);
        for (const key of keys) {
          asked.key = key;
          passing.key = key;
          const withRoom = free.pickers[0]?.pick(passing) as number;
          // None has room that was not tried: too much for the key's own is better than refused.
          const wanted = withRoom === -1 ? free.pickers[0]?.pick(asked) : withRoom;
          expect(on.pickers[0]?.pick(asked)).toBe(wanted);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("moves a hot key on in its own order, and back when there is room", () => {
    const on = bounded(method, Array(6).fill(1), 1.25);
    const hot = keyed(0x1234_5678);
    const home = on.pickers[0]?.pick(hot) as number;
    for (let server = 0; server < 6; server++) add(on, server, 4);
    add(on, home, 6);
    const next = on.pickers[0]?.pick(hot) as number;
    expect(next).not.toBe(home);
    const beside = request([home], 6);
    beside.key = hot.key;
    expect(next).toBe(stage(policyNamed(method), Array(6).fill(1)).pickers[0]?.pick(beside));
    add(on, home, -6);
    expect(on.pickers[0]?.pick(hot)).toBe(home);
  });

  it("counts those that wait, and finds the only server with room among many", () => {
    const on = bounded(method, Array(30).fill(1), 1);
    for (let server = 0; server < 30; server++) {
      if (server !== 17) add(on, server, 3, serverField.queued);
    }
    for (let key = 0; key < 40; key++) {
      expect(on.pickers[0]?.pick(keyed(key * 0x9e3779b1))).toBe(17);
    }
  });

  it("gives a session without a key no server above the bound either", () => {
    const on = bounded(method, [1, 1, 1], 1.25);
    add(on, 1, 9);
    const picked = Array.from({ length: 12 }, () => on.pickers[0]?.pick(request()));
    expect(new Set(picked)).toEqual(new Set([0, 2]));
  });

  it("rather exceeds the bound than refuse, when all with room were tried", () => {
    const on = bounded(method, [1, 1, 1], 1);
    add(on, 2, 9);
    const asked = request([0, 1], 3);
    asked.key = 5;
    expect(on.pickers[0]?.pick(asked)).toBe(2);
  });
});
