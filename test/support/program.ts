// Any program that a test runs and watches: a verb of `ballast`, or Ballast under a shell that sets
// limits or closes pipes. support/ballast.ts is for the usual `run`; this is for everything else.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Exit, ProcessMessage, SessionLine } from "./ballast.ts";
import { atTestEnd } from "./leftovers.ts";
import { LineReader } from "./line-reader.ts";
import { until, within } from "./until.ts";

export const ballastCommand: string = fileURLToPath(
  new URL("../../bin/ballast.js", import.meta.url),
);

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a program that ran to its end has said. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts it; killed when the test ends. */
export function startProgram(words: readonly string[], options: ProgramOptions = {}): Program {
  const program = new Program(words, options);
  atTestEnd(() => program.kill());
  return program;
}

/** Runs a command line of `ballast` to its end. */
export async function ballast(
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<Outcome> {
  const program = startProgram([process.execPath, ballastCommand, ...words], options);
  const { code } = await program.untilExit();
  return { code, out: program.out.join("\n"), err: program.err.join("\n") };
}

/** Lines of the process log, as Ballast writes it to a file or pipe. */
export function messagesIn(lines: readonly string[]): ProcessMessage[] {
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as never);
}

/** Lines of an access log in json. */
export function sessionsIn(text: string): SessionLine[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as SessionLine);
}

export class Program {
  readonly process: ChildProcess;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly exited: Promise<Exit>;
  exit: Exit | null;

  constructor([file = "", ...words]: readonly string[], { env, cwd }: ProgramOptions) {
    this.exit = null;
    this.process = spawn(file, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    this.out = new LineReader(this.process.stdout).lines;
    this.err = new LineReader(this.process.stderr).lines;
    this.exited = new Promise((resolve) => {
      this.process.once("close", (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  get pid(): number {
    return this.process.pid as number;
  }

  get messages(): ProcessMessage[] {
    return messagesIn(this.err);
  }

  /** The first message of the process log that contains `text`, now or later. */
  untilMessage(text: string): Promise<ProcessMessage> {
    return until(`${JSON.stringify(text)} in the log:\n${this.err.join("\n")}`, () =>
      this.messages.find(({ message }) => message.includes(text)),
    );
  }

  /** Waits until it listens; its addresses. */
  async untilReady(): Promise<readonly string[]> {
    return (await this.untilMessage("ready: "))["addresses"] as string[];
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  async untilExit(limitMs?: number): Promise<Exit> {
    try {
      return await within("its exit", this.exited, limitMs);
    } catch (error) {
      throw new Error(`still running; stderr:\n${this.err.join("\n")}`, { cause: error });
    }
  }

  async kill(): Promise<void> {
    if (this.exit !== null) return;
    this.signal("SIGKILL");
    await this.exited;
  }
}
