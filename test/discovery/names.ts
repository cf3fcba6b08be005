// What the tests of resolution share: a plan whose names one name server knows, and two servers
// with the same port on different loopback addresses.
import type { Plan } from "../../dist/index.js";
import { ask, portOf } from "../support/clients.ts";
import { planOf } from "../support/library.ts";
import type { NameServer } from "../support/name-server.ts";
import { type Behaviour, startServer, type TestServer } from "../support/servers.ts";
import { type ConfigParts, type Servers, tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

export type ResolvePlan = Plan["global"]["resolve"];

export function namedPlan(
  nameServer: NameServer | null,
  servers: Servers,
  resolve: Partial<ResolvePlan> = {},
  parts: ConfigParts = {},
): Plan {
  const global = { log: { access: "off" }, ...parts.global };
  const plan = planOf(tcpConfig(servers, { ...parts, global }));
  const nameservers = nameServer === null ? [] : [nameServer.address];
  const settings = { nameservers, intervalMs: 50, timeoutMs: 1000, ...resolve };
  return { ...plan, global: { ...plan.global, resolve: settings } };
}

/** On 127.0.0.1 and on 127.0.0.2, with one port. */
export async function startPair(
  one: Behaviour,
  two: Behaviour,
): Promise<{ one: TestServer; two: TestServer; port: number }> {
  const first = await startServer(one);
  const port = portOf(first.address);
  return { one: first, two: await startServer(two, `127.0.0.2:${port}`), port };
}

/** So many sessions in a row that no worker can have been left out. */
const manySessions = 30;

/** Waits until every worker sends its sessions to the server that says `name`. */
export async function untilAllGoTo(address: string, name: string): Promise<void> {
  await until(`all sessions to go to ${name}`, async () => {
    for (let i = 0; i < manySessions; i++) if ((await ask(address)) !== name) return false;
    return true;
  });
}
