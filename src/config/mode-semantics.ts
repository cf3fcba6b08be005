// What http mode alone knows, and where it stands in tcp mode: keys of frontends, and what a backend
// says that a tcp frontend's sessions come to. Also whether a frontend says where to. semantics.ts
// calls it.
import { failoversOf, referencesOf } from "./backend-references.ts";
import type { FaultList } from "./fault-list.ts";
import { httpFrontend } from "./http-schema.ts";
import type { Mode } from "./plan.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { needsHttp, readSessionKey } from "./session-key-values.ts";
import { checkTcpRoutes } from "./tcp-route-semantics.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

/** Of `routes` there are some in tcp mode, too. */
const frontendKeys = Object.keys(httpFrontend).filter((key) => key !== "routes");
const frontendTimes = ["httpRequest", "httpKeepAlive"];
const backendKeys = ["cookie", "request", "response"];

/** Faults of the modes of `root`, in `faults`. */
export function checkModes(root: TreeNode, faults: FaultList): void {
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    checkDestination(root, frontend, faults);
    if (modeOf(root, frontend) === "tcp") checkTcpFrontend(root, frontend, faults);
  }
  const users = usersOf(root, "tcp");
  for (const backend of entriesAt(root, ["backends"]).keys()) {
    const frontend = users.get(backend);
    if (frontend !== undefined) checkTcpBackend(root, backend, frontend, faults);
  }
}

/** By backend, the first frontend in `mode` whose sessions may come to it. */
export function usersOf(root: TreeNode, mode: Mode): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const frontend of entriesAt(root, ["frontends"]).keys()) {
    if (modeOf(root, frontend) !== mode) continue;
    const open = referencesOf(root, frontend).map(({ name }) => name);
    for (let backend = open.pop(); backend !== undefined; backend = open.pop()) {
      if (users.has(backend)) continue;
      users.set(backend, frontend);
      open.push(...failoversOf(root, backend));
    }
  }
  return users;
}

/** The mode that a frontend says or inherits; undefined when there is none. */
export function modeOf(root: TreeNode, frontend: string): unknown {
  const own = findNode(root, ["frontends", frontend, "mode"]);
  return (own ?? findNode(root, ["defaults", "mode"]))?.value;
}

function checkDestination(root: TreeNode, frontend: string, faults: FaultList): void {
  const keys = findNode(root, ["frontends", frontend])?.entries;
  if (!keys || keys.has("backend")) return;
  const routes = keys.get("routes")?.node;
  if (routes && routes.items?.length !== 0) return;
  const path = ["frontends", frontend, "backend"];
  const hint = `Add backend: web, or routes to frontends.${frontend}.`;
  faults.error(keyOffset(root, path), path, '"backend" is missing', hint);
}

function checkTcpFrontend(root: TreeNode, frontend: string, faults: FaultList): void {
  const path = ["frontends", frontend];
  for (const key of frontendKeys) {
    if (!entriesAt(root, path).has(key)) continue;
    const place = [...path, key];
    const message = `${quoted(key)} needs mode: http, and this frontend has mode: tcp`;
    faults.error(keyOffset(root, place), place, message, "Remove it, or write mode: http.");
  }
  for (const key of frontendTimes) {
    const place = [...path, "timeout", key];
    if (!findNode(root, place)) continue;
    const message = `${quoted(key)} has no effect in mode: tcp`;
    faults.warn(keyOffset(root, place), place, message, "Remove it.");
  }
  checkTcpRoutes(root, path, faults);
  const choice = findNode(root, [...path, "backend"]);
  if (!choice?.entries) return;
  const message = "shares of several backends need mode: http, and this frontend has mode: tcp";
  faults.error(choice.offset, [...path, "backend"], message, "Name one backend.");
}

function checkTcpBackend(
  root: TreeNode,
  backend: string,
  frontend: string,
  faults: FaultList,
): void {
  const path = ["backends", backend];
  const because = `frontend ${quoted(frontend)}, which may use backend ${quoted(backend)}, has mode: tcp`;
  const refuse = (place: Path, offset: number, what: string): void => {
    const hint = "Remove it, or give that frontend another backend.";
    faults.error(offset, place, `${what} needs mode: http, and ${because}`, hint);
  };
  for (const key of backendKeys) {
    const place = [...path, key];
    if (findNode(root, place)) refuse(place, keyOffset(root, place), quoted(key));
  }
  for (const place of [
    [...path, "balance", "hash"],
    [...path, "stick", "on"],
  ]) {
    const node = findNode(root, place);
    const reading = readSessionKey(node?.value);
    if (node && reading.ok && needsHttp(reading.value)) {
      refuse(place, node.offset, quoted(String(node.value)));
    }
  }
  const place = [...path, "retry", "on"];
  const causes = findNode(root, place);
  for (const [index, cause] of (causes?.items ?? (causes ? [causes] : [])).entries()) {
    const isCause = typeof cause.value === "string" || typeof cause.value === "number";
    if (!isCause || cause.value === "connFailure") continue;
    refuse(causes?.items ? [...place, index] : place, cause.offset, quoted(String(cause.value)));
  }
}
