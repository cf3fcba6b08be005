// What two sides have agreed on in a handshake: it outlives OpenSSL's object, for the log line that is
// written when the connection has gone. Those who have agreed on the same share one.
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

export interface Agreed {
  /** `TLSv1.3`. */
  readonly version: string;
  /** `TLS_AES_256_GCM_SHA384`, as OpenSSL names it. */
  readonly cipher: string;
  /** A session before it was gone on with. */
  readonly resumed: boolean;
  /** Of the peer's certificate, as RFC 2253 writes names; empty: it has shown none. */
  readonly subject: string;
}

/** What is the same for all that have agreed on it: a few dozen at most. */
interface Known {
  readonly version: number;
  /** OpenSSL's pointer: its ciphers never move. */
  readonly cipher: number;
  readonly agreed: Agreed;
}
const allKnown: Known[] = [];

/** `certified`: the peer may have been asked for a certificate whose subject is wanted. */
export function agreedOf(ssl: number, certified: boolean): Agreed {
  const version = sslVersion(ssl);
  const cipher = sslGetCurrentCipher(ssl);
  const resumed = sslSessionReused(ssl) === 1;
  const agreed = knownOf(version, cipher, resumed);
  const subject = certified ? subjectOf(ssl) : "";
  return subject === "" ? agreed : { ...agreed, subject };
}

function knownOf(version: number, cipher: number, resumed: boolean): Agreed {
  for (const known of allKnown) {
    const same = known.version === version && known.cipher === cipher;
    if (same && known.agreed.resumed === resumed) return known.agreed;
  }
  const agreed: Agreed = {
    version: versions.get(version) ?? "",
    cipher: cipher === 0 ? "" : (cipherGetName(cipher) ?? ""),
    resumed,
    subject: "",
  };
  allKnown.push({ version, cipher, agreed });
  return agreed;
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
