import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Timer } from "./reactor.ts";
import { TimerWheel, WheelTimer } from "./timer-wheel.ts";

class Recorder {
  readonly fired: number[] = [];
  nowMs = 0;
  onTimer(_timer: Timer): void {
    this.fired.push(this.nowMs);
  }
}

/** Runs the wheel as a reactor does: sleep for what waitMs says, then advance. */
function runUntil(
  wheel: TimerWheel,
  recorders: readonly Recorder[],
  fromMs: number,
  toMs: number,
): number {
  let turns = 0;
  let now = fromMs;
  for (;;) {
    const wait = wheel.waitMs();
    if (wait < 0 || now + wait > toMs) break;
    now += wait;
    wheel.setNow(now);
    for (const recorder of recorders) recorder.nowMs = now;
    wheel.advance();
    turns++;
  }
  wheel.setNow(toMs);
  for (const recorder of recorders) recorder.nowMs = toMs;
  wheel.advance();
  return turns;
}

describe("timer wheel", () => {
  it("fires every timer once, never early and at most a tick late, whatever the delays", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.array(fc.integer({ min: 0, max: 90_000_000 }), { minLength: 1, maxLength: 50 }),
        (startMs, delays) => {
          const wheel = new TimerWheel(startMs);
          wheel.setNow(startMs);
          const recorders = delays.map(() => new Recorder());
          for (const [i, delay] of delays.entries()) {
            new WheelTimer(wheel, recorders[i] as Recorder).arm(delay);
          }
          runUntil(wheel, recorders, startMs, startMs + 90_000_100);
          for (const [i, delay] of delays.entries()) {
            const { fired } = recorders[i] as Recorder;
            expect(fired).toHaveLength(1);
            expect(fired[0]).toBeGreaterThanOrEqual(startMs + delay);
            expect(fired[0]).toBeLessThanOrEqual(startMs + delay + 8);
          }
          expect(wheel.size).toBe(0);
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it("does not wake for nothing: an hour away is a handful of turns", () => {
    const wheel = new TimerWheel(0);
    const recorder = new Recorder();
    new WheelTimer(wheel, recorder).arm(3_600_000);
    const turns = runUntil(wheel, [recorder], 0, 3_600_010);
    expect(recorder.fired).toHaveLength(1);
    expect(turns).toBeLessThan(8);
  });

  it("keeps a deadline beyond its last level", () => {
    const wheel = new TimerWheel(0);
    const recorder = new Recorder();
    const year = 365 * 86_400_000;
    new WheelTimer(wheel, recorder).arm(year);
    runUntil(wheel, [recorder], 0, year - 1000);
    expect(recorder.fired).toHaveLength(0);
    runUntil(wheel, [recorder], year - 1000, year + 10);
    expect(recorder.fired).toHaveLength(1);
  });

  it("lets a handler cancel another timer of the same tick, and re-arm itself", () => {
    const wheel = new TimerWheel(0);
    const fired: string[] = [];
    const second = new WheelTimer(wheel, { onTimer: () => void fired.push("second") });
    const first = new WheelTimer(wheel, {
      onTimer: (timer) => {
        fired.push("first");
        second.cancel();
        if (fired.length < 3) timer.arm(0);
      },
    });
    first.arm(10);
    second.arm(10);
    wheel.setNow(12);
    wheel.advance();
    expect(fired).toEqual(["first"]);
    wheel.setNow(16);
    wheel.advance();
    wheel.setNow(20);
    wheel.advance();
    expect(fired).toEqual(["first", "first", "first"]);
    expect(wheel.size).toBe(0);
    expect(wheel.waitMs()).toBe(-1);
  });

  it("survives a handler that throws: the next advance goes on with the next timer", () => {
    const wheel = new TimerWheel(0);
    const fired: number[] = [];
    for (let i = 0; i < 3; i++) {
      new WheelTimer(wheel, {
        onTimer: () => {
          fired.push(i);
          if (i === 1) throw new Error("handler");
        },
      }).arm(5);
    }
    wheel.setNow(8);
    expect(() => wheel.advance()).toThrow("handler");
    wheel.advance();
    expect(fired).toEqual([0, 1, 2]);
  });
});
