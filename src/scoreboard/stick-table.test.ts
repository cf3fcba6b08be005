import { describe, expect, it } from "vitest";
import { type ControlStickTable, openStickTable } from "./stick-control.ts";
import { type StickKey, stickServer } from "./stick-key.ts";
import { createStickTable, stickExpireMsMax, type StickTableMemory } from "./stick-memory.ts";
import type { StickTable } from "./stick-table.ts";

const seed = { low: 1, high: 2 };
const minute = 60_000;

interface Opened {
  readonly memory: StickTableMemory;
  readonly table: StickTable;
  readonly control: ControlStickTable;
}

function open(size = 100, expireMs = minute): Opened {
  const memory = createStickTable({ size, expireMs, workers: 2, seed });
  return { memory, table: openStickTable(memory, 0), control: openStickTable(memory, null) };
}

function text(table: StickTable, value: string): StickKey {
  const key = table.newKey();
  key.setText(value);
  return key;
}

function ip(table: StickTable, family: "ipv4" | "ipv6", host: string): StickKey {
  const key = table.newKey();
  key.setAddress({ family, host, port: 1 });
  return key;
}

describe("a sticky table", () => {
  it("leads a key to the server that it was stored with, in every thread", () => {
    const { memory, table } = open();
    const other = openStickTable(memory, 1);
    expect(table.lookup(text(table, "a.example"), 0)).toBe(0);
    expect(table.store(text(table, "a.example"), stickServer("s1"), 0)).toBe(true);
    expect(table.store(ip(table, "ipv4", "192.0.2.1"), stickServer("s2"), 0)).toBe(true);
    expect(other.lookup(text(other, "a.example"), 10)).toBe(stickServer("s1"));
    expect(other.lookup(ip(other, "ipv4", "192.0.2.1"), 10)).toBe(stickServer("s2"));
    expect(other.lookup(ip(other, "ipv4", "192.0.2.2"), 10)).toBe(0);
    expect(table.used).toBe(2);
  });

  it("follows the latest store, and keeps one entry for a key", () => {
    const { table } = open();
    const key = text(table, "a.example");
    table.store(key, 7, 0);
    table.store(key, 8, 0);
    expect(table.lookup(key, 0)).toBe(8);
    expect(table.used).toBe(1);
  });

  it("forgets", () => {
    const { table } = open();
    const key = text(table, "a.example");
    table.store(key, 7, 0);
    expect(table.forget(key)).toBe(true);
    expect(table.forget(key)).toBe(false);
    expect(table.lookup(key, 0)).toBe(0);
    expect(table.used).toBe(0);
  });

  it("tells kinds apart: bytes that are equal are not the same key", () => {
    const { table } = open();
    const address = ip(table, "ipv4", "97.98.99.100");
    const name = text(table, "abcd");
    expect(name.bytes.subarray(0, 4)).toEqual(address.bytes.subarray(0, 4));
    name.hashLow = address.hashLow;
    name.hashHigh = address.hashHigh;
    table.store(address, 7, 0);
    expect(table.lookup(name, 0)).toBe(0);
  });

  it("takes no key and no server for nothing", () => {
    const { table } = open();
    for (const key of [table.newKey(), text(table, ""), text(table, "a".repeat(256))]) {
      expect(table.store(key, 7, 0)).toBe(false);
      expect(table.lookup(key, 0)).toBe(0);
      expect(table.forget(key)).toBe(false);
    }
    expect(table.store(text(table, "a"), 0, 0)).toBe(false);
    expect(table.used).toBe(0);
  });

  it("keeps texts that are longer than it stores apart, by length and hash", () => {
    const { table } = open();
    const start = "a".repeat(48);
    const keys = ["", "b", "c", "bb", "b".repeat(207)].map((end) => text(table, start + end));
    for (const [i, key] of keys.entries()) table.store(key, i + 1, 0);
    expect(keys.map((key) => table.lookup(key, 0))).toEqual([1, 2, 3, 4, 5]);
    expect(table.used).toBe(5);
  });

  it("keeps keys apart whose hashes are equal", () => {
    const { table } = open(16);
    const keys = Array.from({ length: 16 }, (_, i) => text(table, `host${i}`));
    for (const [i, key] of keys.entries()) {
      key.hashLow = 0;
      key.hashHigh = 0;
      table.store(key, i + 1, 0);
    }
    expect(keys.map((key) => table.lookup(key, 0))).toEqual(keys.map((_, i) => i + 1));
  });

  it("keeps one address one key: a zone and a mapped address make no other", () => {
    const { table } = open();
    table.store(ip(table, "ipv6", "fe80::1%eth0"), 7, 0);
    expect(table.lookup(ip(table, "ipv6", "fe80:0::1"), 0)).toBe(7);
    const key = table.newKey();
    key.setAddress({ family: "unix", path: "/run/a.sock" });
    table.store(key, 8, 0);
    expect(table.lookup(text(table, "/run/a.sock"), 0)).toBe(8);
  });

  it("refuses options that cannot be, and workers that it has no block for", () => {
    const options = { size: 10, expireMs: 1000, workers: 2 };
    expect(() => createStickTable({ ...options, size: 0 })).toThrow(RangeError);
    expect(() => createStickTable({ ...options, size: 1.5 })).toThrow(RangeError);
    expect(() => createStickTable({ ...options, expireMs: stickExpireMsMax + 1 })).toThrow(
      RangeError,
    );
    expect(() => createStickTable({ ...options, workers: 0 })).toThrow(RangeError);
    const memory = createStickTable(options);
    for (const worker of [-1, 2, 0.5]) {
      expect(() => openStickTable(memory, worker)).toThrow(RangeError);
    }
  });
});

describe("expiry", () => {
  it("counts from the last use", () => {
    const { table } = open();
    const key = text(table, "a.example");
    table.store(key, 7, 0);
    expect(table.lookup(key, minute)).toBe(7);
    expect(table.lookup(key, 2 * minute)).toBe(7);
    expect(table.lookup(key, 3 * minute + 10)).toBe(0);
  });

  it("begins anew with a store after it, and that is counted", () => {
    const { table, control } = open();
    const key = text(table, "a.example");
    table.store(key, 7, 0);
    table.store(key, 8, 2 * minute);
    expect(table.lookup(key, 2 * minute)).toBe(8);
    expect(control.entries(2 * minute, 1)[0]).toMatchObject({ server: 8, ageMs: 0 });
    expect(control.counters()).toMatchObject({ expirations: 1, evictions: 0, stores: 2 });
  });

  it("sweeps in slices, and removes only what has expired", () => {
    const { table, control } = open(1000);
    for (let i = 0; i < 1000; i++) table.store(text(table, `k${i}`), 7, i < 600 ? 0 : minute);
    expect(control.sweep(minute, control.capacity)).toBe(0);
    let removed = 0;
    for (let slice = 0; slice < 10; slice++) {
      removed += control.sweep(minute + 10, Math.ceil(control.capacity / 10));
    }
    expect(removed).toBe(600);
    expect(table.used).toBe(400);
    expect(table.lookup(text(table, "k600"), minute + 10)).toBe(7);
    expect(control.counters()).toMatchObject({ expirations: 600, evictions: 0 });
  });

  it.each([2 ** 31, 2 ** 32, 10 * 2 ** 31, 10 * 2 ** 32, 7 * 10 * 2 ** 32])(
    "is right while 32-bit clocks wrap at %i ms",
    (wrap) => {
      const { table, control } = open();
      const key = text(table, "a.example");
      table.store(key, 7, wrap - 20);
      expect(table.lookup(key, wrap + 20)).toBe(7);
      expect(control.entries(wrap + 40, 1)[0]).toMatchObject({ idleMs: 20 });
      expect(table.lookup(key, wrap + minute)).toBe(7);
      expect(table.lookup(key, wrap + 2 * minute + 10)).toBe(0);
    },
  );

  it("holds the longest time that is allowed, and not a moment in the past for a future one", () => {
    const { table } = open(10, stickExpireMsMax);
    const key = text(table, "a.example");
    table.store(key, 7, 1000);
    expect(table.lookup(key, 0)).toBe(7); // another thread whose clock is a little behind
    expect(table.lookup(key, 1000 + stickExpireMsMax)).toBe(7);
    expect(table.lookup(key, 1000 + 2 * stickExpireMsMax + 10)).toBe(0);
  });
});

describe("a full table", () => {
  it.each([1, 10, 20, 100, 1000, 20_000])("holds all %i entries before it evicts", (size) => {
    const { table } = open(size);
    const key = table.newKey();
    for (let i = 0; i < size; i++) {
      key.setText(`key ${i}`);
      table.store(key, i + 1, i / 1000);
    }
    expect(table.used).toBe(size);
    expect(table.total("evictions")).toBe(0);
    for (let i = 0; i < size; i++) {
      key.setText(`key ${i}`);
      expect(table.lookup(key, size / 1000)).toBe(i + 1);
    }
    key.setText("one more");
    table.store(key, 1, size);
    expect(table.used).toBe(size);
    expect(table.total("evictions")).toBe(1);
  });

  it("evicts among the oldest: half of them in the oldest 3 %, 99 % in the oldest 18 %", () => {
    const size = 2000;
    const { table, control } = open(size, 365 * 86_400_000);
    const key = table.newKey();
    const lastUse = new Map<string, number>();
    const ranks: number[] = [];
    let now = 0;
    const store = (name: string): void => {
      key.setText(name);
      table.store(key, 1, now);
      lastUse.set(name, now);
    };
    for (; now < size * 10; now += 10) store(`key ${now}`);
    for (let round = 0; round < 1000; round++) {
      // As many uses of old entries as new ones, so that age in the table is not age of the entry.
      for (const name of [...lastUse.keys()].slice(0, 2)) {
        now += 10;
        store(name);
        lastUse.delete(name);
        lastUse.set(name, now);
      }
      now += 10;
      store(`key ${now}`);
      const kept = new Set(control.entries(now, size).map((each) => each.key));
      const gone = [...lastUse.keys()].filter((name) => !kept.has(name));
      expect(gone).toHaveLength(1);
      const byAge = [...lastUse.entries()].toSorted((a, b) => a[1] - b[1]);
      ranks.push(byAge.findIndex(([name]) => name === gone[0]) / size);
      lastUse.delete(gone[0] as string);
    }
    ranks.sort((a, b) => a - b);
    expect(ranks[500]).toBeLessThan(0.03);
    expect(ranks[990]).toBeLessThan(0.18);
  });

  it("keeps what is used, whoever else comes", () => {
    const { table } = open(1000);
    const mine = text(table, "a.example");
    table.store(mine, 7, 0);
    const answers = new Set<number>();
    const key = table.newKey();
    for (let i = 0; i < 50_000; i++) {
      key.setText(`key ${i}`);
      table.store(key, 8, i);
      if (i % 100 === 0) answers.add(table.lookup(mine, i));
    }
    expect([...answers]).toEqual([7]);
    expect(table.used).toBe(1000);
  });

  it("gives way to the new when all keys fall in the same two buckets", () => {
    const { table } = open(1000);
    const key = table.newKey();
    for (let i = 0; i < 500; i++) {
      key.setText(`key ${i}`);
      key.hashLow = 1;
      key.hashHigh = 1;
      expect(table.store(key, i + 1, 10 * i)).toBe(true);
      expect(table.lookup(key, 10 * i)).toBe(i + 1);
    }
    expect(table.used).toBe(32);
    expect(table.total("evictions")).toBe(500 - 32);
  });
});

describe("the control plane's view", () => {
  it("lists keys as text, with their ages", () => {
    const { table, control } = open();
    table.store(ip(table, "ipv4", "192.0.2.1"), 5, 1000);
    table.store(ip(table, "ipv6", "2001:db8:0::1"), 6, 2000);
    table.store(text(table, "bücher.example"), 7, 3000);
    table.store(text(table, "x".repeat(60)), 8, 3000);
    table.lookup(ip(table, "ipv4", "192.0.2.1"), 4000);
    const entries = control.entries(5000, 10).toSorted((a, b) => a.server - b.server);
    expect(entries).toEqual([
      entry("ipv4", "192.0.2.1", 5, 4000, 1000),
      entry("ipv6", "2001:db8::1", 6, 3000, 3000),
      entry("text", "bücher.example", 7, 2000, 2000),
      entry("text", `${"x".repeat(48)}...`, 8, 2000, 2000),
    ]);
    expect(control.entries(5000, 2)).toHaveLength(2);
    expect(control.entries(5000, 9, ({ key }) => key.endsWith("1"))).toHaveLength(2);
    expect(control.entries(5 * minute, 10)).toEqual([]);
  });

  it("clears one key and counts everything", () => {
    const { table, control } = open();
    table.store(text(table, "a"), 5, 0);
    table.store(text(table, "b"), 5, 0);
    table.lookup(text(table, "a"), 0);
    table.lookup(text(table, "c"), 0);
    expect(control.clear(text(control, "a"))).toBe(true);
    expect(control.clear(text(control, "a"))).toBe(false);
    expect(control.used).toBe(1);
    const totals = { hits: 1, misses: 1, stores: 2, storesLost: 0, evictions: 0, expirations: 0 };
    expect(control.counters()).toEqual(totals);
  });

  it("knows a server by its name, never as 0", () => {
    expect(stickServer("app1")).toBe(stickServer("app1"));
    expect(new Set(Array.from({ length: 1000 }, (_, i) => stickServer(`app${i}`))).size).toBe(1000);
    expect(stickServer("")).not.toBe(0);
  });
});

function entry(kind: string, key: string, server: number, ageMs: number, idleMs: number): object {
  return { kind, key, server, ageMs, idleMs, expiresInMs: minute - idleMs };
}
