// The built command in a process of its own, with any words: the only way in which tests start it.
// Killed when the test ends. support/ballast.ts is this for `run` with a configuration.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { atTestEnd } from "./leftovers.ts";
import { LineReader } from "./line-reader.ts";
import { within } from "./until.ts";

const file = fileURLToPath(new URL("../../bin/ballast.js", import.meta.url));

/** Those of an interrupted test must not outlive it. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface CommandOptions {
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A shell script that becomes the command with `exec "$@"`: for limits and redirections. */
  readonly shell?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a command that ran to its end has said. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `ballast` with these words. */
export function startCommand(words: readonly string[], options: CommandOptions = {}): Command {
  const command = new Command(words, options);
  atTestEnd(() => command.kill());
  return command;
}

/** Runs `ballast` with these words to its end. */
export async function runCommand(
  words: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const command = startCommand(words, options);
  const { code } = await command.untilExit();
  return { code, out: command.outLines.join("\n"), err: command.errorLines.join("\n") };
}

export class Command {
  readonly process: ChildProcess;
  /** Lines of stdout as they are. */
  readonly outLines: readonly string[];
  /** Lines of stderr as they are. */
  readonly errorLines: readonly string[];
  /** Those lines of stdout that are JSON. */
  readonly outObjects: readonly object[];
  /** Those lines of stderr that are JSON. */
  readonly errorObjects: readonly object[];
  exit: Exit | null;
  readonly exited: Promise<Exit>;

  constructor(words: readonly string[], { env, cwd, shell }: CommandOptions) {
    const command = [process.execPath, file, ...words];
    const [program = "", ...args] =
      shell === undefined ? command : ["bash", "-c", shell, "bash", ...command];
    this.exit = null;
    this.process = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    running.add(this.process);
    const out = new LineReader(this.process.stdout);
    this.outLines = out.lines;
    this.outObjects = out.objects;
    const errors = new LineReader(this.process.stderr);
    this.errorLines = errors.lines;
    this.errorObjects = errors.objects;
    // `close` comes after the last byte of both pipes.
    this.exited = new Promise((resolve) => {
      this.process.once("close", (code, signal) => {
        running.delete(this.process);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  get pid(): number {
    return this.process.pid as number;
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Waits for its end. */
  async untilExit(limitMs?: number): Promise<Exit> {
    try {
      return await within("ballast to exit", this.exited, limitMs);
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** SIGKILL, unless it has ended, and waits for the end. */
  async kill(): Promise<void> {
    if (this.exit !== null) return;
    this.signal("SIGKILL");
    await this.exited;
  }

  /** An error with what the process has said so far. */
  protected explained(error: unknown): Error {
    return new Error(`${(error as Error).message}\n${this.transcript()}`, { cause: error });
  }

  protected transcript(): string {
    const { code, signal } = this.exit ?? { code: null, signal: null };
    const state = this.exit === null ? "runs" : `has exited (code ${code}, signal ${signal})`;
    const errors = this.errorLines.slice(-30).join("\n");
    const out = this.outLines.slice(-10).join("\n");
    return `ballast ${state}; its stderr:\n${errors}\nits stdout:\n${out}`;
  }
}
