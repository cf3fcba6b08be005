// What one hot key does to its server, and what boundedLoad does about it.
import { equalWeights, Stage } from "../balance/stage.ts";
import { barChart } from "./svg.ts";

const servers = 10;
const held = 400;
const sessions = 8000;
/** Every third session is from the same address: an office behind one router. */
const hotEvery = 3;
const hotKey = 0x5eed;

const variants = [
  { label: "no bound", boundedLoad: 0 },
  { label: "boundedLoad: 2", boundedLoad: 2 },
  { label: "boundedLoad: 1.25", boundedLoad: 1.25 },
];

export function hotKeyPlot(): string {
  const loads = variants.map(({ boundedLoad }) => loadsOf(boundedLoad));
  return barChart({
    title: "A third of all sessions from one address: sessions on each server",
    subtitle: `balance: source; 10 equal servers, ${held} sessions at once, so ${held / servers} in the mean`,
    xLabel: "server, the busiest first",
    yLabel: "sessions",
    groups: Array.from({ length: servers }, (_, i) => String(i + 1)),
    yMax: 200,
    written: (value) => String(value),
    series: variants.map(({ label }, i) => ({ label, values: loads[i] ?? [] })),
  });
}

function loadsOf(boundedLoad: number): number[] {
  const stage = new Stage({ policy: "source", weights: equalWeights(servers), boundedLoad });
  const queue: number[] = [];
  for (let i = 0; i < sessions; i++) {
    if (queue.length === held) stage.end(queue.shift() as number);
    const server = stage.pick(i % hotEvery === 0 ? hotKey : stage.random.next());
    stage.begin(server);
    queue.push(server);
  }
  const loads = Array.from({ length: servers }, (_, server) => stage.active(server));
  return loads.toSorted((a, b) => b - a);
}
