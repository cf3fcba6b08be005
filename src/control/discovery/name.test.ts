import { describe, expect, test } from "vitest";
import type { ResolvePlan } from "../../config/plan.ts";
import type { Answer, Family, HostAddress } from "./answer.ts";
import { Name } from "./name.ts";

const byTtl: ResolvePlan = { nameservers: [], intervalMs: 0, timeoutMs: 5000 };
const byInterval: ResolvePlan = { ...byTtl, intervalMs: 300 };

function v4(host: string): HostAddress {
  return { family: "ipv4", host };
}

function answer(
  hosts: readonly string[],
  ttlMs: number | null = 5000,
  missing: Family | null = null,
): Answer {
  return { addresses: hosts.map(v4), ttlMs, missing };
}

describe("an answer", () => {
  test("gives its first address to a name without one", () => {
    const name = new Name("db", null);
    expect(name.learn(answer(["10.0.0.1", "10.0.0.2"]), byTtl, 0)).toBe(true);
    expect(name.address?.host).toBe("10.0.0.1");
  });

  test("moves nobody while the address in use is among several, in whatever order", () => {
    const name = new Name("db", v4("10.0.0.2"));
    expect(name.learn(answer(["10.0.0.1", "10.0.0.2"]), byTtl, 0)).toBe(false);
    expect(name.address?.host).toBe("10.0.0.2");
    expect(name.learn(answer(["10.0.0.3", "10.0.0.1"]), byTtl, 0)).toBe(true);
    expect(name.address?.host).toBe("10.0.0.3");
  });

  test("moves nobody from a family that could not be asked for", () => {
    const name = new Name("db", { family: "ipv6", host: "fd00::1" });
    expect(name.learn(answer(["10.0.0.1"], 5000, "ipv6"), byTtl, 0)).toBe(false);
    expect(name.address?.host).toBe("fd00::1");
    expect(name.learn(answer(["10.0.0.1"], 5000, null), byTtl, 0)).toBe(true);
  });

  test.each([
    [0, 1000],
    [999, 1000],
    [5000, 5000],
    [3_600_000, 3_600_000],
    [86_400_000, 3_600_000],
    [null, 10_000],
  ])("with a TTL of %s ms is asked for again after %i ms", (ttlMs, waitMs) => {
    const name = new Name("db", null);
    name.learn(answer(["10.0.0.1"], ttlMs), byTtl, 50);
    expect(name.dueMs).toBe(50 + waitMs);
  });

  test("is asked for again after the interval, whatever its TTL", () => {
    const name = new Name("db", null);
    name.learn(answer(["10.0.0.1"], 86_400_000), byInterval, 50);
    expect(name.dueMs).toBe(350);
  });
});

describe("a failure", () => {
  test("keeps the address, and is news once", () => {
    const name = new Name("db", v4("10.0.0.1"));
    expect(name.fail("no answer", byTtl, 0)).toBe(true);
    expect(name.fail("there is no such name", byTtl, 0)).toBe(false);
    expect(name.address?.host).toBe("10.0.0.1");
    expect(name.problem).toBe("there is no such name");
    name.learn(answer(["10.0.0.1"]), byTtl, 0);
    expect(name.problem).toBe("");
    expect(name.fail("no answer", byTtl, 0)).toBe(true);
  });

  test("is followed by questions 1, 2, 4 .. 30 s apart, and by 1 s again after an answer", () => {
    const name = new Name("db", null);
    const waits = Array.from({ length: 7 }, () => {
      name.fail("no answer", byTtl, 100);
      return name.dueMs - 100;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    name.learn(answer(["10.0.0.1"]), byTtl, 100);
    name.fail("no answer", byTtl, 100);
    expect(name.dueMs).toBe(1100);
  });

  test("does not make questions rarer than a shorter interval does", () => {
    const name = new Name("db", null);
    for (let i = 0; i < 5; i++) name.fail("no answer", byInterval, 0);
    expect(name.dueMs).toBe(300);
  });
});
