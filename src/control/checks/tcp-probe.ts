// The tcp check: a connection that stands is enough, or a conversation of steps, HAProxy's
// `tcp-check`. An `expect` takes what it has matched, so the next one looks behind it.
import type { CheckPlan, TcpProbe, TcpStep } from "../../config/check-plan.ts";
import { Pattern } from "../../config/pattern.ts";
import { type Dialogue, receivedBytesMax, type Verdict } from "./dialogue.ts";
import { type Probe, quoted } from "./probe.ts";
import { streamProbe } from "./stream-probe.ts";
import type { TlsContexts } from "./tls-contexts.ts";

/** Something to send, or something to wait for. */
type Line =
  | { readonly send: Uint8Array }
  | { readonly find: (received: string) => number; readonly shown: string };

export function tcpProbe(check: CheckPlan, { steps }: TcpProbe, contexts: TlsContexts): Probe {
  const lines = steps.map(lineOf);
  return streamProbe(check, contexts, () => new Conversation(lines));
}

function lineOf(step: TcpStep): Line {
  if ("send" in step) return step;
  if ("regex" in step) {
    // In linear time, whatever the server sends: this thread is the control plane.
    const pattern = new Pattern(step.regex);
    const find = (received: string): number => pattern.endIn(received);
    return { find, shown: `match for /${step.regex}/` };
  }
  const text = Buffer.from(step.expect).toString("latin1");
  const find = (received: string): number => {
    const at = received.indexOf(text);
    return at < 0 ? -1 : at + text.length;
  };
  return { find, shown: quoted(text) };
}

class Conversation implements Dialogue {
  readonly #lines: readonly Line[];
  #at: number;
  /** What no step has taken yet. */
  #received: string;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
    this.#at = 0;
    this.#received = "";
  }

  next(received: string, say: (bytes: Uint8Array) => void): Verdict | null {
    this.#received += received;
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] as Line;
      if ("send" in line) {
        say(line.send);
        continue;
      }
      const end = line.find(this.#received);
      if (end < 0) return this.#full();
      this.#received = this.#received.slice(end);
    }
    return { ok: true, text: this.#lines.length === 0 ? "connected" : "all steps done" };
  }

  #full(): Verdict | null {
    if (this.#received.length < receivedBytesMax) return null;
    return { ok: false, text: `${this.missing()} in ${receivedBytesMax / 1024} KiB` };
  }

  ended(): Verdict {
    return { ok: false, text: `closed: ${this.missing()}` };
  }

  missing(): string {
    const line = this.#lines[this.#at];
    if (line === undefined || "send" in line) return "no answer";
    const got = this.#received === "" ? "nothing" : quoted(this.#received, 40);
    return `no ${line.shown} (step ${this.#at + 1}, received ${got})`;
  }
}
