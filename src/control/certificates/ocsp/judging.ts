// What an OCSP response says of a certificate, when it may be believed: OpenSSL parses it, verifies its
// signature and finds the answer; here only times are compared. Nothing is kept, all is freed.
import { bioFree, bioOverBytes, bioPending } from "../../../sys/openssl/bio.ts";
import { fixedBytes } from "../../../sys/openssl/bind.ts";
import { errorClear, takeError } from "../../../sys/openssl/error.ts";
import {
  answerStatus,
  basicFree,
  basicOf,
  basicVerify,
  OCSP_NOEXPLICIT,
  OCSP_RESPONSE_STATUS_SUCCESSFUL,
  readDer,
  responseForm,
  responseFree,
  responseStatus,
  responseStatusText,
  revocationReasonText,
  stackFree,
  stackNew,
  stackPush,
  timeToTm,
  V_OCSP_CERTSTATUS_GOOD,
  V_OCSP_CERTSTATUS_REVOKED,
} from "../../../sys/openssl/ocsp.ts";
import {
  storeAddCertificate,
  storeFree,
  storeNew,
  storeSetFlags,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../../../sys/openssl/x509.ts";
import { shownTime } from "../../../config/certificates/validity.ts";
import { Subject } from "./subject.ts";

/** Times are since 1970. */
export type Judgement =
  | { readonly kind: "good"; readonly fromMs: number; readonly untilMs: number }
  /** `text` is the responder's: `2030-01-31 12:00:00 UTC (keyCompromise)`. */
  | { readonly kind: "revoked"; readonly text: string }
  | { readonly kind: "unknown" }
  /** It must not be believed: `text` goes on from `the response`. */
  | { readonly kind: "useless"; readonly text: string };

/** Clocks differ: a response may come from so far in the future. OpenSSL's own default for it. */
const skewMs = 300_000;
/** Without nextUpdate there is always a newer one (RFC 6960 section 4.2.2.1): this one counts so long. */
const endlessMs = 86_400_000;

/** `chain`: PEM, the certificate and its issuer. Without an issuer it is not verified who has signed. */
export function judge(chain: Uint8Array, response: Uint8Array, nowMs: number): Judgement {
  const subject = new Subject(chain);
  const bio = bioOverBytes(response, response.length);
  const parsed = readDer(responseForm(), bio, 0);
  const whole = bioPending(bio) === 0;
  bioFree(bio);
  try {
    if (parsed === 0 || !whole) return useless("is not one in DER");
    const status = responseStatus(parsed);
    if (status !== OCSP_RESPONSE_STATUS_SUCCESSFUL) {
      return useless(`says ${responseStatusText(status)} instead of an answer`);
    }
    return ofBasic(basicOf(parsed), subject, nowMs);
  } finally {
    responseFree(parsed);
    subject.free();
    errorClear();
  }
}

/** Frees `basic`. */
function ofBasic(basic: number, subject: Subject, nowMs: number): Judgement {
  try {
    if (basic === 0) return useless("is of a kind that OpenSSL does not know");
    const answer = subject.answerIn(basic);
    if (answer === 0) return useless("is about another certificate");
    const refusal = subject.issuer === 0 ? "" : signatureFault(basic, subject.issuer);
    if (refusal !== "") return useless(`is not signed by the certificate's issuer: ${refusal}`);
    return ofAnswer(answer, nowMs);
  } finally {
    basicFree(basic);
  }
}

/** Why nobody has signed it whom `issuer` lets; empty: somebody has. */
function signatureFault(basic: number, issuer: number): string {
  const store = storeNew();
  const signers = stackNew();
  try {
    storeAddCertificate(store, issuer);
    storeSetFlags(store, X509_V_FLAG_PARTIAL_CHAIN);
    // Who signs with the issuer's own key need not send its certificate.
    stackPush(signers, issuer);
    errorClear();
    if (basicVerify(basic, signers, store, OCSP_NOEXPLICIT) === 1) return "";
    return takeError() || "OpenSSL gives no reason";
  } finally {
    stackFree(signers);
    storeFree(store);
  }
}

function ofAnswer(answer: number, nowMs: number): Judgement {
  cells ??= fixedBytes(cellBytes);
  const { address } = cells;
  cells.bytes.fill(0);
  const status = answerStatus(answer, address, address + 8, address + 16, address + 24);
  const fromMs = timeAt(16);
  const endMs = cells.bytes.readBigUInt64LE(24) === 0n ? fromMs + endlessMs : timeAt(24);
  if (Number.isNaN(fromMs) || Number.isNaN(endMs)) return useless("has no times that make sense");
  if (endMs < fromMs) return useless("ends before it begins");
  if (fromMs > nowMs + skewMs) {
    return useless(`is from ${shownTime(fromMs)}, which is yet to come; check the clock`);
  }
  if (endMs <= nowMs) return useless(`has run out on ${shownTime(endMs)}`);
  if (status === V_OCSP_CERTSTATUS_REVOKED) {
    const reason = cells.bytes.readInt32LE(0);
    const why = reason < 0 ? "" : ` (${revocationReasonText(reason)})`;
    const sinceMs = timeAt(8);
    const since = Number.isNaN(sinceMs) ? "an unknown time" : shownTime(sinceMs);
    return { kind: "revoked", text: `${since}${why}` };
  }
  if (status !== V_OCSP_CERTSTATUS_GOOD) return { kind: "unknown" };
  return { kind: "good", fromMs, untilMs: endMs };
}

/** Where OpenSSL writes: a reason, three pointers to times, and a `struct tm`. */
let cells: { readonly bytes: Buffer; readonly address: number } | null = null;
const tmAt = 32;
const cellBytes = 128;

/** The time that the pointer at `place` points to; NaN: none. */
function timeAt(place: number): number {
  if (cells === null) return NaN;
  const { bytes, address } = cells;
  const time = Number(bytes.readBigUInt64LE(place));
  if (time === 0 || timeToTm(time, address + tmAt) !== 1) return NaN;
  // Seconds, minutes, hours, day of the month, month from 0, years since 1900.
  const [s, m, h, day, month, year] = [0, 4, 8, 12, 16, 20].map((at) =>
    bytes.readInt32LE(tmAt + at),
  );
  return Date.UTC((year ?? 0) + 1900, month, day, h, m, s);
}

function useless(text: string): Judgement {
  return { kind: "useless", text };
}
