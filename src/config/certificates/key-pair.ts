// A certificate with its chain and the key that belongs to it, from one or two PEM files. Everything
// is checked that does not change with time: that OpenSSL takes it, that the key fits, that the chain
// is in order. certificates.ts calls it, and looks at the dates.
import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { accept, type Reading, type Refusal, reject } from "../reading.ts";
import type { CertificateMaterial } from "../tls-plan.ts";
import { chainFault, parseCertificates } from "./chain.ts";
import { named, readBytes } from "./file-bytes.ts";
import type { KnownPairs } from "./known-pairs.ts";
import { namesOf } from "./names.ts";
import { pemIn } from "./pem.ts";
import { parsePrivateKey } from "./private-key.ts";
import { responderOf } from "./responder.ts";
import { type Validity, validityOf } from "./validity.ts";

/** OpenSSL's security level 2, the usual one since 3.2: 112 bits. */
const rsaBitsMin = 2048;

/** Where a pair stands; `key` may be the same file as `cert`. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string;
  /** What to do when there is no certificate in `cert` or no key in `key`. */
  readonly absentHint?: string;
}

export interface KeyPair {
  /** PEM: the certificate and its chain, without anything else that was in the file. */
  readonly cert: Uint8Array;
  /** PEM, decrypted: PKCS #8. */
  readonly key: Uint8Array;
  readonly keyType: CertificateMaterial["keyType"];
  readonly names: readonly string[];
  /** The URL that its issuer can be asked at about it; empty: it names none. */
  readonly responder: string;
  /** Its issuer's certificate stands in the file too. */
  readonly hasIssuer: boolean;
  /** When the certificate and its issuer may be used. */
  readonly validity: readonly Validity[];
}

/** Reads and checks a pair; one that `known` has already is read, but not parsed and checked again. */
export function readKeyPair(files: PairFiles, known?: KnownPairs): Reading<KeyPair> {
  const cert = readBytes(files.cert);
  if (!cert.ok) return cert;
  const key = files.key === files.cert ? cert : readBytes(files.key);
  if (!key.ok) return key;
  const digest = digestOf(cert.value, key.value, files.passphrase);
  const before = known?.pair(files, digest);
  if (before !== undefined) return accept(before);
  const pair = parsePair(files, cert.value, key.value);
  if (pair.ok) known?.learn(files, digest, pair.value);
  return pair;
}

function parsePair(files: PairFiles, cert: Uint8Array, keyBytes: Uint8Array): Reading<KeyPair> {
  const { passphrase, absentHint } = files;
  const blocks = pemIn(cert, files.cert, "certificate");
  if (!blocks.ok) return blocks;
  const certificates = parseCertificates(blocks.value, files.cert, absentHint);
  if (!certificates.ok) return certificates;
  const keyBlocks = cert === keyBytes ? blocks : pemIn(keyBytes, files.key, "private key");
  if (!keyBlocks.ok) return keyBlocks;
  const key = parsePrivateKey(keyBlocks.value, files.key, passphrase, absentHint);
  if (!key.ok) return key;
  const [leaf] = certificates.value as [X509Certificate];
  const keyType = typeOfKey(leaf, files.cert);
  if (!keyType.ok) return keyType;
  const pair: KeyPair = {
    cert: pemBytes(certificates.value.map(String).join("")),
    key: pemBytes(key.value.export({ type: "pkcs8", format: "pem" }) as string),
    keyType: keyType.value,
    names: namesOf(leaf),
    responder: responderOf(leaf),
    hasIssuer: certificates.value.length > 1,
    validity: validityOf(certificates.value),
  };
  const fault =
    keyFault(certificates.value, key.value, files) ??
    chainFault(certificates.value, files.cert) ??
    opensslFault(pair, files);
  return fault ?? accept(pair);
}

function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  // With lengths, so that nothing can move from one part to the next unseen.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/** The array has a buffer of its own, so that it can be posted to a worker. */
function pemBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function typeOfKey(leaf: X509Certificate, file: string): Reading<KeyPair["keyType"]> {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKeyOf(leaf) ?? {};
  const bits = details?.modulusLength ?? rsaBitsMin;
  if (bits < rsaBitsMin && type !== "dsa") {
    return reject(
      `the RSA key of the certificate in ${named(file)} has only ${bits} bits`,
      `Have one issued for a key with ${rsaBitsMin} bits, or for an ECDSA key.`,
    );
  }
  if (type === "rsa" || type === "ed25519") return accept(type);
  if (type === "ec") return accept("ecdsa");
  if (type === "rsa-pss" || type === "ed448") return accept("other");
  return reject(
    `the certificate in ${named(file)} has a key of the type ${type ?? "unknown"}, which TLS has no use for`,
    "Have one issued for an ECDSA, RSA or Ed25519 key.",
  );
}

/** Null when this OpenSSL does not know its type. */
function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    return null;
  }
}

function keyFault(
  certificates: readonly X509Certificate[],
  key: KeyObject,
  { cert, key: keyFile }: PairFiles,
): Refusal | null {
  const owner = certificates.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (owner === 0) return null;
  const message = `the key in ${named(keyFile)} is not the one of the certificate in ${named(cert)}`;
  if (owner < 0) return reject(message, "Name the key that the certificate was issued for.");
  return reject(
    message,
    `It is the one of certificate ${owner + 1} there, which must come first: the certificate, then its issuer.`,
  );
}

/** Whatever else this OpenSSL has against it would otherwise be found by each worker. */
function opensslFault({ cert }: KeyPair, files: PairFiles): Refusal | null {
  try {
    // With a `ca`, because node would load all public roots for one without. The key is known to fit,
    // and takes longest.
    createSecureContext({ cert: Buffer.from(cert), ca: Buffer.from(cert) });
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      code === "ERR_SSL_CA_MD_TOO_WEAK" || code === "ERR_SSL_EE_KEY_TOO_SMALL"
        ? "Its signature or its key is too weak; have it issued anew."
        : "Have it issued anew, or use a newer Node.";
    return reject(
      `OpenSSL does not take the certificate in ${named(files.cert)}: ${message}`,
      hint,
    );
  }
}
