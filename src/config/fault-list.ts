// Collects what the semantic checks find. semantics.ts makes one and hands it round.
import type { Fault, Path, Severity } from "./problem.ts";

export class FaultList {
  readonly all: Fault[];

  constructor() {
    this.all = [];
  }

  error(offset: number, path: Path, message: string, hint: string): void {
    this.#add("error", offset, path, message, hint);
  }

  warn(offset: number, path: Path, message: string, hint: string): void {
    this.#add("warning", offset, path, message, hint);
  }

  /** None of the keys `wanted` stands at `path`. */
  lack(offset: number, path: Path, wanted: readonly string[], message: string, hint: string): void {
    this.all.push({ severity: "error", offset, path, message, hint, wanted });
  }

  #add(severity: Severity, offset: number, path: Path, message: string, hint: string): void {
    this.all.push({ severity, offset, path, message, hint });
  }
}
