// What was read for one plan. The supervisor gives it to workers; certificates.ts keeps it true while
// the plan is in force.
import type { BindMaterial, ServerMaterial } from "../../config/tls-material.ts";
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import type { Entry } from "./entry.ts";
import type { Found } from "./wanted.ts";

export class Loaded {
  readonly ok = true;
  readonly entries: readonly Entry[];
  /** A sentence for each thing that is wrong and keeps nobody from using the rest. */
  readonly warnings: readonly string[];
  readonly #binds: Map<string, BindMaterial>;
  readonly #servers: Map<string, ServerMaterial>;

  constructor(entries: readonly Entry[], warnings: readonly string[] = []) {
    this.entries = entries;
    this.warnings = warnings;
    this.#binds = new Map();
    this.#servers = new Map();
    for (const entry of entries) this.take(entry, entry.found);
  }

  /** By key, in the state of this moment. */
  get binds(): ReadonlyMap<string, BindMaterial> {
    return this.#binds;
  }

  /** By key, in the state of this moment. */
  get servers(): ReadonlyMap<string, ServerMaterial> {
    return this.#servers;
  }

  /** All with keys of our own; one that several have stands there several times. */
  get certificates(): readonly CertificateMaterial[] {
    return this.entries.flatMap(({ found }) => found.certificates);
  }

  /** This was found for one of its entries. */
  take(entry: Entry, found: Found): void {
    entry.found = found;
    const { key } = entry.wanted;
    if (found.kind === "bind") this.#binds.set(key, found.material);
    else this.#servers.set(key, found.material);
  }
}
