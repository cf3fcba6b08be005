// Checks that span several keys: references, duplicate binds, things that have no effect. They read
// the tree and not the schema's result, so that they also run on a file with other mistakes, and
// take only what can be understood. load.ts calls it.
import { type Bind, bindsOf, socketsOf } from "./binds.ts";
import { namePattern } from "./builtin.ts";
import { findCircles } from "./circles.ts";
import type { Fault, Path, Severity } from "./problem.ts";
import { quoted } from "./reading.ts";
import { nearest } from "./suggestion.ts";
import { entriesAt, findNode, keyOffset, type TreeEntry, type TreeNode } from "./tree.ts";

const allowedName = new RegExp(namePattern);

/** Everything that is wrong between the keys of `root`. `lineOf` gives the line of an offset. */
export function checkSemantics(root: TreeNode, lineOf: (offset: number) => number): Fault[] {
  return new SemanticCheck(root, lineOf).run();
}

class SemanticCheck {
  readonly #root: TreeNode;
  readonly #lineOf: (offset: number) => number;
  readonly #faults: Fault[] = [];
  readonly #binds = new Map<string, { readonly frontend: string; readonly offset: number }>();

  constructor(root: TreeNode, lineOf: (offset: number) => number) {
    this.#root = root;
    this.#lineOf = lineOf;
  }

  run(): Fault[] {
    const frontends = entriesAt(this.#root, ["frontends"]);
    const backends = entriesAt(this.#root, ["backends"]);
    this.#checkFilled(["frontends"], "there are no frontends", "Add one, such as edge:.");
    this.#checkFilled(["backends"], "there are no backends", "Add one, such as web:.");
    this.#checkAdmin();
    this.#checkNames(["frontends"]);
    this.#checkNames(["backends"]);
    const used = new Set<string>();
    // A frontend that does not say its backend may mean any of them.
    let allNamed = true;
    for (const [name, { node }] of frontends) {
      this.#checkMode(name, node);
      allNamed = this.#checkReference(name, backends, used) && allNamed;
    }
    for (const bind of bindsOf(this.#root)) this.#checkBind(bind);
    for (const [name, { keyOffset: offset }] of backends) {
      if (allNamed && !used.has(name)) {
        const hint = "Name it in a frontend, or remove it.";
        this.#warn(offset, ["backends", name], `no frontend uses backend ${quoted(name)}`, hint);
      }
      this.#checkServers(name);
    }
    this.#faults.push(...findCircles(this.#root));
    return this.#faults;
  }

  #checkFilled(path: Path, message: string, hint: string): void {
    const node = findNode(this.#root, path);
    if (node?.entries?.size === 0) this.#error(node.offset, path, message, hint);
  }

  #checkNames(path: Path): void {
    for (const [name, { keyOffset: offset }] of entriesAt(this.#root, path)) {
      if (allowedName.test(name)) continue;
      const hint = "Names have letters, digits, and the characters _ . - only.";
      this.#error(offset, [...path, name], `${quoted(name)} cannot be a name`, hint);
    }
  }

  #checkAdmin(): void {
    const path = ["global", "admin"];
    if (!findNode(this.#root, path)?.entries) return;
    const message = "this version of Ballast does not have the admin API yet and ignores this";
    this.#warn(
      keyOffset(this.#root, path),
      path,
      message,
      "Write admin: off, or leave it for later.",
    );
  }

  #checkMode(name: string, frontend: TreeNode): void {
    if (!frontend.entries || frontend.entries.has("mode")) return;
    if (findNode(this.#root, ["defaults", "mode"])) return;
    const path = ["frontends", name, "mode"];
    const message = `frontend ${quoted(name)} has no mode`;
    const hint = "Write mode: tcp, which is what this version has; the default will be http.";
    this.#error(keyOffset(this.#root, path), path, message, hint);
  }

  /** False when the frontend names no backend at all. */
  #checkReference(
    frontend: string,
    backends: ReadonlyMap<string, TreeEntry>,
    used: Set<string>,
  ): boolean {
    const path = ["frontends", frontend, "backend"];
    const node = findNode(this.#root, path);
    if (!node || typeof node.value !== "string") return false;
    used.add(node.value);
    if (backends.has(node.value)) return true;
    const meant = nearest(node.value, backends.keys());
    // So that a misspelt name does not also bring a warning about the backend that it meant.
    if (meant !== null) used.add(meant);
    const names = [...backends.keys()].slice(0, 10).join(", ");
    const known = names === "" ? "Add it to backends." : `The file has: ${names}.`;
    const hint = meant === null ? known : `Did you mean "${meant}"?`;
    this.#error(node.offset, path, `unknown backend ${quoted(node.value)}`, hint);
    return true;
  }

  #checkBind({ frontend, address, node, path }: Bind): void {
    const taken = socketsOf(address);
    const clash = taken.map((key) => this.#binds.get(key)).find((other) => other !== undefined);
    for (const key of taken) {
      if (!this.#binds.has(key)) this.#binds.set(key, { frontend, offset: node.offset });
    }
    if (!clash) return;
    const owner =
      clash.frontend === frontend ? "this frontend" : `frontend ${quoted(clash.frontend)}`;
    const hint = `Remove one of them, or use another port.`;
    const line = this.#lineOf(clash.offset);
    const message = `${quoted(String(node.value))} is bound on line ${line} by ${owner} already`;
    this.#error(node.offset, path, message, hint);
  }

  #checkServers(backend: string): void {
    const path = ["backends", backend, "servers"];
    this.#checkNames(path);
    const hint = "Add one: web1: 127.0.0.1:8001.";
    this.#checkFilled(path, `backend ${quoted(backend)} has no servers`, hint);
    const servers = [...entriesAt(this.#root, path).values()];
    if (servers.length === 0) return;
    if (!servers.every(({ node }) => node.entries?.get("weight")?.node.value === 0)) return;
    const message = `every server of backend ${quoted(backend)} has weight 0, so it takes no sessions`;
    this.#warn(
      keyOffset(this.#root, path),
      path,
      message,
      "Give one of them a weight of 1 or more.",
    );
  }

  #error(offset: number, path: Path, message: string, hint: string): void {
    this.#add("error", offset, path, message, hint);
  }

  #warn(offset: number, path: Path, message: string, hint: string): void {
    this.#add("warning", offset, path, message, hint);
  }

  #add(severity: Severity, offset: number, path: Path, message: string, hint: string): void {
    this.#faults.push({ severity, offset, path, message, hint });
  }
}
