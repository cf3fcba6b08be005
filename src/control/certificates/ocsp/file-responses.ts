// OCSP responses that stand in files (`ocsp: FILE`): whether one may be stapled when it is read, and when
// one that is in force runs out. certificates.ts follows it; it reads no file itself.
import { named } from "../../../config/certificates/file-bytes.ts";
import { shownTime } from "../../../config/certificates/validity.ts";
import { type Refusal, reject } from "../../../config/reading.ts";
import type { CertificateMaterial } from "../../../config/tls-plan.ts";
import type { Log } from "../../log.ts";
import { judge, type Judgement } from "./judging.ts";
import { sameBytes } from "./same-bytes.ts";

/** Clocks are set and machines sleep: times are looked at so often, whatever the next one is. */
const lookMs = 60_000;

/** A response that was admitted. */
interface Admitted {
  readonly file: string;
  readonly cert: Uint8Array;
  readonly response: Uint8Array;
  readonly untilMs: number;
}

export class FileResponses {
  readonly #log: Log;
  readonly #nowMs: () => number;
  /** Some are out of date. Must not throw. */
  readonly #onChange: () => void;
  /** By the array of the response. */
  readonly #admitted: WeakMap<Uint8Array, Admitted>;
  /** By the response's file: those that have not run out. */
  #inForce: Map<string, Admitted>;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, nowMs: () => number, onChange: () => void) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#onChange = onChange;
    this.#admitted = new WeakMap();
    this.#inForce = new Map();
    this.#timer = undefined;
  }

  /** Why `response`, which stands in `file`, must not be stapled with a certificate; null: it may. */
  refusal(
    { file: certificate, cert }: CertificateMaterial,
    response: Uint8Array,
    file: string,
  ): Refusal | null {
    const nowMs = this.#nowMs();
    const known = this.#inForce.get(file);
    // A judgement takes a millisecond, and a folder may have thousands.
    const isKnown = sameBytes(known?.response, response) && sameBytes(known?.cert, cert);
    if (known !== undefined && isKnown && nowMs < known.untilMs) {
      this.#admitted.set(response, { ...known, cert, response });
      return null;
    }
    const judgement = judge(cert, response, nowMs);
    if (judgement.kind === "good") {
      const { untilMs } = judgement;
      this.#admitted.set(response, { file, cert, response, untilMs });
      return null;
    }
    const message = `the OCSP response in ${named(file)} ${wordsFor(judgement)}, and is not stapled`;
    return reject(
      message,
      judgement.kind === "revoked"
        ? `Have a new certificate issued instead of the one in ${named(certificate)}.`
        : `Put a new one there, for the certificate in ${named(certificate)}.`,
    );
  }

  /** Whether it was admitted and has not run out. */
  isGood(response: Uint8Array): boolean {
    return this.#nowMs() < (this.#admitted.get(response)?.untilMs ?? -Infinity);
  }

  /** These are in force, and no others. */
  follow(certificates: readonly CertificateMaterial[]): void {
    this.#inForce = new Map();
    for (const { ocsp, ocspSource } of certificates) {
      if (ocsp === null || ocspSource?.kind !== "file") continue;
      const admitted = this.#admitted.get(ocsp);
      if (admitted !== undefined) this.#inForce.set(ocspSource.file, admitted);
    }
    this.look();
  }

  close(): void {
    this.follow([]);
  }

  /** Tells of those that have run out. Called by its timer; public for tests with another clock. */
  look(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#nowMs();
    let nextMs = nowMs + lookMs;
    let some = false;
    for (const { file, untilMs } of this.#inForce.values()) {
      nextMs = Math.min(nextMs, untilMs);
      if (nowMs < untilMs) continue;
      this.#inForce.delete(file);
      some = true;
      const text = `the OCSP response in ${named(file)} has run out on ${shownTime(untilMs)}`;
      this.#log.warn({ ocsp: file }, `${text} and is no longer stapled; put a new one there`);
    }
    if (this.#inForce.size > 0) {
      const waitMs = Math.max(0, nextMs - nowMs);
      this.#timer = setTimeout(() => this.look(), waitMs).unref();
    }
    if (some) this.#onChange();
  }
}

function wordsFor(judgement: Exclude<Judgement, { readonly kind: "good" }>): string {
  if (judgement.kind === "useless") return judgement.text;
  if (judgement.kind === "unknown") return "says that the certificate is unknown";
  return `says that the certificate is revoked since ${judgement.text}`;
}
