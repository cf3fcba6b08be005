// A program of the listing benchmark: started, read line by line, and ended by its pid when the run
// ends or is interrupted.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const programs = new Set<ChildProcess>();

export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** `words`: what follows `node`. Its log, on `stream`, is what line() reads. */
  constructor(words: readonly string[], stream: "stdout" | "stderr" = "stdout") {
    const child = spawn(process.execPath, words, {
      stdio: [
        "pipe",
        stream === "stdout" ? "pipe" : "ignore",
        stream === "stderr" ? "pipe" : "inherit",
      ],
    });
    programs.add(child);
    child.once("exit", () => programs.delete(child));
    this.#child = child;
    const input = child[stream];
    if (input === null) throw new Error("it has no output");
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  /** One that lies beside this file. */
  static beside(name: string, ...words: readonly string[]): Program {
    return new Program([fileURLToPath(new URL(`${name}.js`, import.meta.url)), ...words]);
  }

  /** Its next line; throws when it has ended. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`a program has ended: ${this.#child.spawnargs.join(" ")}`);
    return value;
  }

  /** Gives it a line and takes one. */
  async ask(): Promise<string> {
    this.#child.stdin?.write("\n");
    return this.line();
  }

  /** What else it says goes to our stderr. */
  async repeatRest(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) return;
      console.error(value);
    }
  }
}

/** Ends all of them, at once: a stop that lets sessions end is not what is measured here. */
export function endPrograms(): void {
  for (const child of programs) child.kill("SIGKILL");
}
