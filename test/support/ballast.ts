// Ballast as an operator runs it: `bin/ballast.js run -c FILE` in a process of its own, its log on
// stderr, its access log on stdout. Whoever started it need not stop it: after the test it is
// ended, and a test fails when it died by itself or told of an internal error.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { atTestEnd } from "./leftovers.ts";
import { LineReader } from "./line-reader.ts";
import { until, within } from "./until.ts";

const command = fileURLToPath(new URL("../../bin/ballast.js", import.meta.url));
const startMs = 20_000;

/** Those of an interrupted test must not outlive it. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A line of the process log. */
export interface ProcessMessage {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A line of the access log in its json format. */
export interface SessionLine {
  readonly time: string;
  readonly frontend: string;
  readonly backend: string;
  readonly server: string;
  readonly client: string;
  readonly peer?: string;
  readonly bind: string;
  readonly serverAddress: string | null;
  readonly handshakeMs: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly termination: string;
  readonly retries: number;
  readonly redispatched: boolean;
  readonly actconn: number;
  readonly feconn: number;
  readonly beconn: number;
  readonly srvconn: number;
  readonly srvQueue: number;
  readonly backendQueue: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface BallastOptions {
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Internal errors and dead workers are what the test is about. */
  readonly mayFail?: boolean;
  /** More words behind `run -c FILE`. */
  readonly words?: readonly string[];
}

/** Starts it with a configuration (an object, or YAML text) and waits until it is ready. */
export async function startBallast(
  config: object | string,
  options: BallastOptions = {},
): Promise<Ballast> {
  const ballast = launchBallast(config, options);
  await ballast.untilReady();
  return ballast;
}

/** Starts it and waits for nothing: for tests in which it does not get ready. */
export function launchBallast(config: object | string, options: BallastOptions = {}): Ballast {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  const file = join(folder, "ballast.yaml");
  writeFileSync(file, textOf(config));
  const ballast = new Ballast(folder, file, options);
  atTestEnd(() => ballast.dispose());
  return ballast;
}

export class Ballast {
  readonly process: ChildProcess;
  /** Its own temporary folder, with the configuration in it; gone after the test. */
  readonly folder: string;
  readonly configFile: string;
  /** Where it listens, in the order of the configuration; port 0 has become a real one. */
  addresses: readonly string[];
  /** Lines of stderr as they are. */
  readonly errorLines: readonly string[];
  /** Lines of the process log on stderr. */
  readonly messages: readonly ProcessMessage[];
  /** Lines of stdout as they are: the access log unless it goes elsewhere. */
  readonly accessLines: readonly string[];
  /** Access log lines in json. */
  readonly sessions: readonly SessionLine[];
  exit: Exit | null;
  readonly exited: Promise<Exit>;
  readonly #mayFail: boolean;
  /** The test itself ended it, or expects its end. */
  #leaving: boolean;

  constructor(folder: string, file: string, options: BallastOptions) {
    this.folder = folder;
    this.configFile = file;
    this.addresses = [];
    this.exit = null;
    this.#mayFail = options.mayFail ?? false;
    this.#leaving = false;
    const words = [command, "run", "-c", file, ...(options.words ?? [])];
    this.process = spawn(process.execPath, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    running.add(this.process);
    const errors = new LineReader<ProcessMessage>(this.process.stderr);
    this.errorLines = errors.lines;
    this.messages = errors.objects;
    const access = new LineReader<SessionLine>(this.process.stdout);
    this.accessLines = access.lines;
    this.sessions = access.objects;
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

  /** Where its only, or first, bind listens. */
  get address(): string {
    return this.addresses[0] as string;
  }

  async untilReady(): Promise<void> {
    const ready = await this.untilMessage(({ message }) => message.startsWith("ready: "), startMs);
    this.addresses = ready["addresses"] as string[];
  }

  /** The first line of the process log that fits, now or later. `from`: skips as many lines. */
  untilMessage(
    fits: (message: ProcessMessage) => boolean,
    limitMs?: number,
    from = 0,
  ): Promise<ProcessMessage> {
    return this.#await(
      "a line in the process log",
      () => this.messages.slice(from).find(fits),
      limitMs,
    );
  }

  /** The first access log line that fits, now or later. */
  async untilLogged(
    fits: (line: SessionLine) => boolean = () => true,
    limitMs?: number,
  ): Promise<SessionLine> {
    return this.#await("a line in the access log", () => this.sessions.find(fits), limitMs);
  }

  /** All access log lines that fit, as soon as there are `count` of them. */
  async untilLoggedTimes(
    count: number,
    fits: (line: SessionLine) => boolean = () => true,
    limitMs?: number,
  ): Promise<readonly SessionLine[]> {
    return this.#await(
      `${count} lines in the access log`,
      () => {
        const lines = this.sessions.filter(fits);
        return lines.length >= count ? lines : null;
      },
      limitMs,
    );
  }

  async #await<T>(what: string, look: () => T, limitMs?: number): ReturnType<typeof until<T>> {
    try {
      return await until(
        what,
        () => {
          const found = look();
          if (!found && this.exit !== null && !this.#leaving) throw new Error("it has died");
          return found;
        },
        limitMs,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.#transcript()}`, { cause: error });
    }
  }

  /** Replaces the configuration file; SIGHUP makes it effective. */
  rewriteConfig(config: object | string): void {
    writeFileSync(this.configFile, textOf(config));
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** From now on it may end by itself. Its exit, when that happens. */
  async untilExit(limitMs?: number): Promise<Exit> {
    this.#leaving = true;
    return within(`ballast to exit\n${this.#transcript()}`, this.exited, limitMs);
  }

  /** SIGTERM; the exit code (null after a signal). */
  async stop(limitMs?: number): Promise<number | null> {
    this.signal("SIGTERM");
    return (await this.untilExit(limitMs)).code;
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    this.#leaving = true;
    this.signal("SIGKILL");
    await this.exited;
  }

  /** Resident memory in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Ends it after a test; rejects when something was wrong with it. */
  async dispose(): Promise<void> {
    const died = this.exit !== null && !this.#leaving;
    if (this.exit === null) await this.kill();
    rmSync(this.folder, { recursive: true });
    const complaint = this.errorLines.find((line) =>
      /internal error|worker \d+ died|has not turned/.test(line),
    );
    if (died || (complaint !== undefined && !this.#mayFail)) throw new Error(this.#transcript());
  }

  #transcript(): string {
    const { code, signal } = this.exit ?? { code: null, signal: null };
    const state = this.exit === null ? "runs" : `has exited (code ${code}, signal ${signal})`;
    const errors = this.errorLines.slice(-30).join("\n");
    const access = this.accessLines.slice(-10).join("\n");
    return `ballast ${state}; its stderr:\n${errors}\nits stdout:\n${access}`;
  }
}

function textOf(config: object | string): string {
  // JSON is YAML.
  return typeof config === "string" ? config : JSON.stringify(config, null, 2);
}
