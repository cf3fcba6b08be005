// What spans several keys of one backend: weights, backups, limits, queues, ejections, what servers are
// told of clients. semantics.ts calls it for each; the checks of servers are in check-semantics.ts.
import { builtin } from "./builtin.ts";
import { checkChecks } from "./check-semantics.ts";
import { parseDuration } from "./duration.ts";
import type { FaultList } from "./fault-list.ts";
import { quoted } from "./reading.ts";
import { entriesAt, findNode, keyOffset, type TreeEntry, type TreeNode } from "./tree.ts";

type Servers = ReadonlyMap<string, TreeEntry>;

/** Faults of the backend called `name` of `root`, in `faults`. */
export function checkBackend(root: TreeNode, name: string, faults: FaultList): void {
  const servers = entriesAt(root, ["backends", name, "servers"]);
  if (servers.size > 0) {
    checkUsable(root, name, servers, faults);
    checkFirst(root, name, servers, faults);
    checkQueues(root, name, servers, faults);
  }
  checkOutlier(root, name, faults);
  checkSendProxy(root, ["backends", name, "sendProxy"], faults);
  for (const server of servers.keys()) {
    checkSendProxy(root, ["backends", name, "servers", server, "sendProxy"], faults);
  }
  checkChecks(root, name, faults);
}

/** Servers of which none takes sessions, or each only when no other does. */
function checkUsable(root: TreeNode, name: string, servers: Servers, faults: FaultList): void {
  const path = ["backends", name, "servers"];
  const offset = keyOffset(root, path);
  const all = [...servers.values()];
  const every = `every server of backend ${quoted(name)}`;
  if (all.every(({ node }) => valueOf(node, "weight") === 0)) {
    const message = `${every} has weight 0, so it takes no sessions`;
    faults.warn(offset, path, message, "Give one of them a weight of 1 or more.");
  }
  if (all.every(({ node }) => valueOf(node, "disabled") === true)) {
    const message = `${every} is disabled, so it takes no sessions until one is made ready`;
    faults.warn(offset, path, message, "Remove disabled from one of them.");
  }
  const together = findNode(root, ["backends", name, "allBackups"])?.value === true;
  if (!together && all.every(({ node }) => valueOf(node, "backup") === true)) {
    const message = `${every} is a backup, so the first usable one takes all sessions`;
    faults.warn(offset, path, message, "Remove backup from those that are to share the sessions.");
  }
}

/** `first` fills one server after the other: behind one without a limit nobody gets anything. */
function checkFirst(root: TreeNode, name: string, servers: Servers, faults: FaultList): void {
  const path = ["backends", name, "balance"];
  const node = findNode(root, path);
  if (node?.value !== "first") return;
  const active = [...servers].filter(([, server]) => valueOf(server.node, "backup") !== true);
  const open = active.findIndex(([, server]) => !hasLimit(server.node));
  const endless = active[open]?.[0];
  if (endless === undefined || open === active.length - 1) return;
  const message = `server ${quoted(endless)} has no maxconn, so the servers after it get no sessions`;
  faults.warn(node.offset, path, message, "Give each server but the last a maxconn.");
}

function checkQueues(root: TreeNode, name: string, servers: Servers, faults: FaultList): void {
  const backend = ["backends", name];
  const ownLimit = hasLimit(findNode(root, backend));
  const anyLimit = [...servers.values()].some(({ node }) => hasLimit(node));
  const warn = (path: string[], who: string): void => {
    const message = `nothing waits for ${who} that has no maxconn, so this has no effect`;
    faults.warn(keyOffset(root, path), path, message, "Add maxconn, or remove it.");
  };
  if (hasQueue(findNode(root, backend)) && !ownLimit && !anyLimit) {
    warn([...backend, "maxqueue"], "a backend or a server");
  }
  for (const [server, { node }] of servers) {
    if (hasQueue(node) && !hasLimit(node)) {
      warn([...backend, "servers", server, "maxqueue"], "a server");
    }
  }
}

function checkSendProxy(root: TreeNode, path: string[], faults: FaultList): void {
  const entries = entriesAt(root, path);
  const tlvs = entries.get("tlvs");
  if (!tlvs || entries.get("version")?.node.value !== "v1") return;
  const message = "version 1 of the header has no place for tlvs";
  const hint = "Write version: v2, or remove it.";
  faults.error(tlvs.keyOffset, [...path, "tlvs"], message, hint);
}

function checkOutlier(root: TreeNode, name: string, faults: FaultList): void {
  const path = ["backends", name, "outlier"];
  const node = findNode(root, path);
  if (!node?.entries) return;
  const offset = keyOffset(root, path);
  const grounds = ["consecutiveErrors", "errorRate", "latencyFactor"]
    .map((ground) => node.entries?.get(ground)?.node.value)
    .filter((value) => value !== undefined);
  if (grounds.length > 0 && grounds.every((value) => value === 0 || value === "0%")) {
    const message = "nothing that is written here ever ejects a server";
    faults.warn(offset, path, message, "Write consecutiveErrors: 5, or outlier: off.");
  }
  const first = parseDuration(valueOf(node, "ejectFor") ?? builtin.outlier.ejectFor);
  const longest = parseDuration(valueOf(node, "ejectForMax") ?? builtin.outlier.ejectForMax);
  if (!first.ok || !longest.ok || first.value <= longest.value) return;
  const message = "ejectFor is longer than ejectForMax, which holds from the first ejection on";
  faults.warn(offset, path, message, "Write a longer ejectForMax, or a shorter ejectFor.");
}

function hasLimit(node: TreeNode | null): boolean {
  const maxconn = valueOf(node, "maxconn");
  return maxconn !== undefined && maxconn !== 0;
}

function hasQueue(node: TreeNode | null): boolean {
  const maxqueue = valueOf(node, "maxqueue");
  return maxqueue !== undefined && maxqueue !== 0;
}

function valueOf(node: TreeNode | null, key: string): unknown {
  return node?.entries?.get(key)?.node.value;
}
