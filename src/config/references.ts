// Names of backends that stand elsewhere in the file: in frontends, their routes, failover lists. Unknown
// ones, backends that nobody names, failovers that come back. semantics.ts calls it.
import { type BackendReference, referencesOf } from "./backend-references.ts";
import { findFailoverRings } from "./failover-rings.ts";
import type { FaultList } from "./fault-list.ts";
import { quoted } from "./reading.ts";
import { routeActions } from "./route-semantics.ts";
import { nearest } from "./suggestion.ts";
import { entriesAt, findNode, type TreeNode } from "./tree.ts";

/** Faults of all references of `root`, in `faults`. */
export function checkReferences(root: TreeNode, faults: FaultList): void {
  const references = new References(root, faults);
  // A frontend or route that does not say where to may mean any of them.
  let allNamed = true;
  for (const name of entriesAt(root, ["frontends"]).keys()) {
    const named = referencesOf(root, name);
    for (const reference of named) references.check(reference);
    const routes = findNode(root, ["frontends", name, "routes"])?.items ?? [];
    allNamed &&= named.length > 0 || routes.length > 0;
    allNamed &&= routes.every(({ entries }) => routeActions.some((action) => entries?.has(action)));
  }
  for (const name of entriesAt(root, ["backends"]).keys()) references.checkFailover(name);
  if (allNamed) references.warnOfUnused();
  faults.all.push(...findFailoverRings(root));
}

class References {
  readonly #root: TreeNode;
  readonly #faults: FaultList;
  readonly #used: Set<string>;

  constructor(root: TreeNode, faults: FaultList) {
    this.#root = root;
    this.#faults = faults;
    this.#used = new Set();
  }

  check({ name, offset, path }: BackendReference): void {
    const backends = entriesAt(this.#root, ["backends"]);
    this.#used.add(name);
    if (backends.has(name)) return;
    const meant = nearest(name, backends.keys());
    // So that a misspelt name does not also bring a warning about the backend that it meant.
    if (meant !== null) this.#used.add(meant);
    const names = [...backends.keys()].slice(0, 10).join(", ");
    const known = names === "" ? "Add it to backends." : `The file has: ${names}.`;
    const hint = meant === null ? known : `Did you mean "${meant}"?`;
    this.#faults.error(offset, path, `unknown backend ${quoted(name)}`, hint);
  }

  checkFailover(backend: string): void {
    const path = ["backends", backend, "failover"];
    const node = findNode(this.#root, path);
    if (!node) return;
    const seen = new Set<unknown>();
    for (const [index, item] of (node.items ?? [node]).entries()) {
      const place = node.items ? [...path, index] : path;
      // Itself is told as a ring, and does not make it used.
      if (typeof item.value === "string" && item.value !== backend) {
        this.check({ name: item.value, offset: item.offset, path: place });
      }
      if (seen.has(item.value)) {
        const message = `${quoted(String(item.value))} stands in this list already`;
        this.#faults.warn(item.offset, place, message, "Remove it here.");
      }
      seen.add(item.value);
    }
  }

  warnOfUnused(): void {
    for (const [name, { keyOffset }] of entriesAt(this.#root, ["backends"])) {
      if (this.#used.has(name)) continue;
      const message = `no frontend uses backend ${quoted(name)}`;
      const hint = "Name it in a frontend or in a failover, or remove it.";
      this.#faults.warn(keyOffset, ["backends", name], message, hint);
    }
  }
}
