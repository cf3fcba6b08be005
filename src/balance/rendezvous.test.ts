import { describe, expect, it } from "vitest";
import { hashPolicy } from "./hash-method.ts";
import { finish, nameHash } from "./key-hash.ts";
import { keyed, request, stage } from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { rendezvous } from "./rendezvous.ts";

const policy = hashPolicy(rendezvous);
const names = ["a", "b", "c", "d", "e", "f"];

/** The definition, without any of what makes it fast. */
function byDefinition(
  key: number,
  weights: readonly number[],
  excluded: readonly number[],
): number {
  const scores = names.map((name, i) => {
    const lot = ((finish(key ^ nameHash(name)) >>> 0) + 0.5) / 2 ** 32;
    return excluded.includes(i) ? -1 : (weights[i] as number) / -Math.log(lot);
  });
  return scores.indexOf(Math.max(...scores));
}

describe("rendezvous", () => {
  it("chooses as the definition says, equal weights or not, with some excluded or none", () => {
    const random = seededRandom(6);
    for (const weights of [
      [1, 1, 1, 1, 1, 1],
      [1, 2, 3, 4, 5, 6],
      [256, 1, 1, 256, 10, 10],
    ]) {
      const on = stage(policy, weights, 1, { names });
      for (const excluded of [[], [0], [3, 5], [0, 1, 2, 4, 5]]) {
        const asked = request(excluded, names.length);
        for (let i = 0; i < 500; i++) {
          asked.key = random.next();
          expect(on.pickers[0]?.pick(asked)).toBe(byDefinition(asked.key, weights, excluded));
        }
      }
    }
  });

  it("has shares by weight within what chance allows", () => {
    const weights = [1, 1, 2, 4, 8, 16];
    const on = stage(policy, weights, 1, { names });
    const random = seededRandom(8);
    const counts = names.map(() => 0);
    const keys = 100_000;
    for (let i = 0; i < keys; i++) {
      const server = on.pickers[0]?.pick(keyed(random.next())) as number;
      counts[server] = (counts[server] as number) + 1;
    }
    for (const [i, weight] of weights.entries()) {
      const share = weight / 32;
      const bound = 6 * Math.sqrt(keys * share * (1 - share));
      expect(Math.abs((counts[i] as number) - keys * share)).toBeLessThan(bound);
    }
  });
});
