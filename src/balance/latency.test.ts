import { describe, expect, it } from "vitest";
import { serverField } from "../scoreboard/fields.ts";
import {
  createScoreboard,
  openScoreboard,
  type WorkerScoreboard,
} from "../scoreboard/scoreboard.ts";
import { ageMs, fadedLatency, latencyDecayMs, observeLatency } from "./latency.ts";

function boards(): [WorkerScoreboard, WorkerScoreboard] {
  const memory = createScoreboard({ workers: 2, servers: 2, backends: 1, frontends: 1 });
  return [openScoreboard(memory, 0), openScoreboard(memory, 1)];
}

function estimate(board: WorkerScoreboard): number {
  return board.servers.load(1, serverField.latencyUs);
}

describe("a server's latency", () => {
  it("is the first sample, and any worse one at once, from every worker", () => {
    const [one, other] = boards();
    observeLatency(one, 1, 400, 1000);
    expect(estimate(other)).toBe(400);
    observeLatency(other, 1, 90_000, 1000);
    expect(estimate(one)).toBe(90_000);
    expect(one.servers.load(0, serverField.latencyUs)).toBe(0);
  });

  it("comes down with the time constant when samples are better", () => {
    const [board] = boards();
    observeLatency(board, 1, 1_000_000, 0);
    for (let nowMs = 100; nowMs <= latencyDecayMs; nowMs += 100) {
      observeLatency(board, 1, 1000, nowMs);
    }
    // 1/e of the difference is left.
    expect(Math.abs(estimate(board) - (1000 + 999_000 / Math.E))).toBeLessThan(1000);
    for (let nowMs = 10_100; nowMs < 200_000; nowMs += 100) observeLatency(board, 1, 1000, nowMs);
    expect(estimate(board)).toBe(1000);
  });

  it("comes down by time, not by the number of samples", () => {
    const [rare, often] = [boards()[0], boards()[0]];
    for (const board of [rare, often]) observeLatency(board, 1, 50_000, 0);
    for (let nowMs = 1; nowMs <= 5000; nowMs++) {
      for (let i = 0; i < 3; i++) observeLatency(often, 1, 200, nowMs);
      if (nowMs % 1000 === 0) observeLatency(rare, 1, 200, nowMs);
    }
    expect(Math.abs(estimate(often) - estimate(rare))).toBeLessThan(200);
    expect(estimate(often)).toBeGreaterThan(25_000);
  });

  it("can be any time: nothing at all, fractions, longer than the cell", () => {
    const [board] = boards();
    observeLatency(board, 1, 0, 0.5);
    expect(estimate(board)).toBe(1);
    observeLatency(board, 1, 12.6, 3.25);
    expect(estimate(board)).toBe(13);
    observeLatency(board, 1, 1e12, 4);
    expect(estimate(board)).toBe(0x7fff_ffff);
  });

  it("survives losing the race for the cell every time", () => {
    const [board] = boards();
    let tries = 0;
    Object.assign(board.servers, {
      replace: () => {
        tries++;
        return false;
      },
    });
    observeLatency(board, 1, 500, 0);
    expect(estimate(board)).toBe(0);
    expect(tries).toBeGreaterThan(1);
  });

  it("fades while nobody measures", () => {
    expect(fadedLatency(1000, 5000, 5000)).toBe(1000);
    expect(fadedLatency(1000, 0, latencyDecayMs)).toBeCloseTo(1000 / Math.E, 6);
    expect(fadedLatency(1e6, 0, 600_000)).toBeLessThan(1e-9);
  });
});

describe("an age", () => {
  it("is right where 31 bits begin anew, and nothing when the observer's clock is ahead", () => {
    expect(ageMs(1500, 1000)).toBe(500);
    expect(ageMs(2 ** 31 + 5, 2 ** 31 - 5)).toBe(10);
    expect(ageMs(2 ** 40 + 7.5, 2 ** 40 % 2 ** 31)).toBe(7);
    expect(ageMs(1000, 1001)).toBe(0);
    expect(ageMs(1000, 60_000)).toBe(0);
    expect(ageMs(20 * 86_400_000, 0)).toBe(20 * 86_400_000);
  });
});
