// How a server with slowstart comes to its share of the sessions, by aggression.
import type { ServerPlan } from "../../src/config/plan.ts";
import { ServerStatus } from "../../src/control/server-status.ts";
import { weightUnit } from "../../src/scoreboard/layout.ts";
import { Stage } from "../balance/stage.ts";
import { lineChart, type Series } from "./svg.ts";

const servers = 5;
const windowMs = 30_000;
const endMs = 40_000;
const stepMs = 1000;
const sessionsPerStep = 500;

export function slowStart(): string {
  return lineChart({
    title: "Slow start: a server's part of the new sessions after it comes up",
    subtitle: "roundrobin over five servers of equal weight; slowstart: 30s, minWeight: 10%",
    xLabel: "seconds since it came up",
    yLabel: "% of new sessions",
    xMax: endMs / 1000,
    yMax: 25,
    series: [1, 2, 4].map(ramp),
  });
}

function ramp(aggression: number): Series {
  const status = new ServerStatus("web", planOf(aggression), 0, null);
  status.rampFromMs = 0;
  const points: [number, number][] = [];
  for (let nowMs = 0; nowMs <= endMs; nowMs += stepMs) {
    if (nowMs > 0) status.rampedAt(nowMs);
    const weight = status.weightAt(nowMs) / weightUnit;
    const others = Array.from({ length: servers - 1 }, () => 1);
    const stage = new Stage({ policy: "roundrobin", weights: [weight, ...others] });
    let given = 0;
    for (let i = 0; i < sessionsPerStep; i++) if (stage.pick(i) === 0) given++;
    points.push([nowMs / 1000, (100 * given) / sessionsPerStep]);
  }
  return { label: `aggression: ${aggression}`, points };
}

function planOf(aggression: number): ServerPlan {
  return {
    name: "new",
    address: { host: "127.0.0.1", port: 80 } as ServerPlan["address"],
    weight: 1,
    sendProxy: 0,
    proxyTlvs: [],
    tls: null,
    maxconn: 0,
    maxqueue: 0,
    backup: false,
    disabled: false,
    slowstart: { windowMs, aggression, minPercent: 10 },
    check: null,
    shutdownSessions: false,
  };
}
