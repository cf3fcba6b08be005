// Worker threads that fail at a moment of the test's choice. Nothing in Ballast knows of it: a
// module that Node loads before everything else replaces, in workers, the clock that every turn
// of a reactor reads.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atTestEnd } from "./leftovers.ts";
import { until } from "./until.ts";

const clock = `
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { isMainThread, threadId } from "node:worker_threads";
const folder = process.env.SABOTAGE_FOLDER + "/";
/** Several see the file at once; only one of them can rename it. */
function takes(file) {
  try {
    renameSync(folder + file, folder + file + "-taken");
    return true;
  } catch {
    return false;
  }
}
if (!isMainThread) {
  const now = performance.now.bind(performance);
  performance.now = () => {
    if (existsSync(folder + "hang")) {
      writeFileSync(folder + "hangs-" + threadId, "");
      for (;;);
    }
    if (existsSync(folder + "hang-once") && takes("hang-once")) for (;;);
    if (existsSync(folder + "throw") && takes("throw")) throw new Error("sabotage");
    return now();
  };
}
`;

export class Sabotage {
  /** For the environment of the Ballast to be sabotaged. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
    atTestEnd(() => rmSync(this.#folder, { recursive: true }));
    const preload = join(this.#folder, "clock.mjs");
    writeFileSync(preload, clock);
    this.env = { NODE_OPTIONS: `--import=${preload}`, SABOTAGE_FOLDER: this.#folder };
  }

  /** Makes all `workers` hang for ever: each within a second, when it wakes by itself. */
  async hang(workers: number): Promise<void> {
    writeFileSync(join(this.#folder, "hang"), "");
    const hanging = (): number =>
      readdirSync(this.#folder).filter((name) => name.startsWith("hangs-")).length;
    await until("every worker to hang", () => hanging() === workers);
  }

  /** Makes one worker hang for ever; its successor does not. */
  async hangOne(): Promise<void> {
    const file = join(this.#folder, "hang-once");
    writeFileSync(file, "");
    await until("a worker to hang", () => !existsSync(file));
  }

  /** Makes one worker die of an exception. */
  async throw(): Promise<void> {
    const file = join(this.#folder, "throw");
    writeFileSync(file, "");
    await until("a worker to throw", () => !existsSync(file));
  }
}
