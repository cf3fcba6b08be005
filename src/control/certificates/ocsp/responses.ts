// OCSP responses that are fetched (`ocsp: fetch`): asks the issuers of the certificates in force, and has
// the last good answer about each. certificates.ts follows it. Nobody ever waits for it: what has not
// come yet is not stapled yet.
import type { CertificateMaterial } from "../../../config/tls-plan.ts";
import type { Log } from "../../log.ts";
import { ask } from "./asking.ts";
import { Followed } from "./followed.ts";
import type { OcspPace } from "./pace.ts";
import { sameBytes } from "./same-bytes.ts";
import { requestAbout } from "./subject.ts";

/** Asked at once: a folder may have thousands. */
const askedMax = 8;
/** Clocks are set and machines sleep: times are looked at so often, whatever the next one is. */
const lookMs = 60_000;

export interface ResponsesOptions {
  readonly log: Log;
  /** The time since 1970. */
  readonly nowMs: () => number;
  readonly pace: OcspPace;
  /** of() gives something else for one or more than before. Must not throw. */
  readonly onChange: () => void;
}

export class Responses {
  readonly #options: ResponsesOptions;
  /** By the certificate's file. */
  #followed: Map<string, Followed>;
  #timer: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;

  constructor(options: ResponsesOptions) {
    this.#options = options;
    this.#followed = new Map();
    this.#timer = undefined;
    this.#gathering = undefined;
  }

  /** What is to be stapled with a certificate now; null: nothing. Any other certificate has none. */
  of({ file, cert }: CertificateMaterial): Uint8Array | null {
    const followed = this.#followed.get(file);
    return sameBytes(followed?.chain, cert) ? (followed?.response ?? null) : null;
  }

  /** These are in force, and no others. Who stays keeps its response; a certificate that is new begins anew. */
  follow(certificates: readonly CertificateMaterial[]): void {
    const { log, pace } = this.#options;
    const next = new Map<string, Followed>();
    for (const { file, cert, ocspSource } of certificates) {
      if (ocspSource?.kind !== "responder" || next.has(file)) continue;
      const known = this.#followed.get(file);
      const stays = known !== undefined && sameBytes(known.chain, cert);
      next.set(file, stays ? known : new Followed(file, cert, ocspSource.url, log, pace));
    }
    const before = this.#followed;
    this.#followed = next;
    for (const [file, old] of before) if (next.get(file) !== old) old.asking?.abort();
    this.look();
  }

  /** Ends everything, questions that are on their way included. */
  close(): void {
    this.follow([]);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  /** Does what is due now. Called by its timer; public for tests with another clock. */
  look(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#options.nowMs();
    const all = [...this.#followed.values()];
    let nextMs = nowMs + lookMs;
    let asked = all.filter(({ asking }) => asking !== null).length;
    for (const followed of all) {
      if (followed.expire(nowMs)) this.#changed();
      nextMs = Math.min(nextMs, followed.untilMs);
      if (followed.asking !== null) continue;
      if (followed.dueMs > nowMs) nextMs = Math.min(nextMs, followed.dueMs);
      else if (asked < askedMax) {
        asked++;
        void this.#ask(followed);
      }
    }
    if (all.length === 0) return;
    this.#timer = setTimeout(() => this.look(), nextMs - nowMs).unref();
  }

  /** Never rejects. At its end it looks who is next. */
  async #ask(followed: Followed): Promise<void> {
    const { nowMs, pace } = this.#options;
    const asking = new AbortController();
    followed.asking = asking;
    try {
      const question = requestAbout(followed.chain);
      const options = { timeoutMs: pace.timeoutMs, signal: asking.signal };
      const answer = await ask(followed.url, question, options);
      if (asking.signal.aborted) return;
      if (followed.take(answer, nowMs())) this.#changed();
    } catch (error) {
      if (asking.signal.aborted) return;
      followed.fail(error instanceof Error ? error.message : String(error), nowMs());
    } finally {
      followed.asking = null;
      if (!asking.signal.aborted) this.look();
    }
  }

  #changed(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#options.onChange();
    }, this.#options.pace.gatherMs).unref();
  }
}
