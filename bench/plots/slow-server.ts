// One of five servers becomes slow for a while: which part of the sessions it is given.
import { observeLatency } from "../../src/balance/latency.ts";
import { equalWeights, Stage } from "../balance/stage.ts";
import { lineChart, type Series } from "./svg.ts";

const servers = 5;
const slow = 2;
const slowFromMs = 20_000;
const slowToMs = 60_000;
const endMs = 150_000;
const everyMs = 2;
const bucketMs = 2000;
const fastMs = 5;
const slowMs = 200;

export function slowServer(): string {
  return lineChart({
    title: "A slow server: its part of the new sessions",
    subtitle:
      `five equal servers, ${fastMs} ms each, 500 sessions a second; ` +
      `one takes ${slowMs} ms from second ${slowFromMs / 1000} to ${slowToMs / 1000}`,
    xLabel: "seconds",
    yLabel: "% of new sessions",
    xMax: endMs / 1000,
    yMax: 40,
    series: ["roundrobin", "leastconn", "leasttime"].map(simulate),
  });
}

interface Event {
  readonly atMs: number;
  readonly act: () => void;
}

function simulate(policy: string): Series {
  const stage = new Stage({ policy, weights: equalWeights(servers) });
  const events: Event[] = [];
  const points: [number, number][] = [];
  let given = 0;
  for (let nowMs = 0; nowMs < endMs; nowMs += everyMs) {
    while (events[0] !== undefined && events[0].atMs <= nowMs) events.shift()?.act();
    stage.request.nowMs = nowMs;
    const server = stage.pick(stage.random.next());
    const isSlow = server === slow && nowMs >= slowFromMs && nowMs < slowToMs;
    // Within a tenth of its time, so that no two answers are the same.
    const took = (isSlow ? slowMs : fastMs) * (0.95 + stage.random.next() / 0x1_0000_0000 / 10);
    stage.begin(server);
    later(events, nowMs + took, () =>
      observeLatency(stage.worker, server, took * 1000, nowMs + took),
    );
    // The session lasts as long again.
    later(events, nowMs + 2 * took, () => stage.end(server));
    if (server === slow) given++;
    if ((nowMs + everyMs) % bucketMs !== 0) continue;
    points.push([(nowMs + everyMs) / 1000, (100 * given * everyMs) / bucketMs]);
    given = 0;
  }
  return { label: policy, points };
}

function later(events: Event[], atMs: number, act: () => void): void {
  const behind = events.findIndex((event) => event.atMs > atMs);
  events.splice(behind === -1 ? events.length : behind, 0, { atMs, act });
}
