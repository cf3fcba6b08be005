// Where a frontend names backends: in `backend` and in its routes, one or several by weight. The
// checks of references, of circles and of modes follow sessions and requests through it.
import type { Path } from "./problem.ts";
import { findNode, type TreeNode } from "./tree.ts";

/** One name of a backend, and where it stands. */
export interface BackendReference {
  readonly name: string;
  readonly offset: number;
  readonly path: Path;
}

/** The backends that `frontend` names, as far as it can be understood. */
export function referencesOf(root: TreeNode, frontend: string): BackendReference[] {
  const path = ["frontends", frontend];
  const references = namesAt(root, [...path, "backend"]);
  const routes = findNode(root, [...path, "routes"])?.items ?? [];
  for (const index of routes.keys()) {
    references.push(...namesAt(root, [...path, "routes", index, "backend"]));
  }
  return references;
}

/** The names of the choice at `path`: the text itself, or the keys of weights. */
function namesAt(root: TreeNode, path: Path): BackendReference[] {
  const node = findNode(root, path);
  if (typeof node?.value === "string") return [{ name: node.value, offset: node.offset, path }];
  return [...(node?.entries ?? [])].map(([name, { keyOffset }]) => ({
    name,
    offset: keyOffset,
    path: [...path, name],
  }));
}

/** The backends that `backend` fails over to, in order. */
export function failoversOf(root: TreeNode, backend: string): string[] {
  const node = findNode(root, ["backends", backend, "failover"]);
  const items = node ? (node.items ?? [node]) : [];
  return items.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
}
