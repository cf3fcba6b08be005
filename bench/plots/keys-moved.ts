// Which part of all keys meets another server when one of ten leaves.
import { hashMethodNames } from "../../src/balance/registry.ts";
import { equalWeights, namesOf, Stage } from "../balance/stage.ts";
import { barChart } from "./svg.ts";
import { seededRandom } from "../../src/balance/random.ts";

const servers = 10;
const keyCount = 50_000;
const gone = "s004";

export function keysMoved(): string {
  const random = seededRandom(11);
  const keys = Array.from({ length: keyCount }, () => random.next());
  const all = namesOf(servers);
  const rest = all.filter((name) => name !== gone);
  const changes = hashMethodNames.map((policy) => {
    const before = choices(policy, all, keys);
    const after = choices(policy, rest, keys);
    const moved = before.filter((name, i) => name !== after[i]);
    const own = moved.filter((name) => name === gone).length;
    return { own: (100 * own) / keyCount, others: (100 * (moved.length - own)) / keyCount };
  });
  return barChart({
    title: "Keys that meet another server when one of ten leaves",
    subtitle: `${keyCount} random keys, servers of equal weight; a tenth must move in any case`,
    xLabel: "hash method",
    yLabel: "% of all keys",
    groups: hashMethodNames,
    yMax: 100,
    written: (value) => `${value.toFixed(1)} %`,
    series: [
      { label: "keys of the server that left", values: changes.map(({ own }) => own) },
      { label: "keys of servers that are still there", values: changes.map((each) => each.others) },
    ],
  });
}

function choices(policy: string, names: readonly string[], keys: readonly number[]): string[] {
  const stage = new Stage({ policy, weights: equalWeights(names.length), names });
  return keys.map((key) => names[stage.pick(key)] as string);
}
