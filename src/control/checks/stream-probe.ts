// A probe over a connection: opens it and lets a dialogue speak until it has a verdict, all of it
// within the check's timeout. tcp-probe.ts and http-probe.ts have the dialogues.
import type { CheckPlan } from "../../config/check-plan.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import type { Dialogue, Verdict } from "./dialogue.ts";
import type { Failure } from "./failures.ts";
import {
  formatMs,
  overslept,
  type Probe,
  type ProbeResult,
  type ProbeTarget,
  type Probing,
} from "./probe.ts";
import { type TlsClient, tlsClient } from "./tls-client.ts";
import type { TlsContexts } from "./tls-contexts.ts";

/** `dialogue` makes a fresh one for each probe. */
export function streamProbe(
  check: CheckPlan,
  contexts: TlsContexts,
  dialogue: (target: ProbeTarget) => Dialogue,
): Probe {
  return (target) => {
    if (check.tls === null) return new StreamProbing(target, check, null, dialogue(target));
    const context = contexts.of(target, check.tls);
    if (typeof context === "string") return failsAtOnce(`TLS: ${context}`);
    const tls = tlsClient(target, check, check.tls, context);
    return new StreamProbing(target, check, tls, dialogue(target));
  };
}

function failsAtOnce(text: string): Probing {
  return { result: Promise.resolve({ ok: false, text, durationMs: 0 }), end: () => {} };
}

class StreamProbing implements Probing, ConnectionListener {
  readonly result: Promise<ProbeResult>;
  readonly #dialogue: Dialogue;
  readonly #timeoutMs: number;
  readonly #beganMs: number;
  readonly #connection: Connection;
  readonly #timer: NodeJS.Timeout;
  /** What counts unless the server objects. */
  #verdict: Verdict | null;
  #over: boolean;
  #resolve: (result: ProbeResult) => void;

  constructor(
    { address }: ProbeTarget,
    { timeoutMs, sendProxy }: CheckPlan,
    tls: TlsClient | null,
    dialogue: Dialogue,
  ) {
    this.#dialogue = dialogue;
    this.#timeoutMs = timeoutMs;
    this.#beganMs = performance.now();
    this.#verdict = null;
    this.#over = false;
    this.#resolve = () => {};
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#timeIsUp(), timeoutMs);
    this.#connection = new Connection({ address, sendProxy, tls }, this);
  }

  end(): void {
    this.#finish(null, "ended before its time");
  }

  onOpen(): void {
    const verdict = this.#next("");
    if (verdict === null) return;
    // The server has not said a word yet.
    this.#verdict = verdict;
    this.#connection.settle(() => this.#finish(verdict.ok, verdict.text));
  }

  onReceive(received: string): void {
    const verdict = this.#next(received);
    if (verdict !== null) this.#finish(verdict.ok, verdict.text);
  }

  #next(received: string): Verdict | null {
    return this.#dialogue.next(received, (bytes) => this.#connection.write(bytes));
  }

  onEnd(): void {
    const { ok, text } = this.#dialogue.ended();
    this.#finish(ok, text);
  }

  onFail({ ok, text }: Failure): void {
    this.#finish(ok, text);
  }

  /** The answer may have come while this thread was busy: it is read first. */
  #timeIsUp(): void {
    setImmediate(() => this.#timedOut());
  }

  #timedOut(): void {
    const still = overslept(this.#beganMs, this.#timeoutMs);
    if (still !== null) {
      this.#finish(null, still);
      return;
    }
    if (this.#verdict !== null) {
      this.#finish(this.#verdict.ok, this.#verdict.text);
      return;
    }
    const missing = this.#connection.missing || this.#dialogue.missing();
    this.#finish(false, `${missing} within ${formatMs(this.#timeoutMs)}`);
  }

  #finish(ok: boolean | null, text: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#connection.close();
    this.#resolve({ ok, text, durationMs: performance.now() - this.#beganMs });
  }
}
