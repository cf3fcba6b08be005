// Warns of certificates that will soon expire, and tells of those that have: when they come into
// force, once a day, and at the moment itself. certificates.ts says which are in force.
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import { shownTime } from "../../config/certificates/validity.ts";
import type { Log } from "../log.ts";

const dayMs = 86_400_000;
/** Whoever renews by a program does so weeks before; what is nearer than this will be an accident. */
const warnMs = 14 * dayMs;
const namesMax = 3;

interface Told {
  readonly level: "warn" | "error";
  readonly atMs: number;
}

export class Expiry {
  readonly #log: Log;
  readonly #nowMs: () => number;
  /** By file, one each. */
  #certificates: Map<string, CertificateMaterial>;
  /** By file and end: a new certificate in the same file is another one. */
  #told: Map<string, Told>;
  #timer: NodeJS.Timeout | undefined;

  /** `nowMs` is since 1970. */
  constructor(log: Log, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#certificates = new Map();
    this.#told = new Map();
    this.#timer = undefined;
  }

  /** These are in force now, and no others. */
  follow(certificates: readonly CertificateMaterial[]): void {
    this.#certificates = new Map(certificates.map((one) => [one.file, one]));
    const kept = new Set(Array.from(this.#certificates.values(), keyOf));
    for (const key of this.#told.keys()) if (!kept.has(key)) this.#told.delete(key);
    this.look();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#certificates.clear();
  }

  /** Tells what is to be told now. Called by its timer; public for tests with another clock. */
  look(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#nowMs();
    let nextMs = nowMs + dayMs;
    for (const certificate of this.#certificates.values()) {
      const { notAfterMs } = certificate;
      // A certificate is valid to the end of its last second.
      if (notAfterMs >= nowMs) nextMs = Math.min(nextMs, notAfterMs + 1);
      if (notAfterMs - nowMs <= warnMs) this.#tell(certificate, nowMs);
    }
    if (this.#certificates.size === 0) return;
    this.#timer = setTimeout(() => this.look(), nextMs - nowMs).unref();
  }

  #tell(certificate: CertificateMaterial, nowMs: number): void {
    const { file, notAfterMs } = certificate;
    const level = nowMs > notAfterMs ? "error" : "warn";
    const told = this.#told.get(keyOf(certificate));
    // An hour less than a day: timers are no clocks.
    if (told?.level === level && nowMs - told.atMs < dayMs - 3_600_000) return;
    this.#told.set(keyOf(certificate), { level, atMs: nowMs });
    const what = `the certificate in ${file}${shownNames(certificate)}`;
    const text =
      level === "error"
        ? `${what} has expired on ${shownTime(notAfterMs)}: clients refuse it; renew it`
        : `${what} expires ${shownDays(notAfterMs - nowMs)}, on ${shownTime(notAfterMs)}; renew it`;
    const notAfter = new Date(notAfterMs).toISOString();
    this.#log[level]({ certificate: file, notAfter }, text);
  }
}

function keyOf({ file, notAfterMs }: CertificateMaterial): string {
  return `${notAfterMs} ${file}`;
}

function shownNames({ names }: CertificateMaterial): string {
  if (names.length === 0) return "";
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : "";
  return ` (${names.slice(0, namesMax).join(", ")}${more})`;
}

function shownDays(ms: number): string {
  const days = Math.floor(ms / dayMs);
  if (days === 0) return "within a day";
  return days === 1 ? "in 1 day" : `in ${days} days`;
}
