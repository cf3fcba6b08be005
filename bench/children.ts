// Every process that the benchmark starts, and the promise that each is ended by its pid: at the
// end, on failure and on a signal. Nothing else in bench/ starts a lasting process.
import { type ChildProcess, spawn } from "node:child_process";
import { processTree } from "./processes.ts";

/** The benchmark is ending: nothing may be started any more. */
class Closing extends Error {
  constructor() {
    super("the benchmark is ending");
    this.name = "Closing";
  }
}

/** Longest end of a process's output that is kept for an error message, in characters. */
const outputMax = 64 * 1024;
const patienceMs = 3000;

/** One started process. */
export class Child {
  readonly name: string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Settles when it has ended: its exit status, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  running = true;
  private text = "";

  constructor(name: string, pid: number, process: ChildProcess) {
    this.name = name;
    this.pid = pid;
    this.process = process;
    const keep = (chunk: string): void => {
      this.text = (this.text + chunk).slice(-outputMax);
    };
    process.stdout?.setEncoding("utf8").on("data", keep);
    process.stderr?.setEncoding("utf8").on("data", keep);
    this.exited = new Promise((resolve) => {
      process.once("exit", () => {
        this.running = false;
      });
      process.once("close", (status) => resolve(status));
    });
  }

  /** The end of what it printed to both streams. */
  get output(): string {
    return this.text;
  }

  /** Throws, with what it said last, when it has ended by itself. */
  assertRunning(): void {
    if (this.running) return;
    throw new Error(`${this.name} ended. It said:\n${this.output.trim() || "(nothing)"}`);
  }

  /** Stops it where it is, until goOn(). */
  standStill(): void {
    if (this.running) this.process.kill("SIGSTOP");
  }

  goOn(): void {
    if (this.running) this.process.kill("SIGCONT");
  }

  /** SIGTERM, then SIGKILL for it and what it started when it does not end soon. */
  async stop(): Promise<void> {
    if (!this.running) return;
    // Read now: once a parent is gone, its children no longer name it.
    const tree = processTree(this.pid);
    this.process.kill("SIGTERM");
    // Who stands still does not hear it.
    this.goOn();
    const timer = setTimeout(() => killAll(tree), patienceMs);
    await this.exited;
    clearTimeout(timer);
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended in the meantime.
    }
  }
}

/** All processes of one run. */
export class Children {
  private readonly running = new Set<Child>();
  private closing: Promise<void> | null = null;

  /** Starts `command` (program, then arguments); with `messages`, process.send() reaches it. */
  async start(name: string, command: readonly string[], messages = false): Promise<Child> {
    if (this.closing !== null) throw new Closing();
    const [program = "", ...args] = command;
    const started = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe", ...(messages ? (["ipc"] as const) : [])],
    });
    await new Promise<void>((resolve, reject) => {
      started.once("spawn", resolve);
      started.once("error", (error) => reject(new Error(`${name}: ${error.message}`)));
    });
    if (started.pid === undefined) throw new Error(`${name} did not start`);
    const child = new Child(name, started.pid, started);
    this.running.add(child);
    void child.exited.then(() => this.running.delete(child));
    if (this.closing !== null) {
      await child.stop();
      throw new Closing();
    }
    return child;
  }

  /** Ends all of them; further starts fail. May be called again. */
  close(): Promise<void> {
    this.closing ??= this.stopAll();
    return this.closing;
  }

  private async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((child) => child.stop()));
  }

  /** The last resort, for an exit that cannot wait. */
  killNow(): void {
    for (const child of this.running) if (child.running) killAll(processTree(child.pid));
  }
}
