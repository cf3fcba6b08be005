// The active check of one server: when the next probe begins, and what its result leads to. Never
// two probes at once. What a probe does it does not know; what follows from being up or down is
// server-states.ts's business.
import type { CheckPlan } from "../../config/check-plan.ts";
import type { ServerStates } from "../server-states.ts";
import type { ServerStatus } from "../server-status.ts";
import { Health } from "./health.ts";
import { checkedAddress, type Probe, type ProbeResult, type Probing } from "./probe.ts";

/** Intervals vary by this much either way, so that checks which came together drift apart. */
const jitter = 0.05;

export interface CheckerOptions {
  readonly server: ServerStatus;
  readonly check: CheckPlan;
  readonly probe: Probe;
  readonly states: Pick<ServerStates, "setHealth">;
  /** From 0 to 1: which part of an interval passes before its first probe. */
  readonly position: number;
  readonly random: () => number;
  /** A probe could not look, and that is not the server's fault. */
  readonly onTrouble: (server: ServerStatus, text: string) => void;
}

export class Checker {
  readonly server: ServerStatus;
  readonly check: CheckPlan;
  readonly #options: CheckerOptions;
  #health: Health;
  #active: boolean;
  #timer: NodeJS.Timeout | undefined;
  #probing: Probing | null;
  /** What the probe under way finds is of no interest any more. */
  #discard: boolean;

  constructor(options: CheckerOptions) {
    this.server = options.server;
    this.check = options.check;
    this.#options = options;
    this.#health = new Health(options.check);
    this.#active = false;
    this.#timer = undefined;
    this.#probing = null;
    this.#discard = false;
  }

  /** Begins as the check's initState says; called again after a rest. */
  start(): void {
    this.#afresh();
    this.#run();
  }

  /** Begins from the health that the server has: its check is another one now, not the server. */
  take(): void {
    this.#health.assume(this.server.healthy);
    this.#run();
  }

  #run(): void {
    if (this.#active) return;
    this.#active = true;
    this.#schedule(this.#intervalMs() * this.#options.position);
  }

  /** No probes until start(), and nothing known: what was found before is old by then. */
  rest(): void {
    this.#halt();
    this.#afresh();
  }

  #halt(): void {
    this.#active = false;
    clearTimeout(this.#timer);
    this.#discard = true;
    this.#probing?.end();
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#halt();
    await this.#probing?.result;
  }

  /** Nothing is known of it but what initState says. */
  #afresh(): void {
    this.#health = new Health(this.check);
    this.#options.states.setHealth(this.server, this.#health.up, "not checked yet");
  }

  #intervalMs(): number {
    const { intervalMs, fastIntervalMs, downIntervalMs } = this.check;
    if (!this.#health.settled) return fastIntervalMs;
    return this.#health.up ? intervalMs : downIntervalMs;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), Math.max(1, Math.round(delayMs)));
  }

  /** Intervals are from start to start; a probe that took longer is followed by the next at once. */
  #scheduleAfter(durationMs: number): void {
    const varied = this.#intervalMs() * (1 + jitter * (2 * this.#options.random() - 1));
    this.#schedule(varied - durationMs);
  }

  #begin(): void {
    // The one before has been ended and is not gone yet; its end schedules the next.
    if (this.#probing !== null) return;
    const { backend, name, address } = this.server;
    if (address === null) {
      // Its name does not resolve. When it does again, that is another server for all we know.
      this.#afresh();
      this.#scheduleAfter(0);
      return;
    }
    this.#discard = false;
    this.#probing = this.#options.probe({
      backend,
      server: name,
      address: checkedAddress(address, this.check.address, this.check.port),
    });
    void this.#probing.result.then((result) => this.#finish(result));
  }

  #finish(result: ProbeResult): void {
    this.#probing = null;
    if (!this.#active) return;
    if (!this.#discard) this.#take(result);
    // What follows from the result may have led to a rest.
    if (this.#active) this.#scheduleAfter(result.durationMs);
  }

  #take({ ok, text, durationMs }: ProbeResult): void {
    const { server } = this;
    if (ok === null) {
      this.#options.onTrouble(server, text);
      return;
    }
    server.checks++;
    if (!ok) server.checkFailures++;
    const sum = this.#health.take(ok);
    // A time limit that has passed is in the text already.
    const time = durationMs < this.check.timeoutMs ? ` in ${Math.round(durationMs)} ms` : "";
    const tail = sum === "" ? "" : ` (${sum})`;
    const found = `${this.check.probe.kind} check: ${text}${time}${tail}`;
    this.#options.states.setHealth(server, this.#health.up, found);
  }
}
