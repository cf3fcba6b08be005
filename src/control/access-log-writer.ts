// Writes the workers' access log batches where `global.log.access` says, one write at a time, off
// the main thread (libuv's pool). Memory is bounded: when the target cannot keep up, whole batches
// are dropped, counted, and the process log says how many lines are missing.
import { close, open, write } from "node:fs";
import { promisify } from "node:util";
import type { Log } from "./log.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const writeBytes = promisify(write);

/** What may wait for a slow disk or pipe. */
const pendingBytesMax = 16 * 1024 * 1024;
const retryMs = 20;
const complainMs = 10_000;
const newline = 0x0a;

export class AccessLogWriter {
  /** `stdout`, `stderr`, `off`, or a file's path. */
  readonly target: string;
  readonly #log: Log;
  #descriptor: number;
  #queue: Uint8Array[];
  #pendingBytes: number;
  #writing: Promise<void> | null;
  #droppedLines: number;
  /** How many of these the process log has told. */
  #toldLines: number;
  /** What the last of them were lost for. */
  #why: string;
  #complainedMs: number;

  constructor(target: string, log: Log) {
    this.target = target;
    this.#log = log;
    this.#descriptor = -1;
    this.#queue = [];
    this.#pendingBytes = 0;
    this.#writing = null;
    this.#droppedLines = 0;
    this.#toldLines = 0;
    this.#why = "";
    this.#complainedMs = -Infinity;
  }

  get isFile(): boolean {
    return !["stdout", "stderr", "off"].includes(this.target);
  }

  /** Opens the target. Rejects with a sentence when a file cannot be opened for appending. */
  async open(): Promise<void> {
    if (this.target === "stdout") this.#descriptor = 1;
    else if (this.target === "stderr") this.#descriptor = 2;
    else if (this.isFile) this.#descriptor = await this.#openFile();
  }

  /** Opens a file again under its name, for log rotation. Keeps the old one when that fails. */
  async reopen(): Promise<void> {
    if (!this.isFile) return;
    const next = await this.#openFile();
    // Read after the wait: another reopening may have come in between.
    const previous = this.#descriptor;
    if (previous < 0) {
      await closeFile(next);
      return;
    }
    this.#descriptor = next;
    await this.#writing;
    await closeFile(previous);
  }

  async #openFile(): Promise<number> {
    try {
      return await openFile(this.target, "a", 0o640);
    } catch (error) {
      throw new Error(
        `global.log.access: ${this.target} cannot be opened for appending (${(error as Error).message}); ` +
          "create its folder, let this user write there, or name another file",
        { cause: error },
      );
    }
  }

  write(batch: Uint8Array): void {
    if (this.#descriptor < 0) return;
    if (this.#pendingBytes + batch.length > pendingBytesMax) {
      this.#drop(batch, `${this.target} is too slow`);
      return;
    }
    this.#queue.push(batch);
    this.#pendingBytes += batch.length;
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const batch = this.#queue.shift();
      if (batch === undefined) break;
      try {
        await this.#writeAll(batch);
      } catch (error) {
        this.#drop(batch, error instanceof Error ? error.message : String(error));
      }
      this.#pendingBytes -= batch.length;
    }
    this.#writing = null;
  }

  async #writeAll(batch: Uint8Array): Promise<void> {
    let at = 0;
    while (at < batch.length) {
      if (this.#descriptor < 0) throw new Error(`${this.target} did not take them before the end`);
      try {
        at += (await writeBytes(this.#descriptor, batch, at)).bytesWritten;
      } catch (error) {
        // A pipe that somebody made non-blocking and that is full.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  #drop(batch: Uint8Array, why: string): void {
    let lines = 0;
    for (const byte of batch) if (byte === newline) lines++;
    this.lose(lines, why);
  }

  /** So many lines are lost. The process log says so, but not all the time. */
  lose(lines: number, why: string): void {
    this.#droppedLines += lines;
    this.#why = why;
    if (performance.now() - this.#complainedMs >= complainMs) this.#complain();
  }

  #complain(): void {
    this.#complainedMs = performance.now();
    this.#toldLines = this.#droppedLines;
    this.#log.error(
      { target: this.target, droppedLines: this.#droppedLines },
      `the access log loses lines, ${this.#droppedLines} so far: ${this.#why}`,
    );
  }

  /** Waits for what is pending, at most `limitMs`, then closes. */
  async close(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#writing ?? Promise.resolve(), limit]);
    clearTimeout(timer);
    const unwritten = this.#queue.splice(0);
    for (const batch of unwritten) this.#drop(batch, `${this.target} did not take them in time`);
    if (this.#droppedLines > this.#toldLines) this.#complain();
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    if (this.isFile && descriptor >= 0) await closeFile(descriptor);
  }
}
