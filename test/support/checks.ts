// Checked servers for tests: check plans in milliseconds, one probe by itself, and a running
// Ballast whose plan has checks.
import { readFileSync } from "node:fs";
import { probeOf } from "../../src/control/checks/probes.ts";
import type { ProbeResult } from "../../src/control/checks/probe.ts";
import { TlsContexts } from "../../src/control/checks/tls-contexts.ts";
import type { NamedAddress, SocketAddress } from "../../src/config/address.ts";
import type { CheckPlan, ExecProbe, HttpProbe, TcpStep } from "../../src/config/check-plan.ts";
import type { ServerMaterial } from "../../src/config/tls-material.ts";
import type { ServerTlsPlan } from "../../src/config/tls-plan.ts";
import { openLog, type Plan, type ServerPlan, Supervisor } from "../../dist/index.js";
import type { Issued } from "./authority.ts";
import { portOf } from "./clients.ts";
import { atTestEnd } from "./leftovers.ts";
import { planOf } from "./library.ts";
import type { TestServer } from "./servers.ts";
import { type Settings, tcpConfig } from "./tcp-config.ts";
import { plainServerTls } from "../../src/tls/conformance/plans.conformance.ts";

/** A check that connects, fast; a test overrides what it is about. */
export function checkPlan(settings: Partial<CheckPlan> = {}): CheckPlan {
  return {
    probe: { kind: "tcp", steps: [] },
    intervalMs: 20,
    fastIntervalMs: 20,
    downIntervalMs: 20,
    timeoutMs: 5000,
    rise: 2,
    fall: 3,
    address: null,
    port: 0,
    sendProxy: 0,
    tls: null,
    initState: "up",
    ...settings,
  };
}

/** A conversation: strings that begin with `>` are sent, others expected. */
export function talks(...steps: readonly (string | RegExp)[]): CheckPlan["probe"] {
  return { kind: "tcp", steps: steps.map(stepOf) };
}

function stepOf(step: string | RegExp): TcpStep {
  if (step instanceof RegExp) return { regex: step.source };
  return step.startsWith(">")
    ? { send: Buffer.from(step.slice(1)) }
    : { expect: Buffer.from(step) };
}

export function asks(settings: Partial<Omit<HttpProbe, "kind">> = {}): HttpProbe {
  const defaults = { method: "GET", path: "/", host: "", headers: {}, body: null };
  return { kind: "http", ...defaults, statuses: [[200, 399]], ...settings };
}

/** A shell script. */
export function runs(script: string): ExecProbe {
  return { kind: "exec", command: ["/bin/sh", "-c", script] };
}

export function socketAddress(address: string): SocketAddress {
  if (address.startsWith("unix:")) return { family: "unix", path: address.slice("unix:".length) };
  return { family: "ipv4", host: "127.0.0.1", port: portOf(address) };
}

/** What one probe of this address finds; with TLS, `material` is what was read for it. */
export function probe(
  address: string | SocketAddress | NamedAddress,
  settings: Partial<CheckPlan> = {},
  material: ServerMaterial | null = null,
): Promise<ProbeResult> {
  const target = typeof address === "string" ? socketAddress(address) : address;
  const contexts = new TlsContexts((key) => (key === "check web/s1" ? material : null));
  const look = probeOf(checkPlan(settings), contexts);
  return look({ backend: "web", server: "s1", address: target }).result;
}

/** TLS of a check that verifies whatever name the server's address has. */
export function checkTls(parts: Partial<ServerTlsPlan> = {}): ServerTlsPlan {
  return { ...plainServerTls, ...parts };
}

/** What the supervisor would have read of these files. */
export function materialOf(ca: string, own?: Issued, passphrase = ""): ServerMaterial {
  return { ca: read(ca), cert: read(own?.cert), key: read(own?.key), passphrase };
}

function read(file: string | undefined): Uint8Array | null {
  return file === undefined ? null : new Uint8Array(readFileSync(file));
}

/** A plan with these servers in backend `back`; `settings`: what they have beside that. */
export function checkedPlan(
  servers: Readonly<Record<string, TestServer | string>>,
  settings: Partial<ServerPlan> | ((name: string) => Partial<ServerPlan>),
  global: Settings = {},
): Plan {
  // A reload takes the level of the plan, and transitions are many here.
  const log = { access: "off", level: "error", ...(global["log"] as Settings | undefined) };
  const plan = planOf(tcpConfig(servers, { global: { ...global, log } }));
  const backends = plan.backends.map((backend) => ({
    ...backend,
    servers: backend.servers.map((server) => ({
      ...server,
      ...(typeof settings === "function" ? settings(server.name) : settings),
    })),
  }));
  return { ...plan, backends };
}

/** Starts it, silent; stopped when the test ends. */
export async function startPlan(plan: Plan): Promise<Supervisor> {
  const log = openLog("error");
  log.level = "silent";
  const supervisor = await Supervisor.start(plan, log);
  atTestEnd(() => supervisor.stop());
  return supervisor;
}

/** One of its servers, as the control plane knows it. */
export function statusOf(supervisor: Supervisor, name = "s1"): ServerStatus {
  const status = supervisor.states.server(`back/${name}`);
  if (status === undefined) throw new Error(`no server ${name}`);
  return status;
}

type ServerStatus = NonNullable<ReturnType<Supervisor["states"]["server"]>>;
