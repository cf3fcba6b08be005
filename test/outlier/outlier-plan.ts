// What the tests of outlier detection share: a plan with it, and servers that fail in their ways.
import type { Plan } from "../../dist/index.js";
import { planOf } from "../support/library.ts";
import { type Planned, withBackends } from "../support/planned.ts";
import type { Behaviour } from "../support/servers.ts";
import { type Servers, tcpConfig } from "../support/tcp-config.ts";

export type OutlierPlan = NonNullable<Plan["backends"][number]["outlier"]>;

/** Nothing counts and everything is quick: a test switches on what it is about. */
const quiet: OutlierPlan = {
  consecutiveErrors: 0,
  errorRate: 0,
  latencyFactor: 0,
  minSessions: 10,
  intervalMs: 300,
  ejectForMs: 300,
  ejectForMaxMs: 60_000,
  maxEjectedPercent: 50,
};

export function outlierPlan(
  servers: Servers,
  outlier: Partial<OutlierPlan> | null,
  workers = 1,
): Plan {
  const global = { workers, log: { access: "off" } };
  const plan = planOf(tcpConfig(servers, { global }));
  return withBackends(plan, { outlier: outlier === null ? null : { ...quiet, ...outlier } });
}

/** So long that no test sees its end. */
export const forLong = 600_000;

/** Accepts, and resets at once. */
export const resets: Behaviour = (peer) => peer.reset();

/** What the log says of a server's ejections, and whether it is ejected now. */
export function ejections({ lines }: Planned, server: string): readonly string[] {
  const start = `server back/${server} is ejected: `;
  return lines
    .filter(({ message }) => message.startsWith(start))
    .map(({ message }) => message.slice(start.length).split(";")[0] ?? "");
}

export function isEjected({ supervisor }: Planned, server: string): boolean {
  return supervisor.states.server(`back/${server}`)?.ejected === true;
}
