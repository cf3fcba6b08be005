// Tables that take long make pauses, in which changes are collected and never lost. Time is what
// the tests say it is.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TablePace } from "./table-pace.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Scene {
  readonly pace: TablePace<string>;
  /** A change of that owner: asks for its table. */
  readonly change: (owner: string) => void;
  /** Owners in the order in which their tables were computed. */
  readonly computed: string[];
  /** The last change that each owner's table knows. */
  readonly known: Map<string, number>;
  readonly changes: Map<string, number>;
  /** Lets time pass, with a change of these owners every millisecond. */
  readonly pass: (ms: number, ...flapping: string[]) => void;
}

/** `costs`: milliseconds that each owner's table takes. */
function scene(costs: Record<string, number>): Scene {
  let nowMs = 1000;
  const computed: string[] = [];
  const known = new Map<string, number>();
  const changes = new Map<string, number>();
  const run = (owner: string): void =>
    pace.run(owner, () => {
      nowMs += costs[owner] ?? 0;
      computed.push(owner);
      known.set(owner, changes.get(owner) ?? 0);
    });
  const pace = new TablePace<string>(run, () => nowMs);
  const change = (owner: string): void => {
    changes.set(owner, (changes.get(owner) ?? 0) + 1);
    run(owner);
  };
  const pass = (ms: number, ...flapping: string[]): void => {
    for (let i = 0; i < ms; i++) {
      nowMs++;
      vi.advanceTimersByTime(1);
      for (const owner of flapping) change(owner);
    }
  };
  return { pace, change, computed, known, changes, pass };
}

describe("the pace of tables", () => {
  it("lets a server that flaps have few tables computed: a tenth of the time at most", () => {
    const { pass, change, computed } = scene({ ring: 150 });
    change("ring");
    pass(13_500, "ring");
    // One at the beginning, then one after each pause of 1,350 ms.
    expect(computed).toHaveLength(11);
  });

  it("never loses the last change", () => {
    const { pass, change, known, changes } = scene({ ring: 20 });
    // Bursts of one change to 29, in pauses of every length, and then a calm in which no pause is left.
    for (let burst = 1; burst < 30; burst++) {
      for (let i = 0; i < burst; i++) {
        change("ring");
        pass((burst * i) % 23);
      }
      pass(burst * 13);
      change("ring");
      pass(381);
      expect(known.get("ring")).toBe(changes.get("ring"));
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("computes a small table at once, also in another's pause", () => {
    const { pass, change, computed } = scene({ ring: 150, small: 1 });
    change("small");
    change("ring");
    change("ring");
    for (let i = 0; i < 50; i++) change("small");
    expect(computed.filter((owner) => owner === "small")).toHaveLength(51);
    pass(100, "small");
    expect(computed.filter((owner) => owner === "small")).toHaveLength(151);
  });

  it("gives large tables turns, so that none is kept waiting by those that flap", () => {
    const { pass, change, computed } = scene({ one: 100, two: 100, calm: 100 });
    for (const owner of ["one", "two", "calm"]) change(owner);
    change("one");
    change("calm");
    pass(9000, "one", "two");
    expect(computed.slice(3, 7)).toEqual(["one", "calm", "two", "one"]);
    // Three at the beginning; then all together at most one in a second.
    expect(computed.length).toBeLessThanOrEqual(3 + 10);
  });

  it("computes a new table at once", () => {
    const { pace, change, computed } = scene({ ring: 150 });
    change("ring");
    change("ring");
    expect(computed).toHaveLength(1);
    pace.forget("ring");
    change("ring");
    expect(computed).toHaveLength(2);
  });

  it("leaves no timer when those that wait are gone", () => {
    const { pace, change, computed, pass } = scene({ one: 150, two: 150 });
    for (const owner of ["one", "two", "one", "two"]) change(owner);
    expect(vi.getTimerCount()).toBe(1);
    pace.forget("one");
    pace.forget("two");
    expect(vi.getTimerCount()).toBe(0);
    pass(5000);
    expect(computed).toEqual(["one", "two"]);
  });

  it("takes a machine that stood still for no large table", () => {
    const { change, computed, pass } = scene({ ring: 60_000 });
    change("ring");
    change("ring");
    pass(5001);
    expect(computed).toHaveLength(2);
  });
});
