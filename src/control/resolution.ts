// Server names to addresses, before a plan reaches a worker. A name that does not resolve leaves
// its server down, with a warning; it does not stop the others.
import { lookup } from "node:dns/promises";
import { formatAddress, type NamedAddress, type SocketAddress } from "../config/address.ts";
import type { Plan } from "../config/plan.ts";
import type { Log } from "./log.ts";

const lookupMs = 5000;

/** Addresses by `backend/server`; null for names that do not resolve. */
export type Resolution = ReadonlyMap<string, SocketAddress | null>;

export async function resolveServers(plan: Plan, log: Log): Promise<Resolution> {
  const named: Promise<[string, SocketAddress | null]>[] = [];
  const known: [string, SocketAddress][] = [];
  for (const backend of plan.backends) {
    for (const { name, address } of backend.servers) {
      const key = `${backend.name}/${name}`;
      if (address.family !== "name") known.push([key, address]);
      else named.push(resolveName(address, key, log).then((found) => [key, found]));
    }
  }
  return new Map([...known, ...(await Promise.all(named))]);
}

async function resolveName(
  address: NamedAddress,
  server: string,
  log: Log,
): Promise<SocketAddress | null> {
  try {
    const found = await within(lookup(address.host), lookupMs);
    const family = found.family === 6 ? "ipv6" : "ipv4";
    return { family, host: found.address, port: address.port };
  } catch (error) {
    log.warn(
      { server },
      `server ${server} is down: ${formatAddress(address)} does not resolve ` +
        `(${error instanceof Error ? error.message : String(error)}); fix the name or the resolver, then reload`,
    );
    return null;
  }
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
