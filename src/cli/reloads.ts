// Reloads of a running instance, one after the other, for SIGHUP and for the admin API. What is asked
// for during a reload makes one more after it: that one has read the file after everybody who asked.
import process from "node:process";
import type { LoadResult } from "../config/load.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import type { ReloadOutcome } from "../control/admin/admin-context.ts";
import type { Log } from "../control/log.ts";
import type { Supervisor } from "../control/supervisor.ts";

export class Reloads {
  readonly #starting: Promise<Supervisor>;
  readonly #load: () => Promise<LoadResult>;
  readonly #log: Log;
  /** The one under way, or the last one. */
  #running: Promise<unknown>;
  /** The one that begins when that has ended; null: nobody has asked for it. */
  #next: Promise<ReloadOutcome> | null;

  constructor(starting: Promise<Supervisor>, load: () => Promise<LoadResult>, log: Log) {
    this.#starting = starting;
    this.#load = load;
    this.#log = log;
    this.#running = Promise.resolve();
    this.#next = null;
  }

  /** What came of it; told to the log as well. Never rejects. */
  request(): Promise<ReloadOutcome> {
    if (this.#next !== null) return this.#next;
    const next = this.#running.then(() => {
      this.#next = null;
      this.#running = next;
      return this.#run();
    });
    this.#next = next;
    return next;
  }

  async #run(): Promise<ReloadOutcome> {
    let problems: readonly Problem[] = [];
    try {
      const loaded = await this.#load();
      ({ problems } = loaded);
      for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
      if (loaded.plan === null) {
        const why = "the configuration is not valid; everything goes on as before";
        return this.#refuse(`reload refused: ${why}`, problems);
      }
      const supervisor = await this.#starting;
      await supervisor.replace(loaded.plan);
      const { addresses } = supervisor;
      this.#log.info({ addresses }, `reloaded ${loaded.plan.source}`);
      return { refused: null, problems };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.#refuse(`reload refused, everything goes on as before: ${why}`, problems);
    }
  }

  #refuse(refused: string, problems: readonly Problem[]): ReloadOutcome {
    this.#log.error(refused);
    return { refused, problems };
  }
}
