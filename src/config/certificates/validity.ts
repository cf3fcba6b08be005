// When a certificate may be used. certificates.ts asks it, with the time that its caller gives.
import type { X509Certificate } from "node:crypto";
import { type Refusal, reject } from "../reading.ts";
import { named } from "./file-bytes.ts";

/** Milliseconds since 1970, both ends included. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Of a certificate and its issuer: who sends an expired issuer is refused by clients. What comes after
 * may be an expired cross-signature, which those who know the newer root never look at.
 */
export function validityOf(certificates: readonly X509Certificate[]): readonly Validity[] {
  return certificates.slice(0, 2).map(({ validFrom, validTo }) => ({
    notBeforeMs: Date.parse(validFrom),
    notAfterMs: Date.parse(validTo),
  }));
}

/** What is wrong at `nowMs` with a certificate or its issuer, or null. */
export function validityFault(
  validities: readonly Validity[],
  file: string,
  nowMs: number,
): Refusal | null {
  for (const [i, { notBeforeMs, notAfterMs }] of validities.entries()) {
    const which = i === 0 ? "the certificate" : "the issuer's certificate";
    if (nowMs > notAfterMs) {
      const message = `${which} in ${named(file)} has expired on ${shownTime(notAfterMs)}`;
      return reject(message, "Renew it, or name another one.");
    }
    if (nowMs < notBeforeMs) {
      const message = `${which} in ${named(file)} is not valid before ${shownTime(notBeforeMs)}`;
      return reject(message, `It is ${shownTime(nowMs)} here; check the clock.`);
    }
  }
  return null;
}

/** `2030-01-31 12:00:00 UTC`. */
export function shownTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
