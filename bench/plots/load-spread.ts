// How evenly sessions lie on servers when none of them ends: balls into bins.
import { equalWeights, Stage } from "../balance/stage.ts";
import { lineChart } from "./svg.ts";

const servers = 100;
const sessions = 5000;
const policies = ["random", "p2c", "leastconn"];

export function loadSpread(): string {
  return lineChart({
    title: "Sessions on each of 100 servers, the busiest first",
    subtitle: `${sessions} sessions that stay, one after the other; the mean is ${sessions / servers}`,
    xLabel: "server, by its number of sessions",
    yLabel: "sessions",
    xMax: servers,
    yMax: 100,
    series: policies.map((policy) => ({
      label: policy,
      points: loadsOf(policy).map((load, i): [number, number] => [i + 1, load]),
    })),
  });
}

function loadsOf(policy: string): number[] {
  const stage = new Stage({ policy, weights: equalWeights(servers), seed: 7 });
  for (let i = 0; i < sessions; i++) stage.begin(stage.pick(i));
  const loads = Array.from({ length: servers }, (_, server) => stage.active(server));
  return loads.toSorted((a, b) => b - a);
}
