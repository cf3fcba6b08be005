// What is different between two readings of the same bind or server, in words for the log.
// certificates.ts asks. Words only: whether they differ at all is not decided here.
import { isDeepStrictEqual } from "node:util";
import { shownTime } from "../../config/certificates/validity.ts";
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import type { Found, Wanted } from "./wanted.ts";

/** Files named in one line. */
const shownMax = 5;

/** One phrase for each file that has changed. */
export function changesOf(wanted: Wanted, before: Found, now: Found): string[] {
  const phrases = [...certificateChanges(before.certificates, now.certificates)];
  const [oldCa, newCa] = [caOf(before), caOf(now)];
  if (!isDeepStrictEqual(oldCa, newCa)) phrases.push(caFile(wanted, now));
  const [oldCrl, newCrl] = [crlOf(before), crlOf(now)];
  if (!isDeepStrictEqual(oldCrl, newCrl) && wanted.kind === "bind") {
    phrases.push(wanted.tls.clientAuth?.crl ?? "");
  }
  return phrases;
}

/** `a (valid until ...), b (gone) and 3 more`. */
export function listed(phrases: readonly string[]): string {
  const more = phrases.length > shownMax ? ` and ${phrases.length - shownMax} more` : "";
  return phrases.slice(0, shownMax).join(", ") + more;
}

function* certificateChanges(
  before: readonly CertificateMaterial[],
  now: readonly CertificateMaterial[],
): Generator<string> {
  const old = new Map(before.map((certificate) => [certificate.file, certificate]));
  const gone = new Set(old.keys());
  for (const certificate of now) {
    const { file, notAfterMs } = certificate;
    const known = old.get(file);
    gone.delete(file);
    if (isDeepStrictEqual(known, certificate)) continue;
    const sameButStaple = isDeepStrictEqual(
      { ...known, ocsp: null },
      { ...certificate, ocsp: null },
    );
    yield sameButStaple
      ? `the OCSP response of ${file}`
      : `${file} (valid until ${shownTime(notAfterMs)})`;
  }
  for (const file of gone) yield `${file} (gone)`;
}

function caOf(found: Found): Uint8Array | null {
  return found.kind === "bind" ? found.material.clientCa : found.material.ca;
}

function crlOf(found: Found): Uint8Array | null {
  return found.kind === "bind" ? found.material.crl : null;
}

function caFile(wanted: Wanted, now: Found): string {
  const file = wanted.kind === "bind" ? wanted.tls.clientAuth?.ca : wanted.tls.ca;
  return file ?? now.roots;
}
