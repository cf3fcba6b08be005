// What active checks cost the control plane: real servers' states and real checkers for 1,000
// servers checked every 2 s, no worker beside them, and the CPU time of this process over a while.
// `node .tools/bench/checks/main.js [--servers 1000] [--interval 2000] [--seconds 20]`.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { CheckPlan, HttpProbe, TcpProbe } from "../../dist/config/check-plan.js";
import type { openLog as openLogType, parseConfig as parseConfigType } from "../../dist/index.js";
import type { Checks as ChecksType } from "../../dist/control/checks/checks.js";
import type { Rows as RowsType } from "../../dist/control/rows.js";
import type { ServerStates as ServerStatesType } from "../../dist/control/server-states.js";
import type { Plan } from "../../dist/config/plan.js";

const { values } = parseArgs({
  options: {
    servers: { type: "string", default: "1000" },
    interval: { type: "string", default: "2000" },
    seconds: { type: "string", default: "20" },
  },
});
const serverCount = Number(values.servers);
const intervalMs = Number(values.interval);
const seconds = Number(values.seconds);

const tcp: TcpProbe = { kind: "tcp", steps: [] };
const http: HttpProbe = {
  kind: "http",
  method: "GET",
  path: "/health",
  host: "",
  headers: {},
  statuses: [[200, 399]],
  body: null,
};
const probes = { tcp, http, body: { ...http, body: { text: "ok", regex: false } } };

/** What this uses of the built control plane: what users run, not what the tools compile. */
interface Built {
  readonly parseConfig: typeof parseConfigType;
  readonly openLog: typeof openLogType;
  readonly Rows: typeof RowsType;
  readonly ServerStates: typeof ServerStatesType;
  readonly Checks: typeof ChecksType;
}

const modules = ["index", "control/rows", "control/server-states", "control/checks/checks"];
const loaded = await Promise.all(
  modules.map((name) => import(new URL(`../../../dist/${name}.js`, import.meta.url).href)),
);
const { parseConfig, openLog, Rows, ServerStates, Checks } = Object.assign({}, ...loaded) as Built;

const listener = spawn(process.execPath, [fileURLToPath(new URL("listener.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const port = await portOf(listener);
  console.log(`${serverCount} servers, one check each every ${intervalMs} ms, for ${seconds} s`);
  for (const [name, probe] of Object.entries(probes)) await measure(name, probe, port);
} finally {
  listener.kill();
}

async function portOf(child: ChildProcess): Promise<number> {
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  return Number(line.toString());
}

function planOf(probe: CheckPlan["probe"], port: number): Plan {
  const address = `127.0.0.1:${port}`;
  const servers = Object.fromEntries(
    Array.from({ length: serverCount }, (_, i) => [`s${i}`, address]),
  );
  const text = JSON.stringify({
    frontends: { edge: { mode: "tcp", bind: "127.0.0.1:0", backend: "web" } },
    backends: { web: { servers } },
  });
  const { plan, problems } = parseConfig(text, "bench", {});
  if (plan === null) throw new Error(JSON.stringify(problems));
  const check: CheckPlan = {
    probe,
    intervalMs,
    fastIntervalMs: intervalMs,
    downIntervalMs: intervalMs,
    timeoutMs: 1000,
    rise: 2,
    fall: 3,
    address: null,
    port: 0,
    sendProxy: 0,
    tls: null,
    initState: "up",
  };
  const backends = plan.backends.map((backend) => ({
    ...backend,
    servers: backend.servers.map((server) => ({ ...server, check })),
  }));
  return { ...plan, backends };
}

async function measure(name: string, probe: CheckPlan["probe"], port: number): Promise<void> {
  const plan = planOf(probe, port);
  const log = openLog("warn");
  const rows = new Rows(plan, 1);
  const states = new ServerStates(rows.board, log, () => {});
  const address = { family: "ipv4", host: "127.0.0.1", port } as const;
  states.apply(plan, rows, new Map([...serverKeys(plan)].map((key) => [key, address])));
  const checks = new Checks({ states, log, broadcast: () => {} });
  await checks.apply(plan);
  // Code is compiled, and every server has been looked at.
  await delay(2 * intervalMs);
  const checksBefore = total(states, "checks");
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  await delay(seconds * 1000);
  const elapsedMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const made = total(states, "checks") - checksBefore;
  const failed = total(states, "checkFailures");
  await checks.close();
  states.close();
  const percent = (user + system) / 10 / elapsedMs;
  const each = (user + system) / made;
  console.log(
    `${name.padEnd(5)} ${percent.toFixed(1)} % of a core (user ${(user / 10 / elapsedMs).toFixed(1)}), ` +
      `${((made * 1000) / elapsedMs).toFixed(0)} checks/s, ${each.toFixed(0)} us each, ${failed} failed`,
  );
  if (failed > 0) process.exitCode = 1;
}

function serverKeys(plan: Plan): string[] {
  return plan.backends.flatMap(({ name, servers }) => servers.map((s) => `${name}/${s.name}`));
}

function total(states: ServerStatesType, field: "checks" | "checkFailures"): number {
  return [...states.servers.values()].reduce((sum, server) => sum + server[field], 0);
}
