// What all hash methods promise: the conformance suite, keys that stay, and what a change of the
// servers moves. What one of them is chosen for beside that is in its own test.
import { describe, expect, it } from "vitest";
import {
  keyed,
  policyConformance,
  request,
  stage,
  type StageSettings,
} from "./policy.conformance.ts";
import { seededRandom } from "./random.ts";
import { hashMethodNames, policyNamed } from "./registry.ts";

// Few keys in the suite's rounds, and of the ring few points: it is held to its shares below.
const unfairness = new Map([
  ["ring", null],
  ["maglev", 0.5],
  ["rendezvous", 0.5],
  ["modulo", 0.5],
]);
for (const name of hashMethodNames) {
  policyConformance(name, () => policyNamed(name), unfairness.get(name) ?? null);
  policyConformance(name, () => policyNamed(name), null, { boundedLoad: 1.25 });
}
policyConformance("source", () => policyNamed("source"), null);

const random = seededRandom(2024);
const keys = Array.from({ length: 20_000 }, () => random.next());

/** The name that each key meets. */
function choices(
  method: string,
  names: readonly string[],
  weights: readonly number[] = names.map(() => 100),
  settings: StageSettings = {},
): string[] {
  const on = stage(policyNamed(method), weights, 1, { ...settings, names });
  return keys.map((key) => names[on.pickers[0]?.pick(keyed(key)) as number] as string);
}

function named(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `web${i + 1}.example`);
}

/** Keys that meet another server, and those of them whose server is still there. */
function moved(
  before: readonly string[],
  after: readonly string[],
  gone: string,
): { readonly share: number; readonly needless: number } {
  const changed = before.filter((name, i) => name !== after[i]);
  const needless = changed.filter((name) => name !== gone).length;
  return { share: changed.length / keys.length, needless: needless / keys.length };
}

describe.each(hashMethodNames)("%s", (method) => {
  it("meets the same server for the same key, in every worker, whatever the loads", () => {
    const on = stage(policyNamed(method), [3, 1, 2, 5]);
    for (const key of keys.slice(0, 200)) {
      const met = new Set(on.pickers.map((picker) => picker.pick(keyed(key))));
      expect(met.size).toBe(1);
    }
  });

  it("hashes names: another order of the same servers changes nothing", () => {
    const names = named(13);
    const weights = names.map((_, i) => 100 * (1 + (i % 4)));
    const order = names.map((_, i) => (i * 5 + 3) % 13);
    const shuffled = order.map((i) => names[i] as string);
    const withWeights = order.map((i) => weights[i] as number);
    expect(choices(method, shuffled, withWeights)).toEqual(choices(method, names, weights));
  });

  it("gives a key the same next server in every worker when its first is excluded", () => {
    const on = stage(policyNamed(method), [1, 1, 1, 1, 1]);
    const nexts = new Set<number>();
    for (const key of keys.slice(0, 500)) {
      const first = on.pickers[0]?.pick(keyed(key)) as number;
      if (first !== 2) continue;
      const asked = request([2], 5);
      asked.key = key;
      const met = new Set(on.pickers.map((picker) => picker.pick(asked)));
      expect(met.size).toBe(1);
      nexts.add([...met][0] as number);
    }
    // And not all of them the same one: what a server leaves is shared by all others.
    expect(nexts).toEqual(new Set([0, 1, 3, 4]));
  });

  it("goes round robin without a key", () => {
    const on = stage(policyNamed(method), [5, 1, 1]);
    const picked = Array.from({ length: 14 }, (_, i) => on.pickers[i % 3]?.pick(request()));
    expect(picked).toEqual([0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
  });

  it("spreads very many keys by weight", () => {
    const names = named(20);
    const weights = names.map((_, i) => (i < 10 ? 100 : 300));
    const counts = new Map<string, number>();
    for (const name of choices(method, names, weights)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    // The ring's shares stray by about 1 / sqrt(points); the others' by what 20,000 keys show.
    const bound = method === "ring" ? 0.4 : 0.2;
    for (const [i, name] of names.entries()) {
      const fair = (keys.length * (weights[i] as number)) / 4000;
      expect(Math.abs((counts.get(name) ?? 0) - fair) / fair).toBeLessThan(bound);
    }
  });
});

describe("when one of ten servers leaves", () => {
  const names = named(10);
  const gone = "web4.example";
  const rest = names.filter((name) => name !== gone);
  const change = (method: string): ReturnType<typeof moved> =>
    moved(choices(method, names), choices(method, rest), gone);

  it.each(["ring", "rendezvous"])("%s moves its keys, a tenth, and no other", (method) => {
    const { share, needless } = change(method);
    expect(needless).toBe(0);
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
  });

  it("maglev moves its tenth and a few keys more", () => {
    const { share, needless } = change("maglev");
    expect(needless).toBeGreaterThan(0);
    expect(needless).toBeLessThan(0.1);
    expect(share).toBeLessThan(0.2);
  });

  it("modulo moves most keys, which is what the others are for", () => {
    expect(change("modulo").share).toBeGreaterThan(0.8);
  });

  it("the keys that ring and rendezvous move are shared by all others", () => {
    for (const method of ["ring", "rendezvous"]) {
      const after = choices(method, rest);
      const heirs = choices(method, names).flatMap((name, i) => (name === gone ? [after[i]] : []));
      expect(new Set(heirs)).toEqual(new Set(rest));
    }
  });
});

it("a server that joins draws keys to itself only, with ring and rendezvous", () => {
  for (const method of ["ring", "rendezvous"]) {
    const before = choices(method, named(10));
    const after = choices(method, named(11));
    const changed = after.filter((name, i) => name !== before[i]);
    expect(new Set(changed)).toEqual(new Set(["web11.example"]));
  }
});

it("a weight that grows draws keys to that server only, with ring and rendezvous", () => {
  const names = named(10);
  for (const method of ["ring", "rendezvous"]) {
    // A slow start: one server from a tenth of its weight to all of it.
    const ramp = [10, 25, 50, 75, 100].map((weight) =>
      choices(method, names, [weight, ...Array<number>(9).fill(100)]),
    );
    for (const [step, after] of ramp.entries()) {
      const before = ramp[step - 1] ?? after;
      const changed = after.filter((name, i) => name !== before[i]);
      expect(changed.every((name) => name === names[0])).toBe(true);
      expect(changed.length > 0).toBe(step > 0);
    }
  }
});

it("source is the ring", () => {
  const names = named(7);
  expect(choices("source", names)).toEqual(choices("ring", names));
});
