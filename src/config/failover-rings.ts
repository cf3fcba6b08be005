// Backends that fail over to each other in a ring: a session would go round in it while none of them
// has a usable server, and who takes it would depend on where it came in. references.ts calls it.
import { formatPath, type Fault, type Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { entriesAt, findNode, type TreeNode } from "./tree.ts";

/** Names of a ring that are shown. */
const shownMax = 10;

interface Edge {
  readonly to: string;
  readonly node: TreeNode;
  readonly path: Path;
}

/** An error for each failover of `root` that closes a ring. */
export function findFailoverRings(root: TreeNode): Fault[] {
  const backends = entriesAt(root, ["backends"]);
  const done = new Set<string>();
  const faults: Fault[] = [];
  for (const start of backends.keys()) {
    // Depth first, with a stack of its own because a chain may be as long as the file.
    const trail = [{ name: start, edges: edgesOf(root, start) }];
    const place = new Map([[start, 0]]);
    if (done.has(start)) continue;
    for (let here = trail.at(-1); here !== undefined; here = trail.at(-1)) {
      const edge = here.edges.pop();
      if (edge === undefined) {
        done.add(here.name);
        place.delete(here.name);
        trail.pop();
        continue;
      }
      const begin = place.get(edge.to);
      if (begin !== undefined) {
        faults.push(
          ringFault(
            trail.slice(begin).map(({ name }) => name),
            edge,
          ),
        );
      } else if (!done.has(edge.to)) {
        place.set(edge.to, trail.length);
        trail.push({ name: edge.to, edges: edgesOf(root, edge.to) });
      }
    }
  }
  return faults;
}

/** The backends that `backend` fails over to, the last first. */
function edgesOf(root: TreeNode, backend: string): Edge[] {
  const path = ["backends", backend, "failover"];
  const node = findNode(root, path);
  if (!node) return [];
  const edges: Edge[] = [];
  for (const [index, item] of (node.items ?? [node]).entries()) {
    if (typeof item.value !== "string") continue;
    edges.push({ to: item.value, node: item, path: node.items ? [...path, index] : path });
  }
  return edges.toReversed();
}

function ringFault(ring: readonly string[], { to, node, path }: Edge): Fault {
  const place = { severity: "error", offset: node.offset, path } as const;
  if (ring.length === 1) {
    const message = `backend ${quoted(to)} fails over to itself`;
    return { ...place, message, hint: "Name another backend, or remove it." };
  }
  const names = ring.map((name) => formatPath([name]));
  const first = names.length > shownMax ? [...names.slice(0, shownMax), "..."] : names;
  const message = `backends fail over in a ring: ${[...first, formatPath([to])].join(" -> ")}`;
  return { ...place, message, hint: "Remove one of them, so that there is a last resort." };
}
