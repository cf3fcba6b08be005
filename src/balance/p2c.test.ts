import { describe, expect, it } from "vitest";
import { serverField } from "../scoreboard/fields.ts";
import { p2c } from "./p2c.ts";
import { policyConformance, request, stage, type Stage } from "./policy.conformance.ts";
import type { Policy } from "./policy.ts";
import { weightedRandom } from "./weighted-random.ts";

policyConformance("p2c", () => p2c, 0.25);

function load(on: Stage, index: number, active: number, queued = 0): void {
  const row = on.candidates.rows[index] as number;
  on.workers[0]?.servers.gaugeAdd(row, serverField.active, active);
  on.workers[1]?.servers.gaugeAdd(row, serverField.queued, queued);
}

/** Sessions that stay, given to equal servers one by one: the most that a server has in the end. */
function highestLoad(policy: Policy, servers: number, sessions: number, seed: number): number {
  const on = stage(policy, Array(servers).fill(1), seed);
  const loads = Array.from({ length: servers }, () => 0);
  for (let i = 0; i < sessions; i++) {
    const server = on.pickers[0]?.pick(request()) as number;
    loads[server] = (loads[server] as number) + 1;
    load(on, server, 1);
  }
  return Math.max(...loads);
}

describe("p2c", () => {
  it("takes the less loaded of two, active and queued together", () => {
    const on = stage(p2c, [1, 1]);
    load(on, 0, 2, 3);
    load(on, 1, 4);
    const picked = Array.from({ length: 50 }, () => on.pickers[0]?.pick(request()));
    // The draws may meet the same server four times over, but not often.
    expect(picked.filter((server) => server === 1).length).toBeGreaterThan(40);
  });

  it("weighs: 10 sessions on weight 4 are less than 3 on weight 1", () => {
    const on = stage(p2c, [1, 4]);
    load(on, 0, 3);
    load(on, 1, 10);
    const picked = Array.from({ length: 50 }, () => on.pickers[0]?.pick(request()));
    expect(picked.filter((server) => server === 1).length).toBeGreaterThan(40);
  });

  it("picks idle servers by weight", () => {
    const on = stage(p2c, [9, 1]);
    const picked = Array.from({ length: 5000 }, () => on.pickers[0]?.pick(request()));
    const light = picked.filter((server) => server === 1).length;
    expect(Math.abs(light - 500)).toBeLessThan(6 * Math.sqrt(450));
  });

  it("finds the one that is left, also when it is a thousandth of the weight", () => {
    const on = stage(p2c, [1, 256, 256, 256, 256]);
    const asked = request([1, 2, 3, 4], 5);
    for (let i = 0; i < 20; i++) expect(on.pickers[0]?.pick(asked)).toBe(0);
  });

  it("keeps the highest load near the mean where random does not (balls into bins)", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      // As many as servers: random's highest is about ln n / ln ln n, here 5 to 8; p2c's
      // ln ln n / ln 2 and a little, 3 to 4.
      expect(highestLoad(p2c, 1000, 1000, seed)).toBeLessThanOrEqual(4);
      expect(highestLoad(weightedRandom, 1000, 1000, seed)).toBeGreaterThanOrEqual(5);
      // Many on each: p2c stays within a few of the mean, random strays with its square root.
      expect(highestLoad(p2c, 100, 10_000, seed)).toBeLessThanOrEqual(104);
      expect(highestLoad(weightedRandom, 100, 10_000, seed)).toBeGreaterThanOrEqual(118);
    }
  });
});
