import { describe, expect, it } from "vitest";
import { hashPolicy } from "./hash-method.ts";
import { modulo } from "./modulo.ts";
import { keyed, request, stage } from "./policy.conformance.ts";

const policy = hashPolicy(modulo);

describe("modulo", () => {
  it("is the key modulo the number of servers, in the order of their names", () => {
    const names = ["c", "a", "d", "b"];
    const on = stage(policy, [300, 300, 300, 300], 1, { names });
    const met = [0, 1, 2, 3, 4, 7, 0xffff_ffff].map(
      (key) => names[on.pickers[0]?.pick(keyed(key)) as number],
    );
    expect(met).toEqual(["a", "b", "c", "d", "a", "d", "d"]);
  });

  it("gives each server as many remainders as its weight in lowest terms", () => {
    const on = stage(policy, [100, 300, 200]);
    const met = Array.from({ length: 12 }, (_, key) => on.pickers[0]?.pick(keyed(key)));
    expect(met).toEqual([0, 1, 1, 1, 2, 2, 0, 1, 1, 1, 2, 2]);
  });

  it("shares the keys of an excluded server among all others", () => {
    const on = stage(policy, [1, 1, 1, 1]);
    const asked = request([1], 4);
    const met = [0, 0, 0, 0];
    for (let key = 1; key < 8000; key += 4) {
      asked.key = key;
      const server = on.pickers[0]?.pick(asked) as number;
      met[server] = (met[server] as number) + 1;
    }
    expect(met[1]).toBe(0);
    for (const server of [0, 2, 3])
      expect(Math.abs((met[server] as number) - 667)).toBeLessThan(130);
  });
});
