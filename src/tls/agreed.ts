// What two sides have agreed on in a handshake, kept as numbers: it outlives OpenSSL's object, for the
// log line that is written when the connection has gone.
import { bioFree, bioMemory, bioNew, bioPending, bioReadBytes } from "../sys/openssl/bio.ts";
import {
  cipherGetName,
  sslGet1PeerCertificate,
  sslGetCurrentCipher,
  sslSessionReused,
  sslVersion,
} from "../sys/openssl/session.ts";
import {
  certificateFree,
  certificateSubject,
  printName,
  XN_FLAG_RFC2253,
} from "../sys/openssl/x509.ts";

/** By what SSL_version gives. */
const versions = new Map([
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

/** By OpenSSL's pointer: its ciphers never move. */
const cipherNames = new Map<number, string>();

export class Agreed {
  readonly #version: number;
  readonly #cipher: number;
  /** A session before it was gone on with. */
  readonly resumed: boolean;
  /** Of the peer's certificate, as RFC 2253 writes names; empty: it has shown none. */
  readonly subject: string;

  /** `certified`: the peer may have been asked for a certificate whose subject is wanted. */
  constructor(ssl: number, certified: boolean) {
    this.#version = sslVersion(ssl);
    this.#cipher = sslGetCurrentCipher(ssl);
    this.resumed = sslSessionReused(ssl) === 1;
    this.subject = certified ? subjectOf(ssl) : "";
  }

  /** `TLSv1.3`. */
  get version(): string {
    return versions.get(this.#version) ?? "";
  }

  /** `TLS_AES_256_GCM_SHA384`, as OpenSSL names it. */
  get cipher(): string {
    let name = cipherNames.get(this.#cipher);
    if (name === undefined) {
      name = this.#cipher === 0 ? "" : (cipherGetName(this.#cipher) ?? "");
      cipherNames.set(this.#cipher, name);
    }
    return name;
  }
}

function subjectOf(ssl: number): string {
  const certificate = sslGet1PeerCertificate(ssl);
  if (certificate === 0) return "";
  const bio = bioNew(bioMemory());
  printName(bio, certificateSubject(certificate), 0, XN_FLAG_RFC2253);
  const text = Buffer.alloc(Math.max(0, bioPending(bio)));
  if (text.length > 0) bioReadBytes(bio, text, text.length);
  bioFree(bio);
  certificateFree(certificate);
  return text.toString("utf8");
}
