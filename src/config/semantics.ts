// Checks that span several keys: references, duplicate binds, things that have no effect. They read
// the tree and not the schema's result, so that they also run on a file with other mistakes, and
// take only what can be understood. load.ts calls it.
import { type BindAddress, parseBindAddress } from "./address-syntax.ts";
import { checkBackend } from "./backend-semantics.ts";
import { bindsOf, socketsOf } from "./binds.ts";
import { namePattern } from "./builtin.ts";
import { findCircles } from "./circles.ts";
import { FaultList } from "./fault-list.ts";
import { checkHttp } from "./http-semantics.ts";
import { checkModes } from "./mode-semantics.ts";
import type { PageFiles } from "./page-files.ts";
import type { Fault, Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { checkReferences } from "./references.ts";
import { checkTls } from "./tls-semantics.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

const allowedName = new RegExp(namePattern);

/** Everything that is wrong between the keys of `root`. `lineOf` gives the line of an offset. */
export function checkSemantics(
  root: TreeNode,
  lineOf: (offset: number) => number,
  files: PageFiles,
): Fault[] {
  return new SemanticCheck(root, lineOf).run(files);
}

/** Who listens at an address, in the words of a message. */
interface Listener {
  readonly who: string;
  readonly address: BindAddress;
  readonly node: TreeNode;
  readonly path: Path;
}

class SemanticCheck {
  readonly #root: TreeNode;
  readonly #lineOf: (offset: number) => number;
  readonly #faults: FaultList;
  readonly #listeners: Map<string, Listener>;

  constructor(root: TreeNode, lineOf: (offset: number) => number) {
    this.#root = root;
    this.#lineOf = lineOf;
    this.#faults = new FaultList();
    this.#listeners = new Map();
  }

  run(files: PageFiles): Fault[] {
    this.#checkFilled(["frontends"], "there are no frontends", "Add one, such as edge:.");
    this.#checkFilled(["backends"], "there are no backends", "Add one, such as web:.");
    this.#checkNames(["frontends"]);
    this.#checkNames(["backends"]);
    for (const [name, { node }] of entriesAt(this.#root, ["frontends"]))
      this.#checkMode(name, node);
    checkModes(this.#root, this.#faults);
    checkReferences(this.#root, this.#faults);
    checkHttp(this.#root, this.#faults, files);
    checkTls(this.#root, this.#faults, files);
    this.#checkAdmin();
    for (const { frontend, ...bind } of bindsOf(this.#root)) {
      this.#checkBind({ ...bind, who: `frontend ${quoted(frontend)}` });
    }
    for (const name of entriesAt(this.#root, ["backends"]).keys()) {
      const path = ["backends", name, "servers"];
      this.#checkNames(path);
      const hint = "Add one: web1: 127.0.0.1:8001.";
      this.#checkFilled(path, `backend ${quoted(name)} has no servers`, hint);
      checkBackend(this.#root, name, this.#faults);
    }
    this.#faults.all.push(...findCircles(this.#root));
    return this.#faults.all;
  }

  #checkFilled(path: Path, message: string, hint: string): void {
    const node = findNode(this.#root, path);
    if (node?.entries?.size === 0) this.#faults.error(node.offset, path, message, hint);
  }

  #checkNames(path: Path): void {
    for (const [name, { keyOffset: offset }] of entriesAt(this.#root, path)) {
      if (allowedName.test(name)) continue;
      const hint = "Names have letters, digits, and the characters _ . - only.";
      this.#faults.error(offset, [...path, name], `${quoted(name)} cannot be a name`, hint);
    }
  }

  /** Whoever reaches it may end sessions: beyond this machine only with a token. */
  #checkAdmin(): void {
    const path = ["global", "admin", "bind"];
    const node = findNode(this.#root, path);
    if (!node) return;
    const reading = parseBindAddress(node.value);
    if (!reading.ok) return;
    const address = reading.value;
    this.#checkBind({ who: "the admin API", address, node, path });
    if (isLoopback(address) || entriesAt(this.#root, ["global", "admin"]).has("token")) return;
    const message = `${quoted(String(node.value))} may be reached from other machines and has no token`;
    const hint = 'Add token: "${BALLAST_TOKEN}", or bind to 127.0.0.1.';
    this.#faults.error(node.offset, path, message, hint);
  }

  #checkMode(name: string, frontend: TreeNode): void {
    if (!frontend.entries || frontend.entries.has("mode")) return;
    if (findNode(this.#root, ["defaults", "mode"])) return;
    const path = ["frontends", name, "mode"];
    const message = `frontend ${quoted(name)} has no mode`;
    const hint = "Write mode: http for requests, or mode: tcp for connections of any kind.";
    this.#faults.error(keyOffset(this.#root, path), path, message, hint);
  }

  #checkBind(bind: Listener): void {
    const { who, address, node, path } = bind;
    const taken = socketsOf(address);
    const clash = taken.map((key) => this.#listeners.get(key)).find((other) => other !== undefined);
    for (const key of taken) {
      if (!this.#listeners.has(key)) this.#listeners.set(key, bind);
    }
    if (!clash) return;
    const owner = clash.who === who ? "this frontend" : clash.who;
    const hint = `Remove one of them, or use another port.`;
    const line = this.#lineOf(clash.node.offset);
    const message = `${quoted(String(node.value))} is bound on line ${line} by ${owner} already`;
    this.#faults.error(node.offset, path, message, hint);
  }
}

function isLoopback(address: BindAddress): boolean {
  if (address.family === "unix") return true;
  if (address.family === "any") return false;
  return address.host === "::1" || address.host.startsWith("127.");
}
