// `npm run bench:micro`: what one pick of each policy costs, in nanoseconds, with 10 and with 1,000
// servers. Every server has sessions, and each pick begins one and ends an older one, as in a
// running worker; what that costs by itself is measured too and taken off.
import process from "node:process";
import { observeLatency } from "../../src/balance/latency.ts";
import { hashMethodNames, policyNames } from "../../src/balance/registry.ts";
import { equalWeights, Stage } from "../balance/stage.ts";
import { median } from "../statistics.ts";
import { measure } from "./cpu-cost.ts";

const sizes = [10, 1000];
const goals = new Map([
  [10, 100],
  [1000, 2000],
]);
const rounds = 9;
/** Sessions on each server. */
const load = 3;
/** The clock moves by a millisecond in so many picks: 50,000 new sessions a second. */
const picksPerMs = 50;

interface Case {
  readonly label: string;
  readonly policy: string;
  readonly boundedLoad: number;
}

const cases: readonly Case[] = [
  ...[...policyNames, ...hashMethodNames].map((name) => ({
    label: name,
    policy: name,
    boundedLoad: 0,
  })),
  ...hashMethodNames.map((name) => ({
    label: `${name}, boundedLoad 1.25`,
    policy: name,
    boundedLoad: 1.25,
  })),
];

/** A running backend: sessions begin where the policy says and end in the order of their age. */
class Workload {
  private readonly stage: Stage;
  private readonly held: Int32Array;
  private oldest: number;

  constructor({ policy, boundedLoad }: Case, servers: number) {
    this.stage = new Stage({ policy, weights: equalWeights(servers), boundedLoad });
    this.held = Int32Array.from({ length: load * servers }, (_, i) => i % servers);
    this.oldest = 0;
    for (const server of this.held) this.stage.begin(server);
    for (let server = 0; server < servers; server++) {
      observeLatency(this.stage.worker, server, 500 + this.stage.random.next() / 1e7, 0);
    }
  }

  run(picks: number): void {
    const { stage, held } = this;
    const { request, random } = stage;
    for (let i = 0; i < picks; i++) {
      if (i % picksPerMs === 0) request.nowMs++;
      this.replace(stage.pick(random.next()), held);
    }
  }

  /** The same without a pick: any server's session for any other's. */
  runIdle(picks: number): void {
    const { stage, held } = this;
    const { request, random } = stage;
    const { count } = stage.candidates;
    for (let i = 0; i < picks; i++) {
      if (i % picksPerMs === 0) request.nowMs++;
      this.replace(random.next() % count, held);
    }
  }

  private replace(server: number, held: Int32Array): void {
    this.stage.end(held[this.oldest] as number);
    this.stage.begin(server);
    held[this.oldest] = server;
    this.oldest = this.oldest + 1 === held.length ? 0 : this.oldest + 1;
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function main(): void {
  const only = process.argv.slice(2);
  const chosen = cases.filter(({ policy }) => only.length === 0 || only.includes(policy));
  const costs = new Map<string, number[]>();
  const workloads = chosen.flatMap((each) =>
    sizes.map((servers) => ({ ...each, servers, workload: new Workload(each, servers) })),
  );
  // Round by round through all of them, so that a moment in which the machine is busy hits each.
  for (let round = 0; round <= rounds; round++) {
    for (const { label, servers, workload } of workloads) {
      const pick = measure((picks) => workload.run(picks));
      const rest = measure((picks) => workload.runIdle(picks));
      // The first round warms up.
      if (round === 0) continue;
      const key = `${label} ${servers}`;
      costs.set(key, [...(costs.get(key) ?? []), Math.max(0, pick - rest)]);
    }
  }
  console.log(`ns per pick: median of ${rounds} rounds (least to most); node ${process.version}\n`);
  console.log(line(["policy", ...sizes.map((servers) => `${servers} servers`)]));
  console.log(line(["---", ...sizes.map(() => "---:")]));
  let missed = 0;
  for (const { label } of chosen) {
    const cells = sizes.map((servers) => {
      const all = costs.get(`${label} ${servers}`) ?? [];
      const over = median(all) > (goals.get(servers) ?? Infinity);
      if (over) missed++;
      const [middle, least, most] = [median(all), Math.min(...all), Math.max(...all)];
      const figure = `${middle.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
      return over ? `**${figure}**` : figure;
    });
    console.log(line([label, ...cells]));
  }
  const wanted = [...goals].map(([servers, ns]) => `${ns} ns for ${servers} servers`).join(", ");
  console.log(`\nGoals: ${wanted}; ${missed} missed.`);
}

main();
