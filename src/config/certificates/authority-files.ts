// Files of those who sign others' certificates: CAs and their lists of revoked certificates. The
// control plane and the check of a configuration call it. What is passed on is PEM, without anything
// else that was in the file.
import { accept, type Reading, reject } from "../reading.ts";
import { parseCertificates } from "./chain.ts";
import { named } from "./file-bytes.ts";
import { readPem } from "./pem.ts";

/**
 * Who may have signed certificates, PEM: at least one, and each can be parsed. Expired ones are left
 * in: bundles have them, and OpenSSL knows what to do.
 */
export function readCaFile(file: string, bytesMax?: number): Reading<Uint8Array> {
  const blocks = readPem(file, "certificate", bytesMax);
  if (!blocks.ok) return blocks;
  const certificates = parseCertificates(blocks.value, file);
  if (!certificates.ok) return certificates;
  return accept(bytesOf(certificates.value.map(String)));
}

/** Lists of revoked certificates, PEM: at least one. */
export function readCrlFile(file: string): Reading<Uint8Array> {
  const blocks = readPem(file, "CRL");
  if (!blocks.ok) return blocks;
  const lists = blocks.value.filter(({ label }) => label === "X509 CRL");
  if (lists.length > 0) return accept(bytesOf(lists.map(({ text }) => text)));
  const hint = "A CRL is a block with -----BEGIN X509 CRL-----; `openssl ca -gencrl` makes one.";
  return reject(`there is no CRL in ${named(file)}`, hint);
}

/** The array has a buffer of its own, so that it can be posted to a worker. */
function bytesOf(texts: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(texts.join(""), "latin1"));
}
