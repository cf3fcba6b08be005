// A certificate and its chain, from the blocks of a PEM file: each is parsed, and each must have signed
// the one before it. key-pair.ts calls it. Whether anybody trusts the chain is not asked here.
import { X509Certificate } from "node:crypto";
import { accept, quoted, type Reading, type Refusal, reject } from "../reading.ts";
import { named } from "./file-bytes.ts";
import type { PemBlock } from "./pem.ts";

/** Longer ones are somebody's bundle of roots; OpenSSL itself goes no deeper than 100. */
const chainMax = 20;

const labels = new Set(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]);

/** The certificates among the blocks of a file, at least one. `absentHint`: what to do without any. */
export function parseCertificates(
  blocks: readonly PemBlock[],
  file: string,
  absentHint: string = "Name another file.",
): Reading<X509Certificate[]> {
  const certificates: X509Certificate[] = [];
  for (const { label, line, text } of blocks) {
    if (!labels.has(label)) continue;
    try {
      certificates.push(new X509Certificate(text));
    } catch {
      return reject(
        `the certificate at line ${line} of ${named(file)} is broken`,
        "Copy the file anew; `openssl x509 -text -in FILE` shows what is in it.",
      );
    }
  }
  if (certificates.length > 0) return accept(certificates);
  const found = [...new Set(blocks.map(({ label }) => quoted(label)))].join(", ");
  const message = `there is no certificate in ${named(file)}, only ${found}`;
  return reject(message, absentHint);
}

/** What is wrong with the order of a certificate (the first) and its chain, or null. */
export function chainFault(certificates: readonly X509Certificate[], file: string): Refusal | null {
  if (certificates.length > chainMax) {
    const message = `${named(file)} has ${certificates.length} certificates`;
    return reject(message, `A chain has ${chainMax} at most; is it a bundle of roots?`);
  }
  for (const [i, issuer] of certificates.entries()) {
    const certificate = certificates[i - 1];
    if (certificate === undefined || hasSigned(issuer, certificate)) continue;
    const message = `certificate ${i + 1} in ${named(file)} has not signed the one before it`;
    if (issuer.raw.equals(certificate.raw)) return reject(message, "It is the same; remove it.");
    return reject(
      message,
      `Put the certificate first, then its issuer, then that one's: number ${i} was issued by ` +
        `${distinguished(certificate.issuer)}, number ${i + 1} is ${distinguished(issuer.subject)}.`,
    );
  }
  return null;
}

function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A public key of a type that this OpenSSL does not know.
    return false;
  }
}

/** A distinguished name in one line. */
function distinguished(name: string): string {
  return quoted(name.replaceAll("\n", ", "));
}
