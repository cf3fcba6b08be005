// Where a certificate is, from what a configuration says of it: absolute paths, and whether a bare path
// is that of a folder. The resolver and the list of TLS files ask; nothing is read here.
import type { PageFiles } from "./page-files.ts";
import type { CertificateConfig } from "./tls-config.ts";
import type { CertificateSource } from "./tls-plan.ts";

/** Of keys that contradict each other those of a folder win: semantics tells of them. */
export function certificateSource(
  certificate: CertificateConfig,
  files: PageFiles,
): CertificateSource {
  if (typeof certificate === "string") {
    return files.isFolder(certificate)
      ? { kind: "folder", folder: files.path(certificate), ocsp: null }
      : certificateSource({ cert: certificate }, files);
  }
  const { cert = "", key = cert, passphrase = "", folder, ocsp } = certificate;
  if (folder !== undefined) {
    return { kind: "folder", folder: files.path(folder), ocsp: ocsp === "fetch" ? ocsp : null };
  }
  return {
    kind: "files",
    cert: files.path(cert),
    key: files.path(key),
    passphrase,
    ocsp: ocsp === undefined || ocsp === "fetch" ? (ocsp ?? null) : files.path(ocsp),
  };
}
