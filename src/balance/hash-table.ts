// The shared memory of a backend's hash table: two halves, so that the control plane computes a new
// table beside the one that workers read. Only the control plane calls this; workers find the half
// in force through their selection.
import { backendField } from "../scoreboard/fields.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import type { Candidates } from "./policy.ts";
import { policyNamed } from "./registry.ts";

export class HashTable {
  readonly buffer: SharedArrayBuffer;
  /** It has room for so many servers. */
  readonly servers: number;
  readonly policy: string;
  #filled: boolean;

  private constructor(policy: string, servers: number, cells: number) {
    this.policy = policy;
    this.servers = servers;
    this.#filled = false;
    this.buffer = new SharedArrayBuffer(2 * cells * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Null for a policy that has no table. */
  static for(policy: string, servers: number): HashTable | null {
    const cells = policyNamed(policy).tableCells?.(servers);
    return cells === undefined ? null : new HashTable(policy, servers, cells);
  }

  /** Computes the other half and puts it in force; the backend's version is the caller's. */
  publish(candidates: Candidates, board: ControlScoreboard, backend: number): void {
    const slot = 1 - board.backends.load(backend, backendField.tableSlot);
    const all = new Int32Array(this.buffer);
    const half = all.length / 2;
    policyNamed(this.policy).fill?.(candidates, all.subarray(slot * half, (slot + 1) * half));
    // Workers that still have the plan before read halves of a table of their own: so of each
    // table both halves hold something from the first time on.
    if (!this.#filled) all.copyWithin((1 - slot) * half, slot * half, (slot + 1) * half);
    this.#filled = true;
    board.backends.store(backend, backendField.tableSlot, slot);
  }
}
