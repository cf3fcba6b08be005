// Whether the issuer of a certificate can be asked about it (`ocsp: fetch`): where, as the certificate
// itself says (RFC 5280 section 4.2.2.1). certificates.ts calls it; nobody is asked here.
import type { X509Certificate } from "node:crypto";
import { type Refusal, reject } from "../reading.ts";
import { named } from "./file-bytes.ts";

/** A URI as node writes it: in JSON when it has what could be taken for something else. */
const entry = /^OCSP - URI:(.*)$/gm;

/** The first responder that speaks HTTP; empty: the certificate names none. */
export function responderOf(certificate: X509Certificate): string {
  for (const [, written = ""] of (certificate.infoAccess ?? "").matchAll(entry)) {
    const text = written.startsWith('"') ? String(JSON.parse(written)) : written;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  }
  return "";
}

/** Why nobody can be asked about the certificate in `file`; null: somebody can. */
export function responderFault(
  { responder, hasIssuer }: { readonly responder: string; readonly hasIssuer: boolean },
  file: string,
): Refusal | null {
  if (responder === "") {
    return reject(
      `the certificate in ${named(file)} names no OCSP responder: there is nobody to fetch from`,
      "Remove `ocsp: fetch`; its issuer publishes CRLs instead, or nothing.",
    );
  }
  if (hasIssuer) return null;
  return reject(
    `the issuer's certificate is not in ${named(file)}: without it no OCSP response can be fetched`,
    "Put it after the certificate.",
  );
}
