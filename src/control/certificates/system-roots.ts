// The certificates that this system trusts: what servers are verified with when a plan names nobody.
// material-reader.ts asks for them. Node's own list is the last resort: no administrator has a hand in it.
import process from "node:process";
import { rootCertificates } from "node:tls";
import { readPem } from "../../config/certificates/pem.ts";
import { accept, type Reading, reject } from "../../config/reading.ts";

/** Bundles of distributions are a quarter of a MiB; with a company's own roots a little more. */
const bytesMax = 8 * 1024 * 1024;

/** Debian, Ubuntu, Alpine; Fedora, RHEL; openSUSE; RHEL's newer place; the BSDs, macOS, Alpine. */
const usualFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

export interface SystemRoots {
  /** The file, or `Node.js`. */
  readonly source: string;
  /** PEM. The array has a buffer of its own. */
  readonly pem: Uint8Array;
}

/**
 * `$SSL_CERT_FILE`, else the first of the files that is there, else node's. They are not parsed: a
 * bundle with one strange certificate is as good as before. Refused is only an `$SSL_CERT_FILE` that
 * cannot be read: to trust others instead would be a surprise.
 */
export function systemRoots(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  files: readonly string[] = usualFiles,
): Reading<SystemRoots> {
  const named = environment["SSL_CERT_FILE"] ?? "";
  if (named !== "") {
    const roots = rootsIn(named);
    if (roots.ok) return roots;
    const message = `the environment's SSL_CERT_FILE cannot be used: ${roots.message}`;
    return reject(message, "Correct or unset it, or name a `ca` for the servers.");
  }
  for (const file of files) {
    const roots = rootsIn(file);
    if (roots.ok) return roots;
  }
  return accept({ source: "Node.js", pem: bytesOf(rootCertificates.map((pem) => `${pem}\n`)) });
}

function rootsIn(file: string): Reading<SystemRoots> {
  const blocks = readPem(file, "certificate", bytesMax);
  if (!blocks.ok) return blocks;
  const certificates = blocks.value.filter(({ label }) => label.endsWith("CERTIFICATE"));
  if (certificates.length === 0) return reject(`there is no certificate in ${file}`, "");
  return accept({ source: file, pem: bytesOf(certificates.map(({ text }) => text)) });
}

function bytesOf(texts: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(texts.join(""), "latin1"));
}
