// One certificate whose issuer is asked about it: the last good response, when to ask again, and what
// has been told of it. responses.ts asks and moves it; it has no timers and sends nothing itself.
import { named } from "../../../config/certificates/file-bytes.ts";
import { shownTime } from "../../../config/certificates/validity.ts";
import type { Log } from "../../log.ts";
import { judge } from "./judging.ts";
import { sameBytes } from "./same-bytes.ts";
import { jittered, type OcspPace } from "./pace.ts";

export class Followed {
  readonly file: string;
  /** PEM: the certificate, its issuer and whatever comes after. */
  readonly chain: Uint8Array;
  readonly url: string;
  /** DER: verified, says good, and has not run out; null: there is none. */
  response: Uint8Array | null;
  /** The end of the response. Infinity: there is none. */
  untilMs: number;
  /** When to ask; since 1970, as all times here. */
  dueMs: number;
  /** Set while it is asked about. */
  asking: AbortController | null;
  readonly #log: Log;
  readonly #pace: OcspPace;
  #failures: number;
  /** Why there is no newer response, as it was told; empty: nothing is wrong. */
  #told: string;

  constructor(file: string, chain: Uint8Array, url: string, log: Log, pace: OcspPace) {
    this.file = file;
    this.chain = chain;
    this.url = url;
    this.response = null;
    this.untilMs = Infinity;
    this.dueMs = -Infinity;
    this.asking = null;
    this.#log = log;
    this.#pace = pace;
    this.#failures = 0;
    this.#told = "";
  }

  /** The responder's answer. True: `response` is another one now. */
  take(answer: Uint8Array, nowMs: number): boolean {
    const judgement = judge(this.chain, answer, nowMs);
    if (judgement.kind === "good") return this.#accept(answer, judgement, nowMs);
    if (judgement.kind === "revoked") return this.#revoked(judgement.text, nowMs);
    const unknown = "it does not know the certificate (its answer is unknown)";
    this.fail(judgement.kind === "unknown" ? unknown : `the response ${judgement.text}`, nowMs);
    return false;
  }

  /** There is no answer, or none that is of use. Told when the reason is another one than before. */
  fail(reason: string, nowMs: number): void {
    const { retryMinMs, retryMaxMs } = this.#pace;
    this.dueMs = nowMs + jittered(Math.min(retryMinMs * 2 ** this.#failures, retryMaxMs));
    this.#failures++;
    if (this.#told === reason) return;
    this.#told = reason;
    const meanwhile =
      this.response === null
        ? "nothing is stapled"
        : `the last one is stapled until ${shownTime(this.untilMs)}`;
    this.#log.warn(
      this.#fields,
      `no OCSP response for ${this.#shown} from ${this.url}: ${reason}; ` +
        `asked again at ${shownTime(this.dueMs)}, then less often; ${meanwhile}`,
    );
  }

  /** True: the response has run out, and is no longer there. */
  expire(nowMs: number): boolean {
    if (this.response === null || nowMs < this.untilMs) return false;
    const end = shownTime(this.untilMs);
    this.#drop();
    const why = this.#told === "" ? "" : `: ${this.#told}`;
    const text = `the OCSP response for ${this.#shown} has run out on ${end} and is no longer stapled`;
    this.#log.warn(this.#fields, `${text}; there is no newer one from ${this.url}${why}`);
    return true;
  }

  #accept(
    answer: Uint8Array,
    { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
    nowMs: number,
  ): boolean {
    const isNews = this.response === null || this.#told !== "";
    // Responders give the same one for hours: that costs no worker anything.
    const isSame = sameBytes(this.response ?? undefined, answer);
    if (!isSame) this.response = answer;
    this.untilMs = untilMs;
    this.#failures = 0;
    this.#told = "";
    const { refreshMinMs, refreshMaxMs } = this.#pace;
    const middleMs = (fromMs + untilMs) / 2;
    // Some responders hand out what they have for long: half of what is left, then, and half of that.
    const waitMs = (middleMs > nowMs ? middleMs : (nowMs + untilMs) / 2) - nowMs;
    this.dueMs = nowMs + jittered(Math.min(Math.max(waitMs, refreshMinMs), refreshMaxMs));
    const text = `the OCSP response for ${this.#shown} is stapled: good until ${shownTime(untilMs)}`;
    this.#log[isNews ? "info" : "debug"](this.#fields, text);
    return !isSame;
  }

  #revoked(text: string, nowMs: number): boolean {
    // It may be on hold only: somebody may take that back.
    this.dueMs = nowMs + jittered(this.#pace.retryMaxMs);
    const reason = `it is revoked since ${text}`;
    if (this.#told !== reason) {
      this.#told = reason;
      this.#log.error(
        this.#fields,
        `${this.#shown} is revoked since ${text}, says ${this.url}: nothing is stapled; ` +
          "have a new one issued",
      );
    }
    const had = this.response !== null;
    this.#drop();
    return had;
  }

  #drop(): void {
    this.response = null;
    this.untilMs = Infinity;
  }

  get #shown(): string {
    return `the certificate in ${named(this.file)}`;
  }

  get #fields(): { readonly certificate: string; readonly responder: string } {
    return { certificate: this.file, responder: this.url };
  }
}
