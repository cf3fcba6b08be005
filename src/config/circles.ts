// Servers that are a frontend of the same file, from which the sessions come back to the same
// server: each one would open the next until a limit is reached. semantics.ts calls it.
import { formatAddress } from "./address.ts";
import { parseServerAddress, type ServerAddress } from "./address-syntax.ts";
import { failoversOf, referencesOf } from "./backend-references.ts";
import { bindsOf, socketsOf } from "./binds.ts";
import type { Fault } from "./problem.ts";
import { quoted } from "./reading.ts";
import { entriesAt, type TreeNode } from "./tree.ts";

interface Hop {
  readonly backend: string;
  readonly server: string;
  readonly node: TreeNode;
  readonly frontend: string;
}

/** A warning for each server of `root` whose sessions come back to it. */
export function findCircles(root: TreeNode): Fault[] {
  const hops = hopsOf(root);
  const next = new Map<string, Set<string>>();
  for (const { backend, frontend } of hops) {
    const targets = next.get(backend) ?? new Set();
    targets.add(frontend);
    next.set(backend, targets);
  }
  const reached = new Map<string, ReadonlySet<string>>();
  const faults: Fault[] = [];
  for (const { backend, server, node, frontend } of hops) {
    const backends = reached.get(frontend) ?? backendsBehind(frontend, root, next);
    reached.set(frontend, backends);
    if (!backends.has(backend)) continue;
    const path = ["backends", backend, "servers", server];
    const address = node.entries?.get("address")?.node;
    if (address) path.push("address");
    const { offset, value } = address ?? node;
    const message =
      `${quoted(String(value))} is where frontend ${quoted(frontend)} listens, ` +
      "whose sessions come back to this server";
    const hint =
      "Connections would go round in a circle until a limit is reached; write the address of " +
      "the server itself.";
    faults.push({ severity: "warning", offset, path, message, hint });
  }
  return faults;
}

/** The servers whose address is where a frontend listens. */
function hopsOf(root: TreeNode): Hop[] {
  const listeners = new Map<string, string>();
  for (const { frontend, address } of bindsOf(root)) {
    for (const socket of socketsOf(address)) {
      if (!listeners.has(socket)) listeners.set(socket, frontend);
    }
  }
  const hops: Hop[] = [];
  for (const backend of entriesAt(root, ["backends"]).keys()) {
    for (const [server, { node }] of entriesAt(root, ["backends", backend, "servers"])) {
      const reading = parseServerAddress((node.entries?.get("address")?.node ?? node).value);
      if (!reading.ok) continue;
      const socket = listeningFor(reading.value).find((candidate) => listeners.has(candidate));
      const frontend = socket === undefined ? undefined : listeners.get(socket);
      if (frontend !== undefined) hops.push({ backend, server, node, frontend });
    }
  }
  return hops;
}

/**
 * The binds that would take a connection to `address`, the one that the kernel prefers first. What
 * is not loopback may be another machine, so there only the very same address counts.
 */
function listeningFor(address: ServerAddress): string[] {
  if (address.family === "unix") return [formatAddress(address)];
  const { host, port } = address;
  const ipv4 = [`0.0.0.0:${port}`, `[::]:${port}`];
  const ipv6 = [`[::]:${port}`];
  // Linux connects a wildcard address to loopback.
  if (host === "0.0.0.0") return [`127.0.0.1:${port}`, ...ipv4];
  if (host === "::") return [`[::1]:${port}`, ...ipv6];
  if (address.family === "name") {
    const isLoopback = /^localhost\.?$/i.test(host);
    return isLoopback ? [`127.0.0.1:${port}`, `[::1]:${port}`, ...ipv4] : [];
  }
  if (host === "::1") return [formatAddress(address), ...ipv6];
  return host.startsWith("127.") ? [formatAddress(address), ...ipv4] : [formatAddress(address)];
}

/** The backends that a session of `frontend` may get to, through further frontends and failovers too. */
function backendsBehind(
  frontend: string,
  root: TreeNode,
  next: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const backends = new Set<string>();
  const open = namedBy(root, frontend);
  for (let backend = open.pop(); backend !== undefined; backend = open.pop()) {
    if (backends.has(backend)) continue;
    backends.add(backend);
    for (const from of next.get(backend) ?? []) open.push(...namedBy(root, from));
    open.push(...failoversOf(root, backend));
  }
  return backends;
}

function namedBy(root: TreeNode, frontend: string): string[] {
  return referencesOf(root, frontend).map(({ name }) => name);
}
