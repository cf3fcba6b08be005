// Every step of every operation. A thread can be ended, or another thread can come in between, only
// at its accesses to the shared memory, and all that matter go through Atomics: so these tests stop
// an operation before its first such access, before its second, and so on, and look what is left.
import { afterEach, describe, expect, it } from "vitest";
import { type ControlStickTable, openStickTable } from "./stick-control.ts";
import type { StickKey } from "./stick-key.ts";
import { createStickTable, recordCell, type StickTableMemory } from "./stick-memory.ts";
import { StickSlots } from "./stick-slots.ts";
import type { StickTable } from "./stick-table.ts";

class Ended extends Error {}

const names = ["load", "store", "add", "compareExchange"] as const;
const atomics = Atomics as unknown as Record<string, (...args: never[]) => number>;
const originals = names.map((name) => [name, atomics[name]] as const);

function restore(): void {
  for (const [name, original] of originals) atomics[name] = original as never;
}

afterEach(restore);

/** Runs `body` with `act` before its access number `n`; false: it has fewer. */
function interrupt(n: number, body: () => void, act: () => void): boolean {
  let left = n;
  let acted = false;
  for (const [name, original] of originals) {
    atomics[name] = (...args) => {
      if (left-- === 0) {
        acted = true;
        restore();
        act();
      }
      return (original as (...all: never[]) => number)(...args);
    };
  }
  try {
    body();
  } finally {
    restore();
  }
  return acted;
}

interface Scene {
  readonly memory: StickTableMemory;
  readonly control: ControlStickTable;
  readonly workers: readonly StickTable[];
}

const size = 12;
const now = 100_000;

/** `old` is stored and is the oldest but `expired`; with `filler` other keys in one bucket. */
function scene(filler: number): Scene {
  const memory = createStickTable({
    size,
    expireMs: 50_000,
    workers: 3,
    seed: { low: 1, high: 1 },
  });
  const workers = [0, 1, 2].map((worker) => openStickTable(memory, worker));
  const control = openStickTable(memory, null);
  put(control, "old", 1, now - 10_000);
  put(control, "expired", 1, 0);
  for (let i = 0; i < filler; i++) control.store(named(`filler ${i}`), 1, now - 100 * i);
  return { memory, control, workers };
}

function named(name: string): StickKey {
  const key = openStickTable(createStickTable({ size: 1, expireMs: 1, workers: 1 }), 0).newKey();
  key.setText(name);
  key.hashLow = 7;
  key.hashHigh = 7;
  return key;
}

const keys = new Map(["old", "new", "other", "expired"].map((name) => [name, named(name)]));
/** Servers are told apart by the key that was led to them: 10 and so on for the first. */
const firstServer = new Map([...keys.keys()].map((name, i) => [name, 10 * (i + 1)]));

function answer(table: StickTable, name: string): number {
  return table.lookup(keys.get(name) as StickKey, now);
}

function put(table: StickTable, name: string, nth: number, at = now): boolean {
  return table.store(keys.get(name) as StickKey, (firstServer.get(name) as number) + nth, at);
}

/** No key leads to another key's server, whatever has happened. */
function expectRight(table: StickTable): void {
  for (const [name, server] of firstServer) {
    expect([0, 1, 2, 3, 4].map((nth) => (nth === 0 ? 0 : server + nth))).toContain(
      answer(table, name),
    );
  }
}

interface Operation {
  readonly name: string;
  readonly does: (table: StickTable, nth: number) => void;
  /** Keys that are there afterwards if nothing had to be evicted. */
  readonly stores?: string;
  /** The control plane does it. */
  readonly control?: true;
}

function storing(name: string, what: string): Operation {
  const does = (table: StickTable, nth: number): void => void put(table, name, nth);
  return { name: `store of ${what} key`, does, stores: name };
}

const operations: readonly Operation[] = [
  storing("new", "a new"),
  storing("old", "a known"),
  storing("expired", "an expired"),
  { name: "forget", does: (table) => void table.forget(keys.get("old") as StickKey) },
  { name: "lookup", does: expectRight },
];
const others: readonly Operation[] = [
  ...operations,
  storing("other", "another new"),
  { name: "sweep", does: (table) => (table as ControlStickTable).sweep(now, 16), control: true },
  {
    name: "change of a slot's key",
    does(table, nth): void {
      table.forget(keys.get("old") as StickKey);
      put(table, "other", nth);
      put(table, "new", nth);
    },
  },
];

/** Nobody owns a slot, none is odd, and all that is stored is counted, once for each key. */
function expectSound({ memory, control }: Scene): void {
  const { cells, places } = new StickSlots(memory, 0);
  for (let slot = 0; slot < places.slots; slot++) {
    const record =
      places.recordsAt + slot * ((memory.buffer.byteLength / 4 - places.recordsAt) / 16);
    expect(cells[record + recordCell.owner]).toBe(0);
    expect((cells[record + recordCell.version] as number) & 1).toBe(0);
  }
  control.sweep(now, control.capacity);
  const listed = control.entries(now, Infinity).map(({ key }) => key);
  expect(control.used).toBe(listed.length);
  expect(control.used).toBeLessThanOrEqual(size);
  expect(new Set(listed).size).toBe(listed.length);
}

describe.each([
  ["an almost empty", 0],
  ["an almost full", size - 3],
  ["a full", size - 2],
])("%s table", (_, filler) => {
  it.each(operations)("stands after a thread was ended at any step of a $name", ({ does }) => {
    let steps = 0;
    for (let more = true; more; steps++) {
      const each = scene(filler);
      const [dead, alive] = each.workers as [StickTable, StickTable];
      const end = (): never => {
        throw new Ended();
      };
      try {
        more = interrupt(steps, () => does(dead, 2), end);
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
      }
      expectRight(alive);
      // Nobody waits for the dead thread, though one slot may be its own.
      expect(put(alive, "other", 4)).toBe(true);
      expect(answer(alive, "other")).toBe((firstServer.get("other") as number) + 4);

      each.control.releaseWorker(0);
      put(alive, "old", 3);
      expect(answer(alive, "old")).toBe((firstServer.get("old") as number) + 3);
      put(alive, "other", 1);
      expectSound(each);
      expect(answer(alive, "other")).toBe((firstServer.get("other") as number) + 1);
    }
    expect(steps).toBeGreaterThan(5);
  });

  const pairs = operations.flatMap((first) =>
    others.map((second) => [first.name, second.name, first, second] as const),
  );
  it.each(pairs)("stands when at any step of a %s there is a %s", (__, ___, first, second) => {
    for (let step = 0, more = true; more; step++) {
      const each = scene(filler);
      const [one, other] = each.workers as [StickTable, StickTable];
      more = interrupt(
        step,
        () => first.does(one, 2),
        () => {
          second.does(second.control === true ? each.control : other, 3);
          expectRight(other);
        },
      );
      expectRight(one);
      expectSound(each);
      // With room for all, only `old` may be gone: the other may have forgotten it last.
      const stored = [first, ...(more ? [second] : [])].map(({ stores }) => stores ?? "old");
      const missing = stored.filter((name) => name !== "old" && answer(one, name) === 0);
      expect(filler === 0 ? missing : []).toEqual([]);
    }
  });
});

describe("an almost empty table", () => {
  it("takes one key from three threads at once, once", () => {
    for (let outer = 0, more = true; more; outer++) {
      for (let inner = 0, moreInner = true; moreInner; inner++) {
        const each = scene(0);
        const [one, two, three] = each.workers as [StickTable, StickTable, StickTable];
        let reached = false;
        more = interrupt(
          outer,
          () => put(one, "new", 2),
          () => {
            reached = interrupt(
              inner,
              () => put(two, "new", 3),
              () => put(three, "new", 4),
            );
          },
        );
        moreInner = reached;
        expect(answer(three, "new")).not.toBe(0);
        expectRight(three);
        expectSound(each);
      }
    }
  });
});
