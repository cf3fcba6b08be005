// From PEM to OpenSSL's objects. What is read here has been read before by the control plane, which knows
// better words for what is wrong; so here OpenSSL's own reason is enough. Throws TlsError.
import { bioFree, bioOverBytes } from "../sys/openssl/bio.ts";
import { errorClear, takeError } from "../sys/openssl/error.ts";
import {
  certificateFree,
  crlFree,
  readCrl,
  readPlainCertificate,
  readPrivateKey,
  storeAddCertificate,
  storeAddCrl,
  storeNew,
} from "../sys/openssl/x509.ts";

/** OpenSSL refuses what it has been given; the message ends a sentence. */
export class TlsError extends Error {
  constructor(what: string) {
    const reason = takeError();
    super(reason === "" ? what : `${what}: ${reason}`);
    this.name = "TlsError";
  }
}

/** All certificates in `pem`, in its order; the caller frees each. */
export function certificatesOf(pem: Uint8Array): number[] {
  const all = readAll(pem, (bio) => readPlainCertificate(bio, 0, 0, 0));
  if (all.length === 0) throw new TlsError("there is no certificate");
  return all;
}

/** A private key, which the caller frees. */
export function keyOf(pem: Uint8Array, passphrase: string): number {
  const bio = bioOverBytes(pem, pem.length);
  const key = readPrivateKey(bio, 0, 0, passphrase);
  bioFree(bio);
  if (key === 0) throw new TlsError("the key cannot be read");
  return key;
}

/** A store of those who may sign, and of what they have revoked; the caller frees it. */
export function storeOf(ca: Uint8Array, crl: Uint8Array | null): number {
  const store = storeNew();
  for (const certificate of certificatesOf(ca)) {
    storeAddCertificate(store, certificate);
    certificateFree(certificate);
  }
  if (crl !== null) {
    for (const list of readAll(crl, (bio) => readCrl(bio, 0, 0, 0))) {
      storeAddCrl(store, list);
      crlFree(list);
    }
  }
  errorClear();
  return store;
}

/** What `read` finds, until it finds no more. `pem` stays in use while it reads, and no longer. */
function readAll(pem: Uint8Array, read: (bio: number) => number): number[] {
  const found: number[] = [];
  const bio = bioOverBytes(pem, pem.length);
  for (let object = read(bio); object !== 0; object = read(bio)) found.push(object);
  bioFree(bio);
  // The last one that was not there is no failure.
  errorClear();
  return found;
}
