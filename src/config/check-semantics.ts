// What spans several keys of a `check`: two probes at once, steps that do two things, times that do
// not fit, a program that is not there. backend-semantics.ts calls it for each backend.
import { accessSync, constants } from "node:fs";
import { builtin } from "./builtin.ts";
import { isHeaderName } from "./check-values.ts";
import { parseDuration } from "./duration.ts";
import type { FaultList } from "./fault-list.ts";
import type { Path } from "./problem.ts";
import { quoted } from "./reading.ts";
import { entriesAt, findNode, keyOffset, type TreeNode } from "./tree.ts";

const probes = new Set(["tcp", "http", "exec"]);

/** Faults of the checks of backend `name` and of its servers, in `faults`. */
export function checkChecks(root: TreeNode, name: string, faults: FaultList): void {
  const common = findNode(root, ["backends", name, "check"]);
  const check = new CheckOfChecks(root, common, faults);
  check.run(["backends", name, "check"]);
  for (const server of entriesAt(root, ["backends", name, "servers"]).keys()) {
    check.run(["backends", name, "servers", server, "check"]);
  }
}

class CheckOfChecks {
  readonly #root: TreeNode;
  /** The backend's, from which those of its servers inherit. */
  readonly #common: TreeNode | null;
  readonly #faults: FaultList;

  constructor(root: TreeNode, common: TreeNode | null, faults: FaultList) {
    this.#root = root;
    this.#common = common;
    this.#faults = faults;
  }

  run(path: Path): void {
    const node = findNode(this.#root, path);
    if (!node?.entries) return;
    this.#checkProbes(node, path);
    this.#checkTimes(node, path);
    this.#checkSteps(node, path);
    this.#checkHeaders(path);
    this.#checkProgram(path);
  }

  #checkProbes(node: TreeNode, path: Path): void {
    const [first, second] = [...(node.entries?.keys() ?? [])].filter((name) => probes.has(name));
    if (first === undefined || second === undefined) return;
    const message = `a check has one probe, and this one has ${first} and ${second}`;
    this.#error([...path, second], message, "Remove one of them.");
  }

  /** Allowed, but the next check then waits for this one. */
  #checkTimes(node: TreeNode, path: Path): void {
    const written = node.entries?.has("timeout") ? "timeout" : "interval";
    if (!node.entries?.has(written)) return;
    const timeout = this.#durationOf(node, "timeout");
    const interval = this.#durationOf(node, "interval") ?? parsed(builtin.check.interval);
    if (timeout === null || interval === null || timeout <= interval) return;
    const message = "timeout is longer than interval, so a check that hangs delays the next one";
    const place = [...path, written];
    const hint = "Write a shorter timeout, or a longer interval.";
    this.#faults.warn(keyOffset(this.#root, place), place, message, hint);
  }

  #durationOf(node: TreeNode, key: string): number | null {
    const value = (node.entries?.get(key) ?? this.#common?.entries?.get(key))?.node.value;
    return value === undefined ? null : parsed(value);
  }

  #checkSteps(node: TreeNode, path: Path): void {
    const tcp = node.entries?.get("tcp")?.node;
    if (tcp?.items) {
      for (const [index, item] of tcp.items.entries()) {
        if (!item.entries || item.entries.size === 1) continue;
        const place = [...path, "tcp", index];
        const message = item.entries.size === 0 ? "this step is empty" : "a step does one thing";
        this.#error(
          place,
          message,
          "Write one of send, sendHex, expect and expectRegex in each item.",
        );
      }
      return;
    }
    for (const [one, other] of [
      ["send", "sendHex"],
      ["expect", "expectRegex"],
    ] as const) {
      if (!tcp?.entries?.has(one) || !tcp.entries.has(other)) continue;
      const message = `${one} and ${other} stand here both`;
      this.#error([...path, "tcp", other], message, "Write a list, with one step in each item.");
    }
  }

  #checkHeaders(path: Path): void {
    const place = [...path, "http", "headers"];
    for (const name of entriesAt(this.#root, place).keys()) {
      const at = [...place, name];
      if (!isHeaderName(name)) {
        const hint = "Names of headers have letters, digits and -.";
        this.#error(at, `${quoted(name)} cannot be the name of a header`, hint);
      } else if (name.toLowerCase() === "host") {
        this.#error(at, "the Host header has a key of its own", "Write it as http.host.");
      } else if (/^(connection|content-length|transfer-encoding)$/i.test(name)) {
        this.#error(at, `${quoted(name)} is the check's own business`, "Remove it.");
      }
    }
  }

  /** Of a bare word PATH decides when it runs. */
  #checkProgram(path: Path): void {
    const place = [...path, "exec", "command", 0];
    const node = findNode(this.#root, place);
    if (typeof node?.value !== "string") return;
    if (node.value === "") {
      this.#error(place, "the program has no name", "Write the path of the program to run.");
    }
    if (!node.value.includes("/") || node.value.includes("\0") || canRun(node.value)) return;
    const message = `${quoted(node.value)} is no program that can be run here`;
    const hint = "Every check will fail until it is there and executable.";
    this.#faults.warn(node.offset, place, message, hint);
  }

  #error(path: Path, message: string, hint: string): void {
    this.#faults.error(keyOffset(this.#root, path), path, message, hint);
  }
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function parsed(value: unknown): number | null {
  const reading = parseDuration(value);
  return reading.ok ? reading.value : null;
}
