// The http check: one request, written here byte for byte because an HTTP client would cost ten
// times as much, and a verdict as soon as the answer allows one: at its status line, or at the
// text that its body must have.
import { formatAddress } from "../../config/address.ts";
import type { CheckPlan, HttpProbe } from "../../config/check-plan.ts";
import { Pattern } from "../../config/pattern.ts";
import { type Dialogue, receivedBytesMax, type Verdict } from "./dialogue.ts";
import { HttpAnswer } from "./http-answer.ts";
import { type Probe, type ProbeTarget, quoted } from "./probe.ts";
import { streamProbe } from "./stream-probe.ts";
import type { TlsContexts } from "./tls-contexts.ts";

/** What a body must be like. */
interface BodyRule {
  /** Each of its characters is one byte. */
  readonly holds: (body: string) => boolean;
  /** `contain "ok"`, `match /ok/`. */
  readonly shown: string;
}

export function httpProbe(check: CheckPlan, probe: HttpProbe, contexts: TlsContexts): Probe {
  const rule = bodyRule(probe);
  return streamProbe(check, contexts, (target) => {
    return new Exchange(probe, rule, requestOf(probe, target));
  });
}

function bodyRule({ body }: HttpProbe): BodyRule | null {
  if (body === null) return null;
  if (!body.regex) {
    const wanted = Buffer.from(body.text).toString("latin1");
    return { holds: (text) => text.includes(wanted), shown: `contain ${quoted(body.text)}` };
  }
  // In linear time, whatever the server answers: this thread is the control plane.
  const pattern = new Pattern(body.text);
  return { holds: (text) => pattern.testText(text), shown: `match /${body.text}/` };
}

/** HTTP/1.1, since some servers answer 426 to 1.0; each connection carries this one request. */
function requestOf(probe: HttpProbe, { address }: ProbeTarget): string {
  const own = address.family === "unix" ? "localhost" : formatAddress(address);
  const names = new Set(Object.keys(probe.headers).map((name) => name.toLowerCase()));
  const lines = [`${probe.method} ${probe.path} HTTP/1.1`];
  if (!names.has("host")) lines.push(`Host: ${probe.host === "" ? own : probe.host}`);
  if (!names.has("connection")) lines.push("Connection: close");
  if (!names.has("user-agent")) lines.push("User-Agent: ballast-check");
  for (const [name, value] of Object.entries(probe.headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`).toString("latin1");
}

class Exchange implements Dialogue {
  readonly #probe: HttpProbe;
  readonly #rule: BodyRule | null;
  readonly #request: string;
  readonly #answer: HttpAnswer;
  #asked: boolean;

  constructor(probe: HttpProbe, rule: BodyRule | null, request: string) {
    this.#probe = probe;
    this.#rule = rule;
    this.#request = request;
    this.#answer = new HttpAnswer();
    this.#asked = false;
  }

  next(received: string, say: (bytes: string) => void): Verdict | null {
    if (!this.#asked) {
      this.#asked = true;
      say(this.#request);
    }
    if (received === "") return null;
    this.#answer.add(received, this.#probe.method === "HEAD");
    return this.#verdict(false);
  }

  /** `final`: nothing more will come. */
  #verdict(final: boolean): Verdict | null {
    const { problem, status, full, bodyAt } = this.#answer;
    if (problem !== "") return { ok: false, text: problem };
    if (status === 0) return null;
    if (!this.#probe.statuses.some(([from, to]) => status >= from && status <= to)) {
      return { ok: false, text: `status ${status}` };
    }
    if (this.#rule === null) return { ok: true, text: `status ${status}` };
    if (bodyAt < 0 && full) {
      return { ok: false, text: `its header has no end in ${receivedBytesMax / 1024} KiB` };
    }
    if (bodyAt < 0) return null;
    const { text, whole } = this.#answer.body();
    if (this.#rule.holds(text)) {
      return { ok: true, text: `status ${status}, the body does ${this.#rule.shown}` };
    }
    if (!whole && !full && !final) return null;
    const part = whole || final ? "" : ` in its first ${receivedBytesMax / 1024} KiB`;
    return { ok: false, text: `status ${status}, the body does not ${this.#rule.shown}${part}` };
  }

  ended(): Verdict {
    const { text, status } = this.#answer;
    const verdict = this.#verdict(true);
    if (verdict !== null) return verdict;
    if (text === "") return { ok: false, text: "closed without an answer" };
    const where = status === 0 ? "status line" : "header";
    return { ok: false, text: `closed inside its ${where}` };
  }

  missing(): string {
    const { text, status, bodyAt } = this.#answer;
    if (text === "") return "no answer";
    if (status === 0) return "no whole status line";
    if (bodyAt < 0) return "no end of the header";
    return `no body that does ${this.#rule?.shown}`;
  }
}
