// Ballast as an operator runs it: `run -c FILE`, its log on stderr, its access log on stdout.
// Whoever started it need not stop it: after the test it is ended, and a test fails when it died by
// itself or told of an internal error.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, type CommandOptions, type Exit } from "./command.ts";
import { atTestEnd } from "./leftovers.ts";
import type { ProcessMessage, SessionLine } from "./log-lines.ts";
import { until } from "./until.ts";

const startMs = 100_000;

export interface BallastOptions extends CommandOptions {
  /** Internal errors and dead workers are what the test is about. */
  readonly mayFail?: boolean;
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
  writeFileSync(join(folder, "ballast.yaml"), textOf(config));
  const ballast = new Ballast(folder, options);
  atTestEnd(() => ballast.dispose());
  return ballast;
}

export class Ballast extends Command {
  /** Its own temporary folder, with the configuration in it; gone after the test. */
  readonly folder: string;
  readonly configFile: string;
  /** Where it listens, in the order of the configuration; port 0 has become a real one. */
  addresses: readonly string[];
  /** Lines of the process log on stderr. */
  readonly messages: readonly ProcessMessage[];
  /** Lines of the access log in json on stdout. */
  readonly sessions: readonly SessionLine[];
  readonly #mayFail: boolean;
  /** The test itself ended it, or expects its end. */
  #leaving: boolean;

  constructor(folder: string, options: BallastOptions) {
    const file = join(folder, "ballast.yaml");
    super(["run", "-c", file], options);
    this.folder = folder;
    this.configFile = file;
    this.addresses = [];
    this.messages = this.errorObjects as readonly ProcessMessage[];
    this.sessions = this.outObjects as readonly SessionLine[];
    this.#mayFail = options.mayFail ?? false;
    this.#leaving = false;
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
      throw this.explained(error);
    }
  }

  /** Replaces the configuration file; SIGHUP makes it effective. */
  rewriteConfig(config: object | string): void {
    writeFileSync(this.configFile, textOf(config));
  }

  /** From now on it may end by itself. Its exit, when that happens. */
  override async untilExit(limitMs?: number): Promise<Exit> {
    this.#leaving = true;
    return super.untilExit(limitMs);
  }

  /** SIGTERM; the exit code (null after a signal). */
  async stop(limitMs?: number): Promise<number | null> {
    this.signal("SIGTERM");
    return (await this.untilExit(limitMs)).code;
  }

  override async kill(): Promise<void> {
    this.#leaving = true;
    await super.kill();
  }

  /** Resident memory in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Ends it after a test; rejects when something was wrong with it. */
  async dispose(): Promise<void> {
    const died = this.exit !== null && !this.#leaving;
    await this.kill();
    rmSync(this.folder, { recursive: true });
    const complaint = this.errorLines.find((line) =>
      /internal error|worker \d+ died|has not turned/.test(line),
    );
    if (died || (complaint !== undefined && !this.#mayFail)) throw new Error(this.transcript());
  }
}

function textOf(config: object | string): string {
  // JSON is YAML.
  return typeof config === "string" ? config : JSON.stringify(config, null, 2);
}
