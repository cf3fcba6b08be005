// The exec check, HAProxy's `external-check`: a program whose exit code 0 means up. It runs in a
// process group of its own, and when it has ended or overrun, the whole group is killed, and whoever
// has left it (escaped.ts): nothing that a check has started outlives it.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { CheckPlan, ExecProbe } from "../../config/check-plan.ts";
import { checkVariable, killEscaped, newCheckId } from "./escaped.ts";
import { LastLine } from "./last-line.ts";
import {
  formatMs,
  overslept,
  type Probe,
  type ProbeResult,
  type ProbeTarget,
  type Probing,
} from "./probe.ts";

/** A program that prints more is ended: reading it would cost the control plane its time. */
const outputBytesMax = 16 * 1024 * 1024;
/** What cannot be killed (another user's process, a dead disk) is waited for no longer. */
const killMs = 1000;
/** After its end the pipes close at once, unless somebody who has left the group holds them. */
const pipesCloseMs = 100;

/** Codes of a failed start that tell of this process, not of the program. */
const ownTroubles: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"]);
const startFailures: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file"],
  ["EACCES", "not executable"],
]);

export function execProbe(check: CheckPlan, { command }: ExecProbe): Probe {
  return (target) => new ExecProbing(command, environment(target), check.timeoutMs);
}

function environment({ backend, server, address }: ProbeTarget): NodeJS.ProcessEnv {
  const unix = address.family === "unix";
  return {
    PATH: process.env["PATH"],
    BALLAST_BACKEND: backend,
    BALLAST_SERVER_NAME: server,
    BALLAST_SERVER_ADDRESS: unix ? address.path : address.host,
    BALLAST_SERVER_PORT: unix ? "" : String(address.port),
  };
}

class ExecProbing implements Probing {
  readonly result: Promise<ProbeResult>;
  readonly #program: string;
  readonly #timeoutMs: number;
  readonly #beganMs: number;
  readonly #output: LastLine;
  #child: ChildProcess | null;
  #timer: NodeJS.Timeout | undefined;
  /** Why it was killed; empty: it was not. */
  #killed: string;
  /** Why its overrun says nothing about the server; null: it does. */
  #stoodStill: string | null;
  /** What to say of a start that failed, once its pipes have closed; null: it runs. */
  #unstarted: { readonly ok: false | null; readonly text: string } | null;
  #exitSeen: boolean;
  #over: boolean;
  /** Settles when those who had left its group are gone. */
  #escaped: Promise<void>;
  readonly #id: string;
  #resolve: (result: ProbeResult) => void;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv, timeoutMs: number) {
    const [program = "", ...words] = command;
    this.#program = program;
    this.#timeoutMs = timeoutMs;
    this.#beganMs = performance.now();
    this.#output = new LastLine();
    this.#child = null;
    this.#killed = "";
    this.#stoodStill = null;
    this.#unstarted = null;
    this.#exitSeen = false;
    this.#over = false;
    this.#escaped = Promise.resolve();
    this.#id = newCheckId();
    this.#resolve = () => {};
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#timeIsUp(), timeoutMs);
    const marked = { ...env, [checkVariable]: this.#id };
    try {
      this.#start(
        spawn(program, words, { env: marked, detached: true, stdio: ["ignore", "pipe", "pipe"] }),
      );
    } catch (error) {
      this.#cannotStart(error as NodeJS.ErrnoException);
      this.#closed(null, null);
    }
  }

  end(): void {
    this.#kill("ended before its time");
  }

  #start(child: ChildProcess): void {
    this.#child = child;
    child.once("error", (error) => this.#cannotStart(error));
    child.once("exit", () => this.#exited());
    // After `exit`, and after the last byte of both pipes.
    child.once("close", (code, signal) => this.#closed(code, signal));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => this.#read(chunk));
      stream?.on("error", () => {});
    }
  }

  #read(chunk: Buffer): void {
    this.#output.add(chunk);
    if (this.#output.bytes <= outputBytesMax) return;
    this.#kill(`printed more than ${outputBytesMax / 1024 / 1024} MiB`);
    this.#dropPipes();
  }

  /** Its exit may have come while this thread was busy: it is seen first. */
  #timeIsUp(): void {
    setImmediate(() => this.#overrun());
  }

  #overrun(): void {
    this.#stoodStill = overslept(this.#beganMs, this.#timeoutMs);
    this.#kill(`still running after ${formatMs(this.#timeoutMs)}`);
  }

  #kill(why: string): void {
    if (this.#over || this.#exitSeen) return;
    this.#killed ||= why;
    this.#killGroup();
    this.#escaped = killEscaped(this.#id);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), killMs);
  }

  #giveUp(): void {
    this.#dropPipes();
    this.#child?.unref();
    this.#finish(false, `${this.#killed}, and cannot be killed`);
  }

  #killGroup(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // ESRCH: nobody is left in it, which is what we want. Elsewhere than on Unix: no groups.
      this.#child?.kill("SIGKILL");
    }
  }

  /** Its children, if it left any, end with it. */
  #exited(): void {
    this.#exitSeen = true;
    this.#killGroup();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pipesHeld(), pipesCloseMs);
  }

  /** By somebody who has left the group. */
  #pipesHeld(): void {
    this.#escaped = killEscaped(this.#id);
    this.#dropPipes();
  }

  #dropPipes(): void {
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  #closed(code: number | null, signal: string | null): void {
    void this.#escaped.then(() => this.#tell(code, signal));
  }

  #tell(code: number | null, signal: string | null): void {
    if (this.#unstarted !== null) {
      this.#finish(this.#unstarted.ok, this.#unstarted.text);
      return;
    }
    if (this.#stoodStill !== null) {
      this.#finish(null, this.#stoodStill);
      return;
    }
    const said = this.#output.text();
    const how =
      this.#killed || (code === null ? `ended by ${signal ?? "a signal"}` : `exit code ${code}`);
    const text = said === "" ? how : `${how} with ${JSON.stringify(said)}`;
    this.#finish(this.#killed === "" && code === 0, text);
  }

  #cannotStart({ code = "", message }: NodeJS.ErrnoException): void {
    const own = ownTroubles.has(code);
    const why = startFailures.get(code) ?? (code || message);
    this.#unstarted = { ok: own ? null : false, text: `cannot run ${this.#program}: ${why}` };
    this.#dropPipes();
  }

  #finish(ok: boolean | null, text: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#resolve({ ok, text, durationMs: performance.now() - this.#beganMs });
  }
}
