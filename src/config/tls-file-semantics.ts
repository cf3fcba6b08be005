// What is wrong with the files that TLS settings name: each is read as the control plane will read it, so
// that `ballast check` and a reload say it with its line. tls-semantics.ts calls it. Dates are left to
// the control plane: a certificate that is in use may expire without keeping anybody from a reload.
import { readCaFile, readCrlFile } from "./certificates/authority-files.ts";
import { readCertificates, readClientCertificate } from "./certificates/certificates.ts";
import { KnownPairs } from "./certificates/known-pairs.ts";
import type { FaultList } from "./fault-list.ts";
import { formatPath } from "./problem.ts";
import { quoted, type Reading, type Refusal } from "./reading.ts";
import type { TlsFile } from "./tls-files.ts";

/** Faults of the files `named`, and certificates that stand twice on one bind, in `faults`. */
export function checkTlsFiles(named: readonly TlsFile[], faults: FaultList): void {
  const known = new KnownPairs();
  for (const file of named) {
    const reading = readTlsFile(file, known, ({ message, hint }) => {
      faults.warn(file.offset, file.path, message, hint);
    });
    if (!reading.ok) faults.error(file.offset, file.path, reading.message, reading.hint);
  }
  const seen = new Set<string>();
  for (const file of named) {
    if (file.use !== "certificate") continue;
    const { source, path, offset } = file;
    const where = source.kind === "files" ? source.cert : source.folder;
    const key = `${formatPath(path.filter((_, i) => i < path.lastIndexOf("certificates")))} ${where}`;
    if (seen.has(key)) {
      faults.warn(offset, path, `${quoted(where)} stands in this list already`, "Remove it here.");
    }
    seen.add(key);
  }
}

function readTlsFile(
  file: TlsFile,
  known: KnownPairs,
  warn: (warning: Refusal) => void,
): Reading<unknown> {
  const options = { nowMs: null, known, warn };
  if (file.use === "ca") return readCaFile(file.file);
  if (file.use === "crl") return readCrlFile(file.file);
  const { source } = file as Extract<TlsFile, { readonly source: unknown }>;
  if (file.use === "clientCertificate" && source.kind === "files") {
    return readClientCertificate(source, options);
  }
  return readCertificates(source, options);
}
