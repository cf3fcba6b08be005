// Reads and checks the certificates that a plan names: from files or folders to what workers need, or
// one sentence about what is wrong. The check of a configuration and the control plane call it. It
// waits for nothing but the disk, and writes nowhere.
import { accept, type Reading, type Refusal, reject } from "../reading.ts";
import type { CertificateMaterial, CertificateSource } from "../tls-plan.ts";
import { named } from "./file-bytes.ts";
import { listFolder } from "./folder.ts";
import { type KeyPair, type PairFiles, readKeyPair } from "./key-pair.ts";
import type { KnownPairs } from "./known-pairs.ts";
import { readOcspResponse } from "./ocsp-response.ts";
import { responderFault } from "./responder.ts";
import { validityFault } from "./validity.ts";

export interface CertificateOptions {
  /** The time at which certificates must be valid, since 1970; null: dates are not looked at. */
  readonly nowMs: number | null;
  /** What was read before, so that a folder of a thousand is not checked anew for one of them. */
  readonly known?: KnownPairs;
  /** What is in use already may have expired meanwhile: that keeps nobody from changing other things. */
  readonly isInUse?: (material: CertificateMaterial) => boolean;
  /** Is told of what is wrong and keeps nobody from using the rest: that nothing can be stapled. */
  readonly warn?: (warning: Refusal) => void;
}

const folderHint =
  "In a folder of certificates the key of NAME.pem is in NAME.key or in the same file; move other files elsewhere.";

/** The certificates of a source: one of files, all of a folder in the order of their names. */
export function readCertificates(
  source: CertificateSource,
  options: CertificateOptions,
): Reading<CertificateMaterial[]> {
  if (source.kind === "files") {
    const material = readOne(source, source.ocsp, options);
    return material.ok ? accept([material.value]) : material;
  }
  const entries = listFolder(source.folder);
  if (!entries.ok) return entries;
  const materials: CertificateMaterial[] = [];
  for (const { cert, key, ocsp } of entries.value) {
    const files = { cert, key, passphrase: "", absentHint: folderHint };
    const material = readOne(files, ocsp ?? source.ocsp, options);
    if (!material.ok) return material;
    materials.push(material.value);
  }
  return accept(materials);
}

/** Our own certificate for servers that ask for one: as the others, but it may be for no name. */
export function readClientCertificate(
  files: PairFiles,
  options: CertificateOptions,
): Reading<CertificateMaterial> {
  const pair = readKeyPair(files, options.known);
  return pair.ok ? materialOf(pair.value, files.cert, options) : pair;
}

/** `ocsp`: a file, or `fetch`; null: nothing is stapled. */
function readOne(
  files: PairFiles,
  ocsp: string | null,
  options: CertificateOptions,
): Reading<CertificateMaterial> {
  const pair = readKeyPair(files, options.known);
  if (!pair.ok) return pair;
  const material = materialOf(pair.value, files.cert, options);
  if (!material.ok) return material;
  if (material.value.names.length === 0) {
    return reject(
      `the certificate in ${named(files.cert)} is for no DNS name and no IP address`,
      "Have one issued with a subjectAltName.",
    );
  }
  if (ocsp === null) return material;
  if (ocsp !== "fetch") {
    const response = readOcspResponse(ocsp);
    if (!response.ok) return response;
    const ocspSource = { kind: "file", file: ocsp } as const;
    return accept({ ...material.value, ocsp: response.value, ocspSource });
  }
  // A renewed certificate may have lost its responder, as Let's Encrypt's have: it is good all the same.
  const fault = responderFault(pair.value, files.cert);
  if (fault !== null) options.warn?.(fault);
  if (fault !== null) return material;
  const ocspSource = { kind: "responder", url: pair.value.responder } as const;
  return accept({ ...material.value, ocspSource });
}

function materialOf(
  { cert, key, names, keyType, validity }: KeyPair,
  file: string,
  { nowMs, isInUse }: CertificateOptions,
): Reading<CertificateMaterial> {
  const material: CertificateMaterial = {
    file,
    cert,
    key,
    // The key has been decrypted: no worker stands still for that.
    passphrase: "",
    ocsp: null,
    ocspSource: null,
    names,
    keyType,
    notAfterMs: Math.min(...validity.map(({ notAfterMs }) => notAfterMs)),
  };
  const fault = nowMs === null ? null : validityFault(validity, file, nowMs);
  return fault === null || isInUse?.(material) ? accept(material) : fault;
}
