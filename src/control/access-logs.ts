// The access log of the plan in force and, while workers change from one plan to the next, that of
// the plan before: each line goes where the plan said that it was formatted for. The supervisor
// hands over plans and batches.
import type { Plan } from "../config/plan.ts";
import { AccessLogWriter } from "./access-log-writer.ts";
import type { Log } from "./log.ts";

/** For what still waits to be written. */
const closeMs = 2000;

export class AccessLogs {
  readonly #log: Log;
  #writer: AccessLogWriter;
  /** Of the plan before, for workers that have not taken the version below. */
  #previous: AccessLogWriter;
  #version: number;

  constructor(plan: Plan, log: Log) {
    this.#log = log;
    this.#writer = new AccessLogWriter(plan.global.log.access, log);
    this.#previous = this.#writer;
    this.#version = 0;
  }

  open(): Promise<void> {
    return this.#writer.open();
  }

  /** Opens what a plan says, if it is another one. Rejects when it cannot be opened. */
  async prepare(plan: Plan): Promise<AccessLogWriter> {
    const { access } = plan.global.log;
    if (access === this.#writer.target) return this.#writer;
    const writer = new AccessLogWriter(access, this.#log);
    await writer.open();
    return writer;
  }

  /** The plan that this was prepared for does not come. */
  async drop(prepared: AccessLogWriter): Promise<void> {
    if (prepared !== this.#writer) await prepared.close(0);
  }

  /** Lines of plan `version` and later ones go there. */
  take(prepared: AccessLogWriter, version: number): void {
    this.#previous = this.#writer;
    this.#writer = prepared;
    this.#version = version;
  }

  /** All workers have taken that plan. */
  async closePrevious(): Promise<void> {
    if (this.#previous !== this.#writer) await this.#previous.close(closeMs);
  }

  write(version: number, batch: Uint8Array): void {
    (version < this.#version ? this.#previous : this.#writer).write(batch);
  }

  /** After a rotation. */
  reopen(): Promise<void> {
    return this.#writer.reopen();
  }

  close(limitMs: number = closeMs): Promise<void> {
    return this.#writer.close(limitMs);
  }
}
