import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openStickTable } from "./stick-control.ts";
import type { StickKey } from "./stick-key.ts";
import { createStickTable } from "./stick-memory.ts";

const expireMs = 1000;
const keyCount = 40;

/** Short, as long as fits, cut; with equal hashes for some that are not cut. */
function prepare(key: StickKey, number: number): void {
  const long = number % 4 === 3;
  key.setText(long ? `${"n".repeat(50)}${number}` : `${"n".repeat((number % 4) * 22)}${number}`);
  if (long || number % 3 !== 0) return;
  key.hashLow = 5;
  key.hashHigh = -5;
}

type Step =
  | { readonly do: "lookup" | "forget"; readonly key: number }
  | { readonly do: "store"; readonly key: number; readonly server: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "sweep"; readonly slots: number }
  | { readonly do: "release" };

const anyKey = fc.nat(keyCount - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("lookup" as const, "forget" as const), key: anyKey }),
  fc.record({ do: fc.constant("store" as const), key: anyKey, server: fc.integer({ min: 1 }) }),
  fc.record({ do: fc.constant("store" as const), key: anyKey, server: fc.integer({ max: -1 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat(700).map((n) => n * 10) }),
  fc.record({ do: fc.constant("sweep" as const), slots: fc.nat(50) }),
  fc.constant({ do: "release" as const }),
);

interface Expected {
  server: number;
  usedMs: number;
}

/** Runs the steps on a table and on a map; in what they differ. `size`: room for all keys, or not. */
function differences(size: number, startMs: number, steps: readonly Step[]): string[] {
  const memory = createStickTable({ size, expireMs, workers: 2, seed: { low: 3, high: 4 } });
  const tables = [openStickTable(memory, 0), openStickTable(memory, 1)];
  const control = openStickTable(memory, null);
  const key = control.newKey();
  const model = new Map<number, Expected>();
  const evicts = size < keyCount;
  const found: string[] = [];
  let now = startMs;
  let lookups = 0;
  const alive = (number: number): Expected | undefined => {
    const entry = model.get(number);
    return entry !== undefined && now - entry.usedMs <= expireMs ? entry : undefined;
  };
  const holds = (what: string, right: boolean): void => {
    if (!right) found.push(what);
  };

  for (const [i, each] of steps.entries()) {
    const table = tables[i % 2] ?? control;
    if ("key" in each) prepare(key, each.key);
    if (each.do === "wait") now += each.ms;
    else if (each.do === "sweep") control.sweep(now, each.slots);
    else if (each.do === "release") control.releaseWorker(i % 2);
    else if (each.do === "store") {
      holds(`step ${i} stores`, table.store(key, each.server, now));
      holds(`step ${i} is found`, table.lookup(key, now) === each.server);
      lookups++;
      model.set(each.key, { server: each.server, usedMs: now });
    } else if (each.do === "forget") {
      const had = table.forget(key);
      holds(`step ${i} had an entry`, had || evicts || alive(each.key) === undefined);
      model.delete(each.key);
    } else {
      lookups++;
      const entry = alive(each.key);
      const server = table.lookup(key, now);
      // What was evicted is absent; what is there is the latest.
      const absent = server === 0 && (evicts || entry === undefined);
      holds(`step ${i} gives the right server`, absent || server === entry?.server);
      if (entry !== undefined) entry.usedMs = now;
    }
    holds(`after step ${i} it is not too large`, control.used <= size);
  }

  control.sweep(now, control.capacity);
  const listed = control.entries(now, Infinity).length;
  const expected = [...model.keys()].filter((number) => alive(number) !== undefined).length;
  const { hits, misses, storesLost, evictions } = control.counters();
  holds("it has as many as are listed", control.used === listed);
  holds("it has all", evicts ? listed <= expected : listed === expected);
  holds("it has counted every lookup", hits + misses === lookups);
  holds("it has lost no store", storesLost === 0);
  holds("it has evicted none", evicts || evictions === 0);
  return found;
}

describe("a sticky table behaves as a map that forgets", () => {
  // Time begins near where 32 bits of it end.
  const start = fc.constantFrom(0, 2 ** 31 - 3000, 10 * 2 ** 31 - 3000, 10 * 2 ** 32 - 3000);
  const steps = fc.array(step, { maxLength: 300 });

  it("with room for all keys", () => {
    fc.assert(
      fc.property(start, steps, (at, all) => {
        expect(differences(200, at, all)).toEqual([]);
      }),
    );
  });

  it("with room for few: what it answers is right, and it never grows", () => {
    const sizes = fc.constantFrom(1, 5, 15, 20, 30);
    fc.assert(
      fc.property(sizes, start, steps, (size, at, all) => {
        expect(differences(size, at, all)).toEqual([]);
      }),
    );
  });
});
