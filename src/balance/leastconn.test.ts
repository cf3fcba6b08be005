import { describe, expect, it } from "vitest";
import { backendField, serverField } from "../scoreboard/fields.ts";
import { leastconn } from "./leastconn.ts";
import { policyConformance, request, stage, type Stage } from "./policy.conformance.ts";

// A server of small weight among heavy ones holds up to one session more than its share, and at four
// sessions a weight, as the suite has it, one is a quarter.
policyConformance("leastconn", () => leastconn, 0.25);

function load(on: Stage, worker: number, index: number, active: number, queued = 0): void {
  const servers = on.workers[worker]?.servers;
  const row = on.candidates.rows[index] as number;
  servers?.gaugeAdd(row, serverField.active, active);
  servers?.gaugeAdd(row, serverField.queued, queued);
}

function picks(on: Stage, count: number, excluded: readonly number[] | null = null): number[] {
  const asked = request(excluded, on.candidates.count);
  return Array.from({ length: count }, (_, i) => on.pickers[i % 3]?.pick(asked) as number);
}

describe("leastconn", () => {
  it("picks the server with the fewest sessions of all workers together", () => {
    const on = stage(leastconn, [1, 1, 1]);
    load(on, 0, 0, 4);
    load(on, 1, 1, 2);
    load(on, 2, 1, 3);
    load(on, 2, 2, 3);
    expect(picks(on, 4)).toEqual([2, 2, 2, 2]);
  });

  it("counts queued sessions like active ones", () => {
    const on = stage(leastconn, [1, 1]);
    load(on, 0, 0, 1, 3);
    load(on, 1, 1, 3);
    expect(picks(on, 3)).toEqual([1, 1, 1]);
  });

  it("weighs: 10 sessions on weight 4 are less than 3 on weight 1", () => {
    const on = stage(leastconn, [1, 4]);
    load(on, 0, 0, 3);
    load(on, 0, 1, 10);
    expect(picks(on, 2)).toEqual([1, 1]);
    load(on, 0, 1, 3);
    expect(picks(on, 2)).toEqual([0, 0]);
  });

  it("compares without rounding, also where a quotient would round", () => {
    const on = stage(leastconn, [2_147_483_646, 2_147_483_647]);
    load(on, 0, 0, 2_000_000_000);
    load(on, 0, 1, 2_000_000_000);
    expect(picks(on, 2)).toEqual([1, 1]);
  });

  it("takes equals in turns, exactly even over the workers", () => {
    expect(picks(stage(leastconn, [1, 1, 1, 1]), 8)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(picks(stage(leastconn, [9, 1, 5]), 6)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("alternates between two equals, however many busier ones stand between", () => {
    const on = stage(leastconn, Array(10).fill(1));
    for (let busy = 0; busy < 10; busy++) if (busy !== 3 && busy !== 4) load(on, 0, busy, 5);
    expect(picks(on, 6)).toEqual([3, 4, 3, 4, 3, 4]);
  });

  it("leaves the cursor alone when another worker has moved it meanwhile", () => {
    const on = stage(leastconn, [1, 1, 1]);
    const { backends } = on.control;
    Object.assign(on.workers[0]?.backends as object, {
      replace(row: number, field: typeof backendField.cursor, expected: number, value: number) {
        backends.store(row, field, 77);
        return backends.replace(row, field, expected, value);
      },
    });
    on.pickers[0]?.pick(request());
    expect(backends.load(on.backend, backendField.cursor)).toBe(77);
  });

  it("takes the next best when the best is excluded", () => {
    const on = stage(leastconn, [1, 1, 1]);
    load(on, 0, 1, 1);
    load(on, 0, 2, 2);
    expect(picks(on, 2, [0])).toEqual([1, 1]);
    expect(picks(on, 2, [0, 1])).toEqual([2, 2]);
  });
});
