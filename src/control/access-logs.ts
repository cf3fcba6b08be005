// The access log in force and, while workers still have lines of the plan before, the one before it.
// The supervisor calls it: lines go where the plan said that they were formatted for.
import { workerField } from "../scoreboard/fields.ts";
import type { ControlScoreboard } from "../scoreboard/scoreboard.ts";
import { AccessLogWriter } from "./access-log-writer.ts";
import type { Log } from "./log.ts";

const closeMs = 2000;

export class AccessLogs {
  readonly #log: Log;
  readonly #board: ControlScoreboard;
  #current: AccessLogWriter;
  #previous: AccessLogWriter;
  /** Lines that workers have given up because nobody took them, as far as that is told. */
  #givenUp: number;
  /** The version of the plan from which on lines are for the current one. */
  #version: number;

  constructor(target: string, log: Log, board: ControlScoreboard) {
    this.#log = log;
    this.#board = board;
    this.#current = new AccessLogWriter(target, log);
    this.#previous = this.#current;
    this.#givenUp = 0;
    this.#version = 0;
  }

  async open(): Promise<void> {
    await this.#current.open();
  }

  /** The writer for a target, opened; the current one when nothing changes. Rejects with a sentence. */
  async prepare(target: string): Promise<AccessLogWriter> {
    if (target === this.#current.target) return this.#current;
    const writer = new AccessLogWriter(target, this.#log);
    await writer.open();
    return writer;
  }

  /** What prepare() gave is not needed. */
  async discard(writer: AccessLogWriter): Promise<void> {
    if (writer !== this.#current) await writer.close(0);
  }

  /** Lines of plans from `version` on go to `writer`. */
  commit(writer: AccessLogWriter, version: number): void {
    this.#previous = this.#current;
    this.#current = writer;
    this.#version = version;
  }

  /** Every worker has taken the plan: nothing more comes for the one before. */
  async closePrevious(): Promise<void> {
    if (this.#previous !== this.#current) await this.#previous.close(closeMs);
  }

  /** What a worker has shipped. */
  take(version: number, batch: Uint8Array): void {
    this.#board.workers.fetchAdd(0, workerField.logPendingBytes, -batch.length);
    (version < this.#version ? this.#previous : this.#current).write(batch);
  }

  /** Tells of lines that workers have given up. */
  watch(): void {
    const lines = this.#board.workers.sum(0, workerField.logLinesDropped);
    if (lines <= this.#givenUp) return;
    this.#current.lose(lines - this.#givenUp, "the control plane is too busy to take them");
    this.#givenUp = lines;
  }

  async reopen(): Promise<void> {
    await this.#current.reopen();
  }

  /** Waits for what is being written, unless there is nothing worth waiting for. */
  async close(waitMs: number = closeMs): Promise<void> {
    this.watch();
    await this.#current.close(waitMs);
  }
}
