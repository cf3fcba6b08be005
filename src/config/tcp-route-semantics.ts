// What routes of a frontend in tcp mode may not say: all that is about requests. mode-semantics.ts calls
// it for each such frontend.
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { entriesAt, findNode, type TreeNode } from "./tree.ts";

const routeKeys = ["redirect", "respond", "request", "response"];
const matchKeys = ["host", "path", "method", "header", "query", "cookie", "body", "maxBody"];

/** Faults of the routes of the frontend at `path`, in `faults`. */
export function checkTcpRoutes(root: TreeNode, path: Path, faults: FaultList): void {
  const list = [...path, "routes"];
  for (const index of (findNode(root, list)?.items ?? []).keys()) {
    const place = [...list, index];
    refuse(root, place, routeKeys, "A route here has match and backend.", faults);
    const hint = "A match here has sni, alpn and source.";
    refuse(root, [...place, "match"], matchKeys, hint, faults);
  }
}

function refuse(
  root: TreeNode,
  path: Path,
  keys: readonly string[],
  hint: string,
  faults: FaultList,
): void {
  for (const [key, { keyOffset }] of entriesAt(root, path)) {
    if (!keys.includes(key)) continue;
    const message = `${quoted(key)} needs mode: http, and this frontend has mode: tcp`;
    faults.error(keyOffset, [...path, key], message, hint);
  }
}
