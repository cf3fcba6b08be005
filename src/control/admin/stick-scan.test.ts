// A sticky table is listed slice by slice, and others have their turn in between.
import { describe, expect, it } from "vitest";
import { type ControlStickTable, openStickTable } from "../../scoreboard/stick-control.ts";
import { createStickTable } from "../../scoreboard/stick-memory.ts";
import { scanStickTable, sliceSlots } from "./stick-scan.ts";

/** A table with this many of its places taken, by 10.0.0.0 and on. */
function tableWith(entries: number, size: number): ControlStickTable {
  const memory = createStickTable({
    size,
    expireMs: 60_000,
    workers: 1,
    seed: { low: 1, high: 2 },
  });
  const table = openStickTable(memory, null);
  const key = table.newKey();
  for (let i = 0; i < entries; i++) {
    const host = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    key.setAddress({ family: "ipv4", host, port: 1 });
    table.store(key, 1 + (i % 7), 0);
  }
  return table;
}

const now = (): number => 0;
const all = (): boolean => true;
const none = (): boolean => false;

/** Counts the turns that are asked for. */
function turns(): { count: number; readonly turn: () => Promise<void> } {
  const counter = {
    count: 0,
    turn: async (): Promise<void> => {
      counter.count++;
    },
  };
  return counter;
}

describe("listing a sticky table", () => {
  it("looks at a slice in a turn, and at every slot once", async () => {
    const table = tableWith(5000, 20_000);
    const counter = turns();
    const looked = new Map<string, number>();
    const entries = await scanStickTable(table, now, Infinity, all, counter.turn);
    for (const { key } of entries) looked.set(key, (looked.get(key) ?? 0) + 1);
    expect(looked.size).toBe(table.entries(0, Infinity).length);
    expect(Math.max(...looked.values())).toBe(1);
    expect(counter.count).toBe(Math.ceil(table.capacity / sliceSlots));
  });

  it("stops early when it has as many as are wanted", async () => {
    const table = tableWith(20_000, 40_000);
    const counter = turns();
    expect(await scanStickTable(table, now, 100, all, counter.turn)).toHaveLength(100);
    expect(counter.count).toBe(1);
    const some = await scanStickTable(table, now, 3000, all, turns().turn);
    expect(some).toHaveLength(3000);
    expect(new Set(some.map(({ key }) => key)).size).toBe(3000);
  });

  it("ends where the table ends", async () => {
    const table = tableWith(10, 100);
    const counter = turns();
    expect(await scanStickTable(table, now, 100, none, counter.turn)).toEqual([]);
    expect(counter.count).toBe(1);
  });

  it("lets the event loop turn between two slices, however many ask", async () => {
    const table = tableWith(0, 100_000);
    const slices = Math.ceil(table.capacity / sliceSlots);
    let scanning = true;
    let looksNow = 0;
    let looksMax = 0;
    let loops = 0;
    const watched = {
      capacity: table.capacity,
      entries: (...scan: Parameters<typeof table.entries>) => {
        looksMax = Math.max(looksMax, ++looksNow);
        return table.entries(...scan);
      },
    };
    const loop = (): void => {
      loops++;
      looksNow = 0;
      if (scanning) setImmediate(loop);
    };
    setImmediate(loop);
    const scans = [1, 2, 3].map(() => scanStickTable(watched, now, 1, none));
    // What has come after them and takes a few turns is done long before them.
    const order: string[] = [];
    const others = (async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      order.push("other");
    })();
    await Promise.all([others, ...scans.map((scan) => scan.then(() => order.push("scan")))]);
    scanning = false;
    expect(order).toEqual(["other", "scan", "scan", "scan"]);
    expect(looksMax).toBe(1);
    expect(loops).toBeGreaterThanOrEqual(3 * slices);
  });
});
