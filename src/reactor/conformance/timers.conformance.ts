// Timers and the clock. Everything is measured by the reactor's own nowMs, never by wall time.
import assert from "node:assert/strict";
import { expect, it } from "vitest";
import type { Reactor, Timer } from "../reactor.ts";
import type { Harness } from "./harness.conformance.ts";
import { turns } from "./harness.conformance.ts";
import { within } from "./recorder.conformance.ts";

const hourMs = 3_600_000;

/** A timer that knows when it was armed and what it has been told. */
class Alarm {
  readonly timer: Timer;
  fired = 0;
  /** By how much the last one came before its time; never positive. */
  earlyMs = -Infinity;
  readonly #reactor: Reactor;
  readonly #onFired: (alarm: Alarm) => void;
  #dueMs = 0;

  constructor(reactor: Reactor, onFired: (alarm: Alarm) => void = () => {}) {
    this.#reactor = reactor;
    this.#onFired = onFired;
    this.timer = reactor.timer({ onTimer: (timer) => this.#onTimer(timer) });
  }

  arm(delayMs: number): void {
    this.#dueMs = this.#reactor.nowMs + delayMs;
    within(() => this.timer.arm(delayMs));
  }

  #onTimer(timer: Timer): void {
    // Would be told as an error that a handler threw.
    assert.equal(timer, this.timer);
    assert.equal(timer.armed, false);
    this.fired++;
    this.earlyMs = this.#dueMs - this.#reactor.nowMs;
    this.#onFired(this);
  }
}

export function timerTests(use: () => Harness): void {
  it("fires once, not before its time, and only from a turn", async () => {
    const harness = use();
    const alarm = new Alarm(harness.reactor);
    expect(alarm.timer.armed).toBe(false);
    expect(alarm.timer.dueMs).toBe(Infinity);
    alarm.arm(30);
    expect(alarm.timer.armed).toBe(true);
    expect(alarm.timer.dueMs).toBeGreaterThanOrEqual(harness.reactor.nowMs + 30);
    expect(alarm.fired).toBe(0);
    await harness.until(() => alarm.fired > 0, "the timer");
    expect(alarm.earlyMs).toBeLessThanOrEqual(0);
    await turns(harness);
    expect(alarm.fired).toBe(1);
  });

  it("fires in the order of their times, whatever the order of arming", async () => {
    const harness = use();
    const order: number[] = [];
    for (const delayMs of [120, 40, 80, 0]) {
      new Alarm(harness.reactor, () => order.push(delayMs)).arm(delayMs);
    }
    await harness.until(() => order.length === 4, "all timers");
    expect(order).toEqual([0, 40, 80, 120]);
  });

  it("does not fire after cancel(), not even from another timer of the same turn", async () => {
    const harness = use();
    const alarms: Alarm[] = [];
    const cancelOthers = (self: Alarm): void => {
      for (const other of alarms) if (other !== self) within(() => other.timer.cancel());
    };
    for (let count = 0; count < 3; count++) alarms.push(new Alarm(harness.reactor, cancelOthers));
    const never = new Alarm(harness.reactor);
    const last = new Alarm(harness.reactor);
    for (const alarm of alarms) alarm.arm(20);
    never.arm(10);
    within(() => never.timer.cancel());
    within(() => never.timer.cancel());
    expect(never.timer.armed).toBe(false);
    last.arm(80);
    await harness.until(() => last.fired === 1, "the last timer");
    expect(alarms.reduce((sum, alarm) => sum + alarm.fired, 0)).toBe(1);
    expect(never.fired).toBe(0);
  });

  it("replaces what was armed before: later, sooner, and after a cancel()", async () => {
    const harness = use();
    const later = new Alarm(harness.reactor);
    const sooner = new Alarm(harness.reactor);
    const again = new Alarm(harness.reactor);
    later.arm(1);
    later.arm(60);
    sooner.arm(hourMs);
    sooner.arm(20);
    again.arm(hourMs);
    within(() => again.timer.cancel());
    again.arm(40);
    const all = [later, sooner, again];
    await harness.until(() => all.every((alarm) => alarm.fired > 0), "all timers");
    for (const alarm of all) expect(alarm.earlyMs).toBeLessThanOrEqual(0);
    await turns(harness);
    expect(all.map((alarm) => alarm.fired)).toEqual([1, 1, 1]);
  });

  it("may be armed again in its own callback", async () => {
    const harness = use();
    let earlyMsMax = -Infinity;
    const alarm = new Alarm(harness.reactor, (self) => {
      earlyMsMax = Math.max(earlyMsMax, self.earlyMs);
      if (self.fired < 5) self.arm(self.fired * 5);
    });
    alarm.arm(0);
    await harness.until(() => alarm.fired === 5, "five times");
    await turns(harness);
    expect(alarm.fired).toBe(5);
    expect(earlyMsMax).toBeLessThanOrEqual(0);
    expect(alarm.timer.armed).toBe(false);
  });

  it("lets others run when it arms itself again for now, in every callback", async () => {
    const harness = use();
    const busy = new Alarm(harness.reactor, (self) => self.arm(0));
    const other = new Alarm(harness.reactor);
    busy.arm(0);
    other.arm(20);
    await harness.until(() => other.fired === 1, "the other timer");
    within(() => busy.timer.cancel());
    expect(busy.fired).toBeGreaterThan(0);
  });

  it("does not fire hours, days or weeks too early", async () => {
    const harness = use();
    const delays = [hourMs, 5 * hourMs, 24 * hourMs, 24 * 24 * hourMs, 50 * 24 * hourMs];
    const long = delays.map((delayMs) => {
      const alarm = new Alarm(harness.reactor);
      alarm.arm(delayMs);
      return alarm;
    });
    const startMs = harness.reactor.nowMs;
    await harness.until(() => harness.reactor.nowMs - startMs > 300, "some time");
    expect(long.map((alarm) => alarm.fired)).toEqual(delays.map(() => 0));
    expect(long.every((alarm) => alarm.timer.armed)).toBe(true);
  });

  it("fires 10,000 timers, each once and none early, and none of those cancelled", async () => {
    const harness = use();
    const alarms = Array.from({ length: 10_000 }, () => new Alarm(harness.reactor));
    for (const [index, alarm] of alarms.entries()) alarm.arm((index * 7919) % 307);
    const cancelled = alarms.filter((_, index) => index % 3 === 0);
    for (const alarm of cancelled) within(() => alarm.timer.cancel());
    const kept = alarms.filter((_, index) => index % 3 !== 0);
    await harness.until(() => kept.every((alarm) => alarm.fired > 0), "all timers");
    await turns(harness);
    expect(kept.filter((alarm) => alarm.fired !== 1)).toHaveLength(0);
    expect(kept.filter((alarm) => alarm.earlyMs > 0)).toHaveLength(0);
    expect(cancelled.filter((alarm) => alarm.fired > 0)).toHaveLength(0);
  });

  it("survives a handler that throws", async () => {
    const harness = use();
    const mistake = new Error("thrown in onTimer");
    const throwing = new Alarm(harness.reactor, () => {
      throw mistake;
    });
    const same = new Alarm(harness.reactor);
    const later = new Alarm(harness.reactor);
    throwing.arm(10);
    same.arm(10);
    later.arm(30);
    await harness.until(() => later.fired === 1 && same.fired === 1, "the other timers");
    expect(harness.errors.splice(0)).toEqual([mistake]);
    throwing.arm(0);
    await harness.until(() => throwing.fired === 2, "the same timer again");
    expect(harness.errors.splice(0)).toEqual([mistake]);
  });

  it("reads the clock once a turn, and it never goes back", async () => {
    const harness = use();
    const { reactor } = harness;
    const seen: number[] = [];
    const alarm = new Alarm(reactor, () => {
      const before = reactor.nowMs;
      const untilMs = performance.now() + 5;
      while (performance.now() < untilMs);
      seen.push(before, reactor.nowMs);
    });
    for (let count = 1; count <= 3; count++) {
      alarm.arm(5);
      await harness.until(() => alarm.fired === count, "the timer");
    }
    for (let index = 0; index < seen.length; index += 2) expect(seen[index + 1]).toBe(seen[index]);
    expect(seen).toEqual(seen.toSorted((left, right) => left - right));
    expect(new Set(seen).size).toBe(3);
  });
}
